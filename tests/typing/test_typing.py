"""What type checkers report in callers' code, and in the sources when the specification changes (law 2)."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.changed_specification import AS_THEY_ARE, CHANGED, CHANGES, OPERATIONS, apply

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TIMEOUT_SECONDS = 600
SOURCES = ("generated/autoshares_openapi", "overrides/autoshares_cancel")
CALLERS = "callers"
CHECKERS = ("mypy", "pyright")
LEFT_OUT = ("__pycache__", "mock", "_cli", "__main__.py")
"""Packages that no other package imports, and that need large libraries."""
CHECKED = (CALLERS, CHANGED, *CHANGES)


def fill(workspace: Path) -> None:
    """Copy the callers and the sources into the workspace, and apply every change."""
    copy_callers(workspace / CALLERS)
    for name in SOURCES:
        shutil.copytree(ROOT / name, workspace / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (workspace / CHANGED).mkdir()
    for change in CHANGES.values():
        apply(change, workspace)


def copy_callers(folder: Path) -> None:
    folder.mkdir()
    for path in (*HERE.glob("good_*.py"), *HERE.glob("bad_*.txt")):
        shutil.copy(path, folder / f"{path.stem}.py")


Report = Mapping[str, set[tuple[int, str]]]
"""The errors of a checker: for each file, by its path below the workspace, lines and codes."""


def report_of(found: Iterable[tuple[str, int, str]]) -> Report:
    report: dict[str, set[tuple[int, str]]] = {}
    for path, line, code in found:
        report.setdefault(path, set()).add((line, code))
    return report


def run_checker(*command: str, cwd: Path) -> str:
    """Run a checker to its end; an exit code other than 0 and 1 means that the checker itself failed."""
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return ended.stdout


def run_mypy(workspace: Path) -> Report:
    """Check all files. The mypy cache of the checkout, if there is one, saves most of the work."""
    fill(workspace)
    shutil.copy(ROOT / "pyproject.toml", workspace)
    if (ROOT / ".cache" / "mypy").is_dir():
        shutil.copytree(ROOT / ".cache" / "mypy", workspace / ".cache" / "mypy")
    output = run_checker("mypy", "--output=json", *SOURCES, *CHECKED, cwd=workspace)
    errors: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return report_of((each["file"], each["line"], each["code"]) for each in errors if each["severity"] == "error")


def run_pyright(workspace: Path) -> Report:
    """Check all files but the sources themselves: that takes long without a cache, and `make types` does it."""
    fill(workspace)
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pyright"]
    settings |= {
        "include": CHECKED,
        "exclude": [],
        "extraPaths": ["generated", "overrides"],
        "executionEnvironments": [],
    }
    del settings["venv"], settings["venvPath"]  # the interpreter is named below
    (workspace / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    options = ("--pythonpath", sys.executable, "--outputjson", "-p", "pyrightconfig.json")
    output = json.loads(run_checker("pyright", *options, cwd=workspace))
    assert output["summary"]["filesAnalyzed"] > 2 * len(CHANGES)
    return report_of(
        (
            Path(error["file"]).relative_to(workspace.resolve()).as_posix(),
            error["range"]["start"]["line"] + 1,
            error["rule"],
        )
        for error in output["generalDiagnostics"]
    )


@pytest.fixture(scope="module", params=[run_mypy, pytest.param(run_pyright, marks=pytest.mark.types)], ids=CHECKERS)
def checker(request: pytest.FixtureRequest) -> Callable[[Path], Report]:
    """Each checker in turn."""
    chosen: Callable[[Path], Report] = request.param
    return chosen


@pytest.fixture(scope="module")
def report(checker: Callable[[Path], Report], tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The errors of a checker, with the project's settings, in callers, sources and changed sources.

    The check takes seconds, so the first worker of a parallel run stores its report for the others.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    left = shared / f"{checker.__name__}.json"
    with (shared / f"{checker.__name__}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not left.exists():
            report = checker(tmp_path_factory.mktemp(checker.__name__))
            left.write_text(json.dumps({path: sorted(found) for path, found in report.items()}), encoding="utf-8")
    return {path: set(map(tuple, found)) for path, found in json.loads(left.read_text(encoding="utf-8")).items()}


def marked(path: Path, side: int) -> set[tuple[int, str]]:
    """The lines with a marker, and the codes that the marker names for one checker."""
    found: set[tuple[int, str]] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        marker = re.search(r"# E: (.*)\|(.*)$", line)
        found |= {(number, code) for code in (marker[side + 1].split() if marker else ())}
    return found


def below(report: Report, start: str) -> dict[str, set[tuple[int, str]]]:
    """The errors in the files whose path starts like this."""
    return {path: found for path, found in report.items() if path.startswith(start)}


def test_code_that_is_right_passes(report: Report) -> None:
    """Correct use of the public interface needs no cast and no ignore."""
    assert len(list(HERE.glob("good_*.py"))) == 2
    assert below(report, f"{CALLERS}/good_") == {}


def test_code_that_is_wrong_is_reported_line_by_line(report: Report, checker: Callable[[Path], Report]) -> None:
    """Each misuse of the public interface (law 9) is reported at its line, and nothing else is reported."""
    side = 0 if checker is run_mypy else 1
    assert report[f"{CALLERS}/bad_callers.py"] == marked(HERE / "bad_callers.txt", side)


def test_the_sources_as_they_are_pass(report: Report) -> None:
    """The errors of a changed specification come from the change, and not from the copy."""
    unchanged = (*SOURCES, *(f"{CHANGED}/{name}.py" for name in AS_THEY_ARE), *(f"{name}/" for name in AS_THEY_ARE))
    assert [below(report, path) for path in unchanged] == [{}] * len(unchanged)


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in AS_THEY_ARE])
def test_a_status_that_comes_or_goes_is_stopped(name: str, report: Report) -> None:
    """Law 2: a status that is added or removed fails in the module that handles this operation, and only there."""
    handled_in = OPERATIONS[CHANGES[name].operation].handled_in
    assert list(below(report, f"{name}/")) == [f"{name}/{handled_in}"]
