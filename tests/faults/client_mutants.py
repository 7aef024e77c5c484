"""Lets mutmut change what decides in the client, one place at a time, and sees whether a unit test notices.

How it is done
1. Everything happens in a copy: the modules below, the generated package, and the unit tests that judge.
2. The judges are those that need no server and no event loop; a mutant meets only those that call its function. The
   suite's own conftest stays behind, and one that writes down the first test that failed takes its place.
3. A survivor is found again by its function and the line that it became (see client.toml), never by mutmut's number.

What mutmut does not change, and tests or planted faults must watch
- anything outside functions: tables (EXIT_CODES, GRAVITY, ANSWERED), regular expressions, limits, meaning and advice;
- decorated functions, so every property: those of LastReply, TokenCache.renewable, the credentials' secrets;
- calls of len and isinstance, the middle of f-strings, and what a return, raise or yield names without calling it.

What is left out on purpose: lines that hold nothing but words for a person (WORDS). No law hangs on their spelling, and
that the right one is shown is tested by a part of it.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import ndiff
from pathlib import Path
from typing import Final

from attrs import frozen
from faults.copies import ROOT, RunError
from faults.results import Result
from faults.table import total, verdict

EXPLAINED: Final = Path(__file__).with_name("client.toml")
PACKAGE: Final = "autoshares_cancel"
QUICK: Final = ("_outcomes", "_retry")
SENDING: Final = ("_cancellation", "_order", "_policy", "_sweep")
SAYING: Final = ("_detail", "_report", "_secret", "_words", "errors")
MODULES: Final = (
    *QUICK,
    *SENDING,
    *SAYING,
    "_auth",
    "_credentials",
    "_deadline",
    "_last_reply",
    "_pace",
    "_validation",
    "_watch",
)
CALLS: Final = ("retrying", "resolution", "confirmation", "any_script", "token_cache", "in_doubt_steps", "paced_steps")
SWEEPS: Final = ("sweep_listing", "sweep_ends", "sweep_any")
SCENES: Final = (*CALLS, *SWEEPS)
"""Tests of what several modules decide together."""
PARTS: Final = ("flags_and_counts", "order_times", "pages")
"""Tests of a part of one module."""
ELSEWHERE: Final = ("_last_reply",)
"""Modules without tests of their own: the tests of _watch look at it."""
JUDGES: Final = tuple(
    f"tests/unit/test_{name.lstrip('_')}.py" for name in (*MODULES, *SCENES, *PARTS) if name not in ELSEWHERE
)
WORDS: Final = (r'^\s+_refuse\("', r'^\s+return "must ', r'^\s+problem = "', r'^\s+raise (error|TypeError)\("')
UNNOTICED: Final = {None, 0, 5, 33, 34}
"""mutmut's codes for a mutant that all tests passed with, and for one that no test calls."""

CONFIGURATION: Final = """
[tool.mutmut]
source_paths = ["{package}"]
only_mutate = {modules}
do_not_mutate_patterns = {words}
also_copy = ["autoshares_openapi"]
pytest_add_cli_args = ["-k", "not asyncio and not trio", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {judges}
timeout_constant = 2.0
timeout_multiplier = 5.0
track_dependencies = false
use_git_change_detection = false

[tool.pytest]
strict = true
addopts = ["--import-mode=importlib", "-p", "no:schemathesis"]
filterwarnings = ["error"]
pythonpath = ["tests"]
"""

RECORDER: Final = """
import os
from pathlib import Path

import pytest

NOTICED = Path(__file__).parent / "noticed"
NOTICED.mkdir(exist_ok=True)


def pytest_runtest_logreport(report):
    if report.failed:
        (NOTICED / (os.environ.get("MUTANT_UNDER_TEST") or "nothing")).write_text(report.nodeid, encoding="utf-8")


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    # mutmut collects again in the same process, and pytest would escape the backslashes of kept ids once more.
    for mark in metafunc.definition.iter_markers("parametrize"):
        object.__setattr__(mark._param_ids_from or mark, "_param_ids_generated", None)
"""


@frozen(kw_only=True)
class Mutant:
    """One change. `where` is module, class and function, `becomes` what the changed lines are now."""

    where: str
    becomes: str
    killed_by: str | None
    seconds: float


