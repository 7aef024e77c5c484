"""What the type checkers find, in callers' code and in ours when the specification changes (law 2)."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import mypy.api
import pytest
from attrs import frozen

from autoshares_openapi.api.orders import cancel_order
from autoshares_openapi.api.tokens import get_token

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TIMEOUT_SECONDS = 120
UNCHANGED = "unchanged"
CALLERS = "callers"
CHECKERS = ("mypy", "pyright")
LEFT_OUT = ("__pycache__", "mock", "_cli.py", "__main__.py")
"""What nobody below imports, and what brings large libraries along."""
TOUCHING = ("_auth.py", "_client.py", "_outcomes.py")
"""The modules that import the generated package; tests/unit/test_exports.py sees to it that there are no others."""


@frozen
class Operation:
    """A generated module, its documented statuses, one that is not documented, and the module that handles them."""

    path: Path
    documented: tuple[int, ...]
    undocumented: int
    handled_in: str


API = Path("generated", "autoshares_openapi", "api")
OPERATIONS = {
    "cancel_order": Operation(API / "orders" / "cancel_order.py", cancel_order.STATUSES, 410, "_outcomes.py"),
    "get_token": Operation(API / "tokens" / "get_token.py", get_token.STATUSES, 403, "_auth.py"),
}


@frozen
class Change:
    """A specification that gains or loses one status of one operation."""

    operation: str
    statuses: tuple[int, ...]
    name: str


def changes() -> Iterator[Change]:
    for name, operation in OPERATIONS.items():
        documented, added = operation.documented, operation.undocumented
        yield Change(name, tuple(sorted((*documented, added))), f"{name}_gains_{added}")
        for removed in documented:
            rest = tuple(status for status in documented if status != removed)
            yield Change(name, rest, f"{name}_loses_{removed}")


CHANGES = {change.name: change for change in changes()}


def changed(source: str, statuses: tuple[int, ...]) -> str:
    """The module of an operation, as it would be generated with these statuses."""
    listed = ", ".join(map(str, statuses))
    media_types = ", ".join(f"{status}: ()" for status in statuses)
    for pattern, replacement in (
        (r"^Status = Literal\[.*?\]$", f"Status = Literal[{listed}]"),
        (r"^(STATUSES: .*? = )\(.*?^\)$", rf"\g<1>({listed},)"),
        (r"^(MEDIA_TYPES: .*? = )\{.*?^\}$", rf"\g<1>{{{media_types}}}"),
    ):
        source, count = re.subn(pattern, replacement, source, flags=re.MULTILINE | re.DOTALL)
        assert count == 1, pattern
    return source


def copy_sources(folder: Path) -> None:
    for name in ("generated/autoshares_openapi", "overrides/autoshares_cancel"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFT_OUT))


def apply(change: Change, folder: Path) -> None:
    path = OPERATIONS[change.operation].path
    source = (ROOT / path).read_text(encoding="utf-8")
    (folder / path).write_text(changed(source, change.statuses), encoding="utf-8")
    # mypy takes a file for unchanged that has the same size and was written in the same second.
    moment = 1 + list(CHANGES).index(change.name)
    os.utime(folder / path, (moment, moment))


def copy_callers(folder: Path) -> None:
    folder.mkdir()
    for path in HERE.glob("good_*.py"):
        shutil.copy(path, folder)
    for path in HERE.glob("bad_*.txt"):
        shutil.copy(path, folder / f"{path.stem}.py")


Report = Mapping[str, set[tuple[int, str]]]
"""What a checker says: for each file, by its path below the workspace, lines and codes."""


def report_of(found: Iterable[tuple[str, int, str]]) -> Report:
    report: dict[str, set[tuple[int, str]]] = {}
    for path, line, code in found:
        report.setdefault(path, set()).add((line, code))
    return report


def run_checker(*command: str, cwd: Path) -> str:
    """Run a checker to its end; exit codes other than 0 and 1 mean that it didn't get that far."""
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return ended.stdout


