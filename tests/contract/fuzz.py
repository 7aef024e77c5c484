"""Search for new counterexamples: `make fuzz SECONDS=60`, and `make fuzz SEED=…` to repeat a run.

1. Round follows round until the time is up. The first has the printed seed, each later one the next higher, so that a
   round can be repeated alone.
2. A round runs the tests marked `fuzz` with Hypothesis's profile `explore`, and then Schemathesis against a fresh
   mock.
3. The run ends after the first round that finds a counterexample.
4. Its seed is stored in .cache/fuzz, and the next run without a seed begins with it. Hypothesis's own database is not
   used when a seed is given.

Exit code 0: nothing was found. 1: a counterexample was found. 2: a run could not begin or end.
"""

import argparse
import itertools
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from autoshares_cancel.mock import MockServer

ROOT = Path(__file__).parents[2]
MEMORY = ROOT / ".cache" / "fuzz"
SCHEMATHESIS_SECONDS = 10
START_SECONDS = 5
"""The time that Schemathesis needs to start on a slow machine."""
SHORTEN_SECONDS = 30
GRACE_SECONDS = 10
"""The time that a process may take to end after a signal."""

MOST_ROUNDS = 10**6
DETERMINISTIC = "deterministic = true"
AIMS = ("AUTOSHARES_", "CONTRACT_", "BASE_URL")

Explorer = Callable[[int, float], str | None]
"""Explores with a seed for about the given seconds; returns the counterexample, or None if time ran out."""


class BrokenError(Exception):
    """A run that should explore failed."""


def explore(explorers: dict[str, Explorer], *, seed: int, seconds: float, clock: Callable[[], float]) -> int:
    """Run the explorers in turn until the time is up or one finds something; return the exit code."""
    begun = clock()
    print(f"make fuzz: {seconds:g} s from seed {seed}; to replay: {replay(seed, seconds)}", flush=True)
    for round_seed, name in itertools.product(range(seed, seed + MOST_ROUNDS), explorers):
        left = begun + seconds - clock()
        if left <= 0:
            break
        found = explorers[name](round_seed, left)
        result = {None: "no time to finish", "": "nothing"}.get(found, "FOUND")
        print(f"{clock() - begun:6.1f} s  seed {round_seed}  {name}: {result}", flush=True)
        if found:
            remembered().parent.mkdir(parents=True, exist_ok=True)
            remembered().write_text(str(round_seed), encoding="utf-8")
            print(f"{found}\nmake fuzz: {name} found something. To see it again: {replay(round_seed, seconds)}")
            return 1
    print(f"make fuzz: nothing was found in {clock() - begun:.1f} s")
    return 0


def remembered() -> Path:
    """The file with the seed of the last counterexample."""
    return MEMORY / "seed"


def first_seed() -> int:
    """Return the first seed if none is given: that of the last counterexample, or a random one."""
    try:
        return int(remembered().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return secrets.randbelow(10**9)


def replay(seed: int, seconds: float) -> str:
    """Return the command that begins with this seed."""
    return f"make fuzz SECONDS={seconds:g} SEED={seed}"


def hypothesis(folder: str, seed: int, seconds: float) -> str | None:
    """Run the tests that are marked, each with the examples of this seed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "fuzz", f"--hypothesis-seed={seed}", folder]
    code, output = run([*command, "--hypothesis-profile=explore"], {}, seconds)
    if code is None:
        return None
    if code == 1:
        # Shrinking comes second, so that the counterexample is not lost if shrinking takes too long.
        again, smaller = run([*command, "--hypothesis-profile=shorten"], {}, SHORTEN_SECONDS)
        output = smaller if again == 1 else output
    return verdict(code, output)


def schemathesis(seed: int, seconds: float) -> str | None:
    """Run Schemathesis as the suite does, but at random, and with its fuzzing phase only."""
    own = min(SCHEMATHESIS_SECONDS, int(seconds - START_SECONDS))
    if own < 1:
        return None
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(own_configuration()), "run"]
    command += ["openapi/autoshares.yaml", "--phases=fuzzing", f"--max-time={own}", f"--seed={seed}"]
    command += [f"--generation-database={MEMORY / 'schemathesis'}"]
    with MockServer() as server:
        token = server.exchange.log_in("trader", "correct-horse").token or ""
        variables = {"CONTRACT_APP_KEY": "demo-app-key", "CONTRACT_TOKEN": token, "CONTRACT_URL": server.base_url}
        code, output = run([*command, f"--url={server.base_url}"], variables, seconds + GRACE_SECONDS)
    return verdict(code, output)


def own_configuration() -> Path:
    """Write a copy of the suite's configuration that is not deterministic."""
    text = (ROOT / "overrides/autoshares_cancel/contract/server/schemathesis.toml").read_text(encoding="utf-8")
    if text.count(DETERMINISTIC) != 1:
        raise BrokenError(f"schemathesis.toml has no line {DETERMINISTIC!r}")
    MEMORY.mkdir(parents=True, exist_ok=True)
    path = MEMORY / "schemathesis.toml"
    path.write_text(text.replace(DETERMINISTIC, "deterministic = false"), encoding="utf-8")
    return path


def verdict(code: int | None, output: str) -> str:
    """Return the counterexample as text, empty if there is none; raise BrokenError if the run failed."""
    if code not in {0, 1}:
        raise BrokenError(f"{output}\nit ended with {'no exit code' if code is None else f'exit code {code}'}")
    return output if code else ""


def run(command: list[str], variables: dict[str, str], seconds: float) -> tuple[int | None, str]:
    """Run a command for at most `seconds`; return its exit code, None if it was stopped, and its output."""
    # No variable may name another server, because exploring cancels orders.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(AIMS)} | variables
    paths = [str(ROOT / "tests"), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None, stopped(process)
        return process.returncode, output


def stopped(process: subprocess.Popen[str]) -> str:
    """Stop the process with SIGINT, or with SIGKILL if it does not end; return its output."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=GRACE_SECONDS)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]


def whole_number(least: int) -> Callable[[str], int]:
    """Read a whole number that is not less than `least`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be a whole number, at least {least}, not {text!r}")
        return int(text)

    return read


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments, and explore."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Search for new counterexamples.")
    parser.add_argument("--seconds", type=whole_number(1), default=60, help="how long to search")
    parser.add_argument("--seed", type=whole_number(0), default=None, help="the first seed; random by default")
    parser.add_argument("--tests", default="tests/contract", help="the folder of the tests marked fuzz")
    given = parser.parse_args(arguments)
    seed = first_seed() if given.seed is None else given.seed
    explorers: dict[str, Explorer] = {"Hypothesis": partial(hypothesis, given.tests), "Schemathesis": schemathesis}
    try:
        code = explore(explorers, seed=seed, seconds=given.seconds, clock=time.monotonic)
    except BrokenError as problem:
        print(f"make fuzz: the search failed:\n{problem}", file=sys.stderr)
        return 2
    if code == 0 and given.seed is None:
        remembered().unlink(missing_ok=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
