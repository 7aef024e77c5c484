"""Copies of the tree, to be spoilt, and what is run in them. The work tree is never touched."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIME_LIMIT = 150
"""Seconds after which a run is given up. That is no verdict: a mutant that only takes long is not noticed."""
_AIMS = ("AUTOSHARES_", "CONTRACT_", "BASE_URL")
_NOTHING_RAN = 5  # pytest's exit code


class RunError(Exception):
    """Something was run to judge a mutant, and gave no verdict."""


def copy_tree(source: Path, folder: Path) -> None:
    """Copy what is needed to test, type-check and generate; mypy's cache comes along, because it takes long to fill."""
    ignored = shutil.ignore_patterns("__pycache__")
    for path in source.glob("[!.]*"):
        shutil.copytree(path, folder / path.name, ignore=ignored) if path.is_dir() else shutil.copy2(path, folder)
    if (source / ".cache" / "mypy").is_dir():
        shutil.copytree(source / ".cache" / "mypy", folder / ".cache" / "mypy")
    if (source / ".venv").is_dir():
        (folder / ".venv").symlink_to((source / ".venv").resolve())  # where pyright's configuration looks


def run(tree: Path, *arguments: str, seconds: float = TIME_LIMIT) -> tuple[int, str]:
    """Run a Python module or script in a copy, on the sources of the copy; exit code and output."""
    paths = os.pathsep.join(str(tree / name) for name in ("generated", "overrides"))
    # Nothing that could aim the contract suite at a server elsewhere.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_AIMS)}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment | {"PYTHONPATH": paths, "CI": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that what it starts can be ended with it
    )
    with process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except BaseException as problem:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(problem, subprocess.TimeoutExpired):
                raise RunError(f"no verdict in {seconds} s: {' '.join(arguments)}") from None
            raise
    return process.returncode, output


def first_failure(tree: Path, tests: Sequence[str], options: Sequence[str] = ()) -> str | None:
    """The first test that fails in a copy, or None when all pass."""
    code, output = run(tree, "-m", "pytest", "-x", "-q", *options, *tests)
    if code == 0:
        return None
    if code == _NOTHING_RAN:
        raise RunError(f"no such test: {' '.join([*options, *tests])}")
    named = re.search(r"^(FAILED|ERROR) (.+?)(?: - .*)?$", output, re.MULTILINE)
    if named is None:
        last = (output.strip().splitlines() or ["nothing was said"])[-1]
        return f"pytest ended with {code}: {last}"
    # A test that could not even begin says little, so the report tells it from one that failed.
    return named[2] if named[1] == "FAILED" else f"error at {named[2]}"