def run_mypy(workspace: Path) -> Report:
    """Check callers and sources, and then the sources again for each change: one place, so that the cache can help."""
    copy_callers(workspace / CALLERS)
    copy_sources(workspace)
    shutil.copy(ROOT / "pyproject.toml", workspace)

    def found(name: str, *paths: str) -> Iterator[tuple[str, int, str]]:
        # In this process: it is asked a dozen times, and takes longer to start than to answer.
        with contextlib.chdir(workspace):
            said, failed, code = mypy.api.run(["--cache-dir=cache", "--output=json", *paths])
        assert code in (0, 1), said + failed
        for line in said.splitlines():
            error: dict[str, Any] = json.loads(line) if line.strip() else {"severity": "blank"}
            if error["severity"] == "error":
                folder = "" if error["file"].startswith(CALLERS) else f"{name}/"
                yield f"{folder}{error['file']}", error["line"], error["code"]

    errors = list(found(UNCHANGED, CALLERS, "generated", "overrides"))
    for name, change in CHANGES.items():
        apply(change, workspace)
        errors += found(name, "overrides")
        path = OPERATIONS[change.operation].path
        shutil.copy2(ROOT / path, workspace / path)
    return report_of(errors)


def run_pyright(workspace: Path) -> Report:
    """Check callers, sources, and a copy of the sources for each change, in one run."""
    copy_callers(workspace / CALLERS)
    for name in (UNCHANGED, *CHANGES):
        copy_sources(workspace / name)
    for name, change in CHANGES.items():
        apply(change, workspace / name)
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pyright"]
    homes = {CALLERS: UNCHANGED, UNCHANGED: UNCHANGED, **{name: name for name in CHANGES}}
    settings |= {
        "include": [
            CALLERS,
            UNCHANGED,
            *(f"{name}/overrides/autoshares_cancel/{file}" for name in CHANGES for file in TOUCHING),
        ],
        "exclude": [],
        "extraPaths": [],
        "executionEnvironments": [
            {"root": root, "extraPaths": [f"{home}/generated", f"{home}/overrides"]} for root, home in homes.items()
        ],
    }
    del settings["venv"], settings["venvPath"]  # the interpreter is named below
    (workspace / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    options = ("--pythonpath", sys.executable, "--outputjson", "-p", "pyrightconfig.json")
    said = json.loads(run_checker("pyright", *options, cwd=workspace))
    assert said["summary"]["filesAnalyzed"] > len(homes)
    return report_of(
        (
            Path(error["file"]).relative_to(workspace.resolve()).as_posix(),
            error["range"]["start"]["line"] + 1,
            error["rule"],
        )
        for error in said["generalDiagnostics"]
    )


@pytest.fixture(scope="module", params=[run_mypy, run_pyright], ids=CHECKERS)
def checker(request: pytest.FixtureRequest) -> Callable[[Path], Report]:
    """Each checker in turn."""
    chosen: Callable[[Path], Report] = request.param
    return chosen


@pytest.fixture(scope="module")
def report(checker: Callable[[Path], Report], tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What a checker says, with the project's settings, about callers, sources and every change of them.

    It takes seconds, so that the first worker of this run leaves it for the others.
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
    """What is said about the files whose path starts like this."""
    return {path: found for path, found in report.items() if path.startswith(start)}


def test_code_that_is_right_passes(report: Report) -> None:
    """Who uses the public interface as it is meant needs no cast and no ignore."""
    assert len(list(HERE.glob("good_*.py"))) == 2
    assert below(report, f"{CALLERS}/good_") == {}


def test_code_that_is_wrong_is_reported_line_by_line(report: Report, checker: Callable[[Path], Report]) -> None:
    """Each misuse of the public interface is found before it runs, law 9 included, and nothing else is found."""
    side = 0 if checker is run_mypy else 1
    assert report[f"{CALLERS}/bad_callers.py"] == marked(HERE / "bad_callers.txt", side)


def test_the_sources_as_they_are_pass(report: Report) -> None:
    """What is said about a changed specification is said because of the change."""
    assert below(report, UNCHANGED) == {}


@pytest.mark.parametrize("name", CHANGES)
def test_a_status_that_comes_or_goes_is_stopped(name: str, report: Report) -> None:
    """Law 2: a status that is added or removed fails in the module that handles this operation, and only there."""
    handled_in = OPERATIONS[CHANGES[name].operation].handled_in
    assert list(below(report, f"{name}/overrides")) == [f"{name}/overrides/autoshares_cancel/{handled_in}"]
