"""The folder in which mutmut runs: fill it with sources and judges, run mutmut for one module, and read the results.

1. Everything happens in a copy: the client, the generated package, the unit tests that judge, and what they share.
2. The suite's conftest is replaced by one that records the first failed test.
3. A mutant is noticed if a test failed or the tests ran out of time. Any other end is no verdict.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from difflib import ndiff
from pathlib import Path
from typing import Final

from attrs import frozen
from faults.copies import RunError, execute, failed_test, last_line

PACKAGE: Final = "autoshares_cancel"
WORDS: Final = (r'^\s+_refuse\("', r'^\s+return "must ', r'^\s+problem = "', r'^\s+raise (error|TypeError)\("')
UNNOTICED: Final = {0, 5, 33, 34}
"""mutmut's codes for a mutant with which all tests passed, and for one that no test calls."""
TIMED_OUT: Final = {-24, 24, 36, 152}
"""mutmut's codes for tests that did not end."""
SECONDS: Final = 600
SECONDS_PER_LINE: Final = 10
"""The most seconds that mutmut may take on a busy machine: to begin, and for each line of the module."""

CONFIGURATION: Final = """
[tool.mutmut]
source_paths = ["{package}"]
only_mutate = {modules}
do_not_mutate_patterns = {words}
also_copy = ["autoshares_openapi"]
pytest_add_cli_args = ["-k", "not asyncio and not uvloop and not trio", "-p", "no:cacheprovider"]
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


pytest_collectreport = pytest_runtest_logreport


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    # mutmut collects again in the same process, and pytest would escape the backslashes of kept ids once more.
    for mark in metafunc.definition.iter_markers("parametrize"):
        object.__setattr__(mark._param_ids_from or mark, "_param_ids_generated", None)
"""


@frozen(kw_only=True)
class Mutant:
    """One change. `where` has module, class and function; `becomes` has the changed lines."""

    where: str
    becomes: str
    killed_by: str | None = None
    problem: str | None = None
    seconds: float


def fill(folder: Path, tree: Path, modules: Sequence[str], judges: Sequence[str]) -> None:
    """Copy all files that mutmut needs into an empty folder."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(tree / "overrides" / PACKAGE, folder / PACKAGE, ignore=ignored)
    shutil.copytree(tree / "generated/autoshares_openapi", folder / "autoshares_openapi", ignore=ignored)
    shutil.copytree(tree / "tests/support", folder / "tests/support", ignore=ignored)
    for judge in judges:
        (folder / judge).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree / judge, folder / judge)
    (folder / "tests/conftest.py").write_text(RECORDER, encoding="utf-8")
    # JSON and TOML write a list of plain strings alike.
    paths = json.dumps([f"{PACKAGE}/{module}.py" for module in modules])
    lists = {"modules": paths, "words": json.dumps(WORDS), "judges": json.dumps(judges)}
    configuration = CONFIGURATION.format(package=PACKAGE, **lists)
    (folder / "pyproject.toml").write_text(configuration, encoding="utf-8")


def run_mutmut(folder: Path, module: str) -> None:
    """Try the mutants of one module; RunError when mutmut does not try all of them."""
    # A separate environment: no PYTHONPATH to the work tree, and Hypothesis' profile without randomness.
    environment = {"PATH": os.environ["PATH"], "CI": "true", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    command = [mutmut, "run", "--max-children", "2", f"{PACKAGE}.{module.replace('/', '.')}.*"]
    seconds = SECONDS + SECONDS_PER_LINE * lines_of(folder / PACKAGE / f"{module}.py")
    code, output = execute(command, folder, environment, seconds)
    if code != 0:
        complaint = failed_test(output)
        why = f"without any mutant, this complains: {complaint}" if complaint else last_line(output)
        raise RunError(f"mutmut ended with {code}: {why}")


def mutants_of(folder: Path, module: str) -> Iterator[Mutant]:
    """The result of each mutant of a module after mutmut's run."""
    source = folder / "mutants" / PACKAGE / f"{module}.py"
    meta = json.loads(source.with_suffix(".py.meta").read_text(encoding="utf-8"))
    spans = json.loads(source.with_suffix(".py.spans").read_text(encoding="utf-8"))["spans"]
    lines = source.read_text(encoding="utf-8").splitlines()
    for key, code in meta["exit_code_by_key"].items():
        name = key.rpartition(".")[2]
        function = name.rpartition("__mutmut_")[0]
        sound, mutant = (_text(lines, spans[each], each) for each in (f"{function}__mutmut_orig", name))
        killed_by, problem = verdict(folder / "mutants/tests/noticed" / key, code)
        yield Mutant(
            # mutmut calls a function x_name, and a method xǁClassǁname.
            where=f"{module}.{re.sub('^x[_ǁ]', '', function).replace('ǁ', '.')}",
            becomes=_change(sound, mutant),
            killed_by=killed_by,
            problem=problem,
            seconds=meta["durations_by_key"].get(key, 0.0),
        )


def verdict(record: Path, code: int | None) -> tuple[str | None, str | None]:
    """The test that noticed a mutant, if any; and the reason for a missing verdict."""
    if code in UNNOTICED:
        return None, None
    if record.exists():
        return record.read_text(encoding="utf-8"), None
    if code in TIMED_OUT:
        return f"mutmut's exit code {code}: out of time", None
    return None, f"mutmut's exit code {code}, and no test has failed"


def lines_of(path: Path) -> int:
    """The number of lines of a module."""
    return len(path.read_text(encoding="utf-8").splitlines())


def _text(lines: list[str], span: tuple[int, int], name: str) -> list[str]:
    return [line.replace(name, "").strip() for line in lines[span[0] - 1 : span[1]]]


def _change(sound: list[str], mutant: list[str]) -> str:
    changed = [line for line in ndiff(sound, mutant) if line[0] in "-+"]
    old, new = (" ".join(line[2:] for line in changed if line[0] == sign) for sign in "-+")
    return new or f"without {old}"
