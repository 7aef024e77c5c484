"""Single measurements of a peer, an import or a command, each in its own process."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bench.figures import CALLS, MEGABYTES, MICROSECONDS, MILLISECONDS, SECONDS, AbsentError, Figures, WrongError
from bench.peer_environment import ROOT, STOCK, python, python_or_own, stock, without_proxies
from bench.servers import Server

TIME_LIMIT = 900
PEER_PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(STOCK)])}
OUR_PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT / "generated"), str(ROOT / "overrides")])}
IMPORT = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
MISSING = "ModuleNotFoundError: No module named "
OUR_OWN = "autoshares_cancel"


def peer(
    name: str, server: Server, *, count: int, in_flight: int = 1, settings: Mapping[str, str] | None = None
) -> Figures:
    """Let a peer make its calls; every reply must be good."""
    if name.startswith("stock"):
        stock()
    command = [str(python_or_own()), "-m", f"bench.peers.{name}", server.base_url, str(count), str(in_flight)]
    return judged(output_of(*command, settings={**PEER_PATHS, **server.settings, **(settings or {})}), count)


def command_of(*command: str, settings: Mapping[str, str]) -> Figures:
    """Run a command, which must succeed; return the seconds of its whole process."""
    started = time.perf_counter()
    output_of(*command, settings={**PEER_PATHS, **settings})
    return {SECONDS: time.perf_counter() - started}


def judged(line: str, count: int) -> Figures:
    """Parse the output of a peer. Raises WrongError unless it made all calls and all were good."""
    try:
        reply = json.loads(line)
        made, good, seconds, peak = (reply[name] for name in ("count", "good", "seconds", "peak_mb"))
    except (ValueError, KeyError, TypeError) as problem:
        raise WrongError(f"printed {line!r} in place of figures") from problem
    if made != count or good != count:
        raise WrongError(f"of {count} calls {made} came out, {good} of them as they had to")
    if seconds <= 0:
        raise WrongError(f"took {seconds} s")
    return {CALLS: count / seconds, MICROSECONDS: seconds / count * 1e6, MEGABYTES: peak, SECONDS: seconds}


def import_of(statement: str, interpreter: Path) -> Figures:
    """Run an import in a fresh interpreter; returns the milliseconds beyond those of bare Python."""
    compiled(statement, interpreter)
    return {MILLISECONDS: seconds_of(statement, interpreter) * 1000}


@cache
def compiled(statement: str, interpreter: Path) -> None:
    """Run a statement once before it is measured, so that its modules are compiled."""
    seconds_of(statement, interpreter)


def seconds_of(statement: str, interpreter: Path) -> float:
    """Run a statement in a fresh interpreter; returns its seconds."""
    return float(output_of(str(interpreter), "-c", IMPORT.format(statement), settings=OUR_PATHS))


def generation(*command: str, into: str, wanted: str) -> Figures:
    """Run a generator. `into` is its option for the folder, `wanted` a file that it must write."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        output_of(*command, into, folder + "/package")
        seconds = time.perf_counter() - started
        if not list(Path(folder).rglob(wanted)):
            raise WrongError(f"wrote no {wanted}")
    return {SECONDS: seconds}


def peers_command(name: str) -> str:
    """The path of a command that a Python peer installs."""
    return str(python().with_name(name))


def output_of(*command: str, settings: Mapping[str, str] | None = None) -> str:
    """Run a command; returns the last line of its output."""
    environment = without_proxies() | dict(settings or {})
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT, check=False, cwd=ROOT
        )
    except subprocess.TimeoutExpired as problem:
        raise WrongError(f"not done in {TIME_LIMIT} s") from problem
    if done.returncode:
        raise complaint(done.stderr, done.returncode)
    return (done.stdout.strip().splitlines() or [""])[-1]


def complaint(stderr: str, code: int) -> AbsentError | WrongError:
    """The error of a failed run: AbsentError for a missing library, unless it is this package; else WrongError."""
    last = (stderr.strip().splitlines() or ["no output"])[-1]
    if last.startswith(MISSING) and not last.removeprefix(MISSING).startswith(f"'{OUR_OWN}"):
        return AbsentError(f"{last.removeprefix(MISSING)} is not installed")
    return WrongError(f"ended with {code}: {last}")
