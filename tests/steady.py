"""Run the suite again and again beside busy loops, to find tests that depend on timing or order: `make steady`.

The runs have four workers; then follow one with a single worker and one in random order, whose seed is printed. The
output of a red run is kept below .cache/steady/. Exit code 0 if every run was green.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOGS = ROOT / ".cache" / "steady"
BUSY = "while True: pass"
TIMEOUT_SECONDS = 3_600
WORKERS = ("-n", "4", "--dist", "worksteal")
"""As many workers as loops, so that tests also compete with each other, and still get half of the machine."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything, and print a line for each run, with its time and its failed tests."""
    parser = argparse.ArgumentParser(prog="make steady", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="runs with four workers (10)")
    parser.add_argument("--loops", type=int, default=4, help="busy loops beside them (4)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the random order")
    options = parser.parse_args(arguments)
    runs: dict[str, tuple[str, ...]] = {f"run {nth} of {options.runs}": WORKERS for nth in range(1, options.runs + 1)}
    runs["one worker"] = ("-n", "1")
    runs[f"random order, seed {options.seed}"] = (
        *WORKERS,
        "--random-order-bucket=module",
        f"--random-order-seed={options.seed}",
    )
    LOGS.mkdir(parents=True, exist_ok=True)
    with busy(options.loops):
        red = [name for name, words in runs.items() if not is_green(name, words)]
    print(f"{len(runs) - len(red)} of {len(runs)} runs were green beside {options.loops} busy loops")
    return 1 if red else 0


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Run `count` busy processes until the end of the block."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def is_green(name: str, words: Sequence[str]) -> bool:
    """Run the suite once, print its result, and return whether it was green."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", *words]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    lines = ended.stdout.splitlines() or ["nothing was printed"]
    print(f"{name}: {lines[-1].strip('= ')}, {time.monotonic() - began:.0f} s in all", flush=True)
    if ended.returncode == 0:
        return True
    log = LOGS / f"{name.replace(' ', '-')}.log"
    log.write_text(ended.stdout + ended.stderr, encoding="utf-8")
    print(*(f"  {line}" for line in lines if line.startswith(("FAILED", "ERROR"))), sep="\n")
    print(f"  all of it: {log.relative_to(ROOT)}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