def run_client_mutants(
    folder: Path, *, report: Callable[[Result], None], quick: bool = False, modules: Sequence[str] = MODULES
) -> None:
    """Report every mutant of these modules, and every entry of client.toml that explains none of them."""
    modules = QUICK if quick else modules
    _fill(folder, modules)
    _run_mutmut(folder)
    reasons = _reasons(modules)
    stale = set(reasons)
    seen = Counter[tuple[str, str]]()
    for mutant in (mutant for module in modules for mutant in _mutants(folder, module)):
        key = (mutant.where, mutant.becomes)
        seen[key] += 1
        if seen[key] > 1:  # more than one line of the function can become this
            key = (mutant.where, f"{mutant.becomes} #{seen[key]}")
        killed_by, seconds = mutant.killed_by, mutant.seconds
        reason = reasons.get(key) if killed_by is None else None
        if reason is not None:
            stale.discard(key)
        report(Result(kind="client", what=": ".join(key), killed_by=killed_by, reason=reason, seconds=seconds))
    for where, becomes in sorted(stale):
        what = f"{where}: client.toml explains a mutant that does not survive: {becomes}"
        report(Result(kind="client", what=what, killed_by=None, seconds=0.0))


def _fill(folder: Path, modules: Sequence[str]) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "overrides" / PACKAGE, folder / PACKAGE, ignore=ignored)
    shutil.copytree(ROOT / "generated/autoshares_openapi", folder / "autoshares_openapi", ignore=ignored)
    (folder / "tests/unit").mkdir(parents=True)
    for judge in JUDGES:
        shutil.copy(ROOT / judge, folder / judge)
    (folder / "tests/conftest.py").write_text(RECORDER, encoding="utf-8")
    # JSON and TOML write a list of plain strings alike.
    paths = json.dumps([f"{PACKAGE}/{module}.py" for module in modules])
    lists = {"modules": paths, "words": json.dumps(WORDS), "judges": json.dumps(JUDGES)}
    configuration = CONFIGURATION.format(package=PACKAGE, **lists)
    (folder / "pyproject.toml").write_text(configuration, encoding="utf-8")


def _run_mutmut(folder: Path) -> None:
    # An environment of its own: no PYTHONPATH that leads to the work tree, and Hypothesis' profile that is not random.
    environment = {"PATH": os.environ["PATH"], "CI": "true", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "2"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if run.returncode != 0:
        raise RunError(f"mutmut did not run:\n{run.stdout[-3000:]}{run.stderr}")


def _mutants(folder: Path, module: str) -> Iterator[Mutant]:
    source = folder / "mutants" / PACKAGE / f"{module}.py"
    meta = json.loads(source.with_suffix(".py.meta").read_text(encoding="utf-8"))
    spans = json.loads(source.with_suffix(".py.spans").read_text(encoding="utf-8"))["spans"]
    lines = source.read_text(encoding="utf-8").splitlines()
    for key, code in meta["exit_code_by_key"].items():
        name = key.rpartition(".")[2]
        function = name.rpartition("__mutmut_")[0]
        sound, mutant = (_text(lines, spans[each], each) for each in (f"{function}__mutmut_orig", name))
        record = folder / "mutants/tests/noticed" / key
        killed_by = record.read_text(encoding="utf-8") if record.exists() else f"mutmut's exit code {code}"
        yield Mutant(
            # mutmut calls a function x_name, and a method xǁClassǁname.
            where=f"{module}.{re.sub('^x[_ǁ]', '', function).replace('ǁ', '.')}",
            becomes=_change(sound, mutant),
            killed_by=None if code in UNNOTICED else killed_by,
            seconds=meta["durations_by_key"].get(key, 0.0),
        )


def _text(lines: list[str], span: tuple[int, int], name: str) -> list[str]:
    return [line.replace(name, "").strip() for line in lines[span[0] - 1 : span[1]]]


def _change(sound: list[str], mutant: list[str]) -> str:
    changed = [line for line in ndiff(sound, mutant) if line[0] in "-+"]
    old, new = (" ".join(line[2:] for line in changed if line[0] == sign) for sign in "-+")
    return new or f"without {old}"


def _reasons(modules: Sequence[str]) -> dict[tuple[str, str], str]:
    """Why nobody could tell a mutant from the original, by its function and what stands there."""
    entries = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["survivor"]
    return {
        (entry["where"], becomes): entry["reason"]
        for entry in entries
        for becomes in entry["becomes"]
        if entry["where"].partition(".")[0] in modules
    }


def main() -> int:
    """Print what is left of each module's mutants. Exit code 1 when one survives that nobody has explained."""
    parser = argparse.ArgumentParser(prog="python -m faults.client_mutants")
    parser.add_argument("--module", choices=MODULES, action="append", help="only this one; may be repeated")
    modules = parser.parse_args().module or MODULES
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        run_client_mutants(Path(folder), report=results.append, modules=modules)
    for result in results:
        if result.killed_by is None:
            print(f"{result.what}\n    {verdict(result)}")
    for module in sorted({result.what.partition(".")[0] for result in results}):
        print(total(module, [result for result in results if result.what.startswith(f"{module}.")]))
    print(total("client", results))
    return 1 if any(result.is_unexplained for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
