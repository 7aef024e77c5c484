"""Copies of the tree for mutants, and the commands that run in them. The work tree is never changed."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIME_LIMIT = 150
"""Seconds after which a run is stopped. A stopped run gives no verdict: slow is not the same as noticed."""
_LEFT_OUT = ("AUTOSHARES_", "CONTRACT_", "BASE_URL", "PYTEST_ADDOPTS")
"""Variables that could lead the contract suite to another server, or give the tests other options."""
# Python knows compiled files by size and second, which a mutant may share with the original.
_GIVEN = {"CI": "true", "PYTHONDONTWRITEBYTECODE": "1"}
_NOTHING_RAN = 5  # pytest's exit code
_MADE = ("build", "dist")
_running: set[subprocess.Popen[str]] = set()


class RunError(Exception):
    """A run that judges a mutant gave no verdict."""


def copy_tree(source: Path, folder: Path) -> None:
    """Copy all files that tests, type checkers and the generator need, and mypy's cache, which is slow to fill."""
    ignored = shutil.ignore_patterns("__pycache__")
    folder.mkdir()
    for path in _sources(source):
        shutil.copytree(path, folder / path.name, ignore=ignored) if path.is_dir() else shutil.copy2(path, folder)
    if (source / ".cache" / "mypy").is_dir():
        shutil.copytree(source / ".cache" / "mypy", folder / ".cache" / "mypy")
    if (source / ".venv").is_dir():
        (folder / ".venv").symlink_to((source / ".venv").resolve())  # where pyright's configuration looks


def fingerprint(tree: Path, *, without: Sequence[str]) -> str:
    """A short digest of the Python version and of all files of a tree, except those in `without`."""
    digest = hashlib.sha256(sys.version.encode())
    files = (path for top in _sources(tree) for path in ([top] if top.is_file() else top.rglob("*")))
    for path in sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts):
        name = path.relative_to(tree).as_posix()
        if name not in without:
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()[:16]


def _sources(tree: Path) -> Iterator[Path]:
    return (path for path in tree.glob("[!.]*") if path.name not in _MADE)


def run(tree: Path, *arguments: str, seconds: float = TIME_LIMIT) -> tuple[int, str]:
    """Run a Python module or script in a copy, on the sources of the copy; return exit code and output."""
    paths = os.pathsep.join(str(tree / name) for name in ("generated", "overrides"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return execute([sys.executable, *arguments], tree, environment | _GIVEN | {"PYTHONPATH": paths}, seconds)


def execute(command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float) -> tuple[int, str]:
    """Run a command; return exit code and output. RunError is raised if it takes too long or was killed."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that its child processes can be ended with it
    )
    _running.add(process)
    with process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except BaseException as problem:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(problem, subprocess.TimeoutExpired):
                raise RunError(f"no verdict in {seconds:.0f} s: {' '.join(command[1:])}") from None
            raise
        finally:
            _running.discard(process)
    if process.returncode == -signal.SIGKILL:  # by a person, or for lack of memory; a mutant never kills its judge
        raise RunError(f"killed: {' '.join(command[1:])}")
    return process.returncode, output


def kill_running() -> None:
    """End all processes that run in any copy."""
    for process in tuple(_running):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def first_failure(tree: Path, tests: Sequence[str], options: Sequence[str] = ()) -> str | None:
    """The first test that fails in a copy, or None when all pass."""
    code, output = run(tree, "-m", "pytest", "-x", "-q", "-m", "", *options, *tests)
    if code == 0:
        return None
    if code == _NOTHING_RAN:
        raise RunError(f"no such test: {' '.join([*options, *tests])}")
    return failed_test(output) or f"pytest ended with {code}: {last_line(output)}"


def failed_test(output: str) -> str | None:
    """The first test that pytest reports as failed."""
    named = re.search(r"^(FAILED|ERROR) (.+?)(?: - .*)?$", output, re.MULTILINE)
    if named is None:
        return None
    # The report shows whether a test failed or could not begin.
    return named[2] if named[1] == "FAILED" else f"error at {named[2]}"


def last_line(output: str) -> str:
    """The last line that is not empty."""
    return (output.strip().splitlines() or ["nothing was printed"])[-1]
