"""Runs other programs: their output goes to a log file, and a failure is reported in one line."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from releasing.steps import Stopped

_NOT_INHERITED: Final = (
    *("AUTOSHARES_", "BASE_URL", "CONTRACT_", "PYTEST_"),  # they select another server or other tests
    *("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH", "SOURCE_DATE_EPOCH"),
)
"""Prefixes of variables that would change the behaviour of the commands, or the bytes of an archive."""
_GRACE_SECONDS: Final = 20
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_FINDING: Final = re.compile(r"^(FAILED|ERROR) |\berror: |^[A-Z]{1,4}\d{3,4} |\bBROKEN\b|^Would reformat: ")
_LONGEST: Final = 200


class Run(Protocol):
    """Runs a command to its end and returns what it printed. Raises Stopped if it fails."""

    def __call__(self, name: str, command: Sequence[str | Path], *, cwd: Path, **variables: str) -> str:
        """Run a command in a folder; `name` is its name in messages."""
        ...


def run_logged(logs: Path) -> Run:
    """Make a Run that logs the output of each command to a file of its own."""

    def run(name: str, command: Sequence[str | Path], *, cwd: Path, **variables: str) -> str:
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{name}.log"
        code = _run_to_the_end([str(word) for word in command], cwd, log, variables)
        printed = log.read_text(encoding="utf-8", errors="replace")
        if code:
            raise Stopped(f"{name} failed with exit code {code}: {_reason(printed)} ({os.path.relpath(log)})")
        return printed

    return run


def _run_to_the_end(command: list[str], cwd: Path, log: Path, variables: Mapping[str, str]) -> int:
    """Run in a session of its own, so that a signal ends the command and its children before the tree is restored."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=cwd,
            env={**inherited, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            return process.wait()
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _reason(printed: str) -> str:
    """Return the first line that is a finding of a tool; else the last line, without make's own messages."""
    lines = [_COLOURS.sub("", line).strip() for line in printed.splitlines()]
    telling = [line for line in lines if line and not re.match(r"make(\[\d+\])?: ", line)]
    findings = [line for line in telling if _FINDING.search(line)]
    return (findings[:1] or telling[-1:] or ["it printed nothing"])[0][:_LONGEST]
