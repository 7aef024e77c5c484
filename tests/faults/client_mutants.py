"""Mutants of the client's decisions, made by mutmut one place at a time, and judged by unit tests.

How it is done
1. The judges are those that need no server and no event loop; a mutant meets only those that call its function.
2. A module is tried as a whole: an interrupted run loses at most one module.
3. A survivor is identified by its function and its changed line (see client.toml), never by mutmut's number.

What mutmut does not change, so that tests or planted faults must cover it
- anything outside functions: tables (EXIT_CODES, GRAVITY, ANSWERED), regular expressions, limits, meaning and advice;
- decorated functions, so every property: those of ResponseBuffer, TokenCache.renewable, the credentials' secrets;
- calls of len and isinstance, the middle of f-strings, and what a return, raise or yield names without calling it.

Left out on purpose: lines that hold only text for people (WORDS). No law depends on their spelling, and tests look for
a part of it.
"""

import json
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from attrs import evolve
from faults.copies import RunError
from faults.mutmut_folder import PACKAGE, fill, lines_of, mutants_of, run_mutmut
from faults.results import Result
from faults.trials import FOLDER, Trial

KIND: Final = "client"
EXPLAINED: Final = f"{FOLDER}/client.toml"
MODULES: Final = (
    "_cancel/outcomes",
    "_retry/decision",
    "_auth/credentials",
    "_auth/login",
    "_auth/token_cache",
    "_batch/listing",
    "_batch/pacing",
    "_batch/pauses",
    "_batch/selection",
    "_batch/sweep",
    "_batch/throttle",
    "_cancel/flow",
    "_cancel/notes",
    "_cancel/replies",
    "_cancel/success",
    "_cli/report",
    "_http/connection",
    "_http/parser",
    "_http/pool",
    "_http/response",
    "_http/transmission",
    "_retry/policy",
    "_retry/waits",
    "_validation",
    "_values/deadline",
    "_values/order",
    "_values/order_filter",
    "_values/redaction",
    "_values/secret",
    "_values/spellings",
    "_values/status",
    "_values/text",
    "_values/words",
    "errors",
)
QUICK: Final = ("_retry/decision",)
QUICK_JUDGES: Final = ("tests/unit/_cancel/", "tests/unit/_retry/")
JUDGES: Final = tuple(
    f"tests/unit/{folder}test_{name}.py"
    for folder, names in {
        "": ("as_dict", "call_arguments", "errors", "flags_and_counts", "validation"),
        "_auth/": ("credentials", "log_in_again", "login", "token_cache"),
        "_batch/": (
            "pacing",
            "pauses",
            "selection",
            "sweep",
            "sweep_any",
            "sweep_ends",
            "sweep_filter",
            "sweep_listing",
            "sweep_lives_on",
            "throttle",
            "throttled_steps",
        ),
        "_cancel/": (
            "any_script",
            "confirmation",
            "doubted_success",
            "flow",
            "in_doubt_steps",
            "interrupted",
            "last_reading",
            "outcomes",
            "pages",
            "resolution",
            "retrying",
            "success",
        ),
        "_cli/": ("report",),
        "_http/": ("parser", "plain_replies", "pool", "response", "routes", "transmission"),
        "_retry/": ("decision", "policy"),
        "_values/": (
            "deadline",
            "headers",
            "order",
            "order_filter",
            "order_times",
            "secret",
            "spellings",
            "status",
            "text",
            "words",
        ),
    }.items()
    for name in names
)


def client_trials(tree: Path, *, quick: bool) -> list[Trial]:
    """A trial for each module. Any judge may notice any mutant, so a change of one judge touches all modules.

    The quick trials leave out the sound tree, because CI runs the suite, too.
    """
    modules = QUICK if quick else MODULES
    judges = [judge for judge in JUDGES if judge.startswith(QUICK_JUDGES)] if quick else JUDGES
    reasons = reasons_of((tree / EXPLAINED).read_text(encoding="utf-8"))
    sizes = {module: lines_of(tree / _source(module)) for module in modules}
    smallest = min(modules, key=lambda module: sizes[module])
    sound = Trial(
        kind=KIND,
        what="the sound tree before the client's unit tests",
        key=f"{KIND}: sound",
        is_lasting=False,  # mutmut takes its times in the folder where it then tries the mutants
        attempt=lambda folder: _results(folder, smallest, tree, modules, judges)[:0],
    )
    return [
        Trial(
            kind=KIND,
            what=module,
            key=f"{KIND}: {module}",
            entry=_entry(module, reasons),
            files=(_source(module), *judges),
            size=sizes[module],
            needs=[] if quick else [sound],
            attempt=partial(_results, module=module, tree=tree, modules=modules, judges=judges),
            explained=partial(_explained, reasons=reasons[module]),
        )
        for module in modules
    ]


def client_entries(text: str) -> set[str]:
    """The entries of a client.toml, one for each module."""
    reasons = reasons_of(text)
    return {_entry(module, reasons) for module in MODULES}


def reasons_of(text: str) -> dict[str, dict[str, str]]:
    """For each module the reasons why a mutant is equivalent, by its function and its changed line."""
    reasons: dict[str, dict[str, str]] = {module: {} for module in MODULES}
    for entry in tomllib.loads(text)["survivor"]:
        module = entry["where"].partition(".")[0]
        reasons[module].update({f"{entry['where']}: {becomes}": entry["reason"] for becomes in entry["becomes"]})
    return reasons


def _entry(module: str, reasons: Mapping[str, Mapping[str, str]]) -> str:
    return f"{KIND}: {module}: {json.dumps(reasons[module])}"


def _source(module: str) -> str:
    return f"overrides/{PACKAGE}/{module}.py"


def _results(folder: Path, module: str, tree: Path, modules: Sequence[str], judges: Sequence[str]) -> list[Result]:
    if not any(folder.iterdir()):
        fill(folder, tree, modules, judges)
    try:
        run_mutmut(folder, module)
        return list(_named(folder, module))
    except (RunError, OSError):  # the files of a broken run would mislead the next one
        shutil.rmtree(folder)
        folder.mkdir()
        raise


def _named(folder: Path, module: str) -> Iterator[Result]:
    seen = Counter[str]()
    for mutant in mutants_of(folder, module):
        what = f"{mutant.where}: {mutant.becomes}"
        seen[what] += 1
        if seen[what] > 1:  # more than one line of the function can become this
            what = f"{what} #{seen[what]}"
        yield Result(kind=KIND, what=what, killed_by=mutant.killed_by, problem=mutant.problem, seconds=mutant.seconds)


def _explained(results: Sequence[Result], reasons: Mapping[str, str]) -> list[Result]:
    """Attach the reasons to the survivors; a reason without a survivor is a result, too."""
    given = [evolve(each, reason=reasons.get(each.what) if each.killed_by is None else None) for each in results]
    survivors = {each.what for each in given if each.killed_by is None}
    stale = [f"client.toml explains a mutant that does not survive: {what}" for what in sorted({*reasons} - survivors)]
    return [*given, *(Result(kind=KIND, what=what, seconds=0.0) for what in stale)]
