"""Plants mutants into copies of the tree, and sees whether something notices: `make mutants`.

Fails when one that nobody has explained survives, when something complains of the sound tree, and when a mutant fits
the tree no longer. Several are tried at a time, each in a copy of its own.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

from faults.client_mutants import run_client_mutants
from faults.copies import ROOT, RunError, copy_tree
from faults.patches import MisfitError, Patch, planted
from faults.results import Result
from faults.table import progress, table
from faults.trials import TRIALS, Trial, trials_of

CLIENT = "client"
KINDS = (*TRIALS, CLIENT)
AT_A_TIME = min(4, len(os.sched_getaffinity(0)))  # more would make the clocks of tests the judges


def main(arguments: Sequence[str] | None = None, tree: Path = ROOT) -> int:
    """Try the mutants of a tree; a line for each as it is tried, then the table. Exit code 0, 1 or 2 as said above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, action="append", help="only mutants of this kind; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a fixed subset, for CI")
    options = parser.parse_args(arguments)
    kinds: list[str] = options.kind or list(KINDS)
    started = time.monotonic()
    results: list[Result] = []

    def report(result: Result) -> None:
        results.append(result)
        print(progress(result), flush=True)

    try:
        trials = [trial for kind in kinds if kind in TRIALS for trial in trials_of(kind, tree, quick=options.quick)]
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            for result in tried(trials, tree, Path(folder)):
                report(result)
            if CLIENT in kinds:
                (Path(folder) / CLIENT).mkdir()
                run_client_mutants(Path(folder) / CLIENT, report=report, quick=options.quick)
    except (MisfitError, RunError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(*table(results), f"{time.monotonic() - started:.0f} s", sep="\n")
    return 1 if any(result.is_unexplained for result in results) else 0


def tried(trials: Sequence[Trial], tree: Path, folder: Path) -> Iterator[Result]:
    """Try each in one of a few copies of the tree; results in the order in which they come."""
    copies: SimpleQueue[Path] = SimpleQueue()
    for number in range(min(AT_A_TIME, len(trials))):
        (folder / f"copy-{number}").mkdir()
        copy_tree(tree, folder / f"copy-{number}")
        copies.put(folder / f"copy-{number}")
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        for ended in as_completed([pool.submit(attempt, trial, copies) for trial in trials]):
            result = ended.result()
            if result is not None:
                yield result
    finally:
        pool.shutdown(cancel_futures=True)


def attempt(trial: Trial, copies: SimpleQueue[Path]) -> Result | None:
    """Try one mutant in a copy that is free; None for the sound tree, and RunError when something complains of that."""
    copy = copies.get()
    try:
        if trial.patch is None:
            complaint = trial.judge(copy)
            if complaint is not None:
                raise RunError(f"{trial.kind}: without any mutant, this complains: {complaint}")
            return None
        return result_of(trial, trial.patch, copy)
    finally:
        copies.put(copy)


def result_of(trial: Trial, patch: Patch, copy: Path) -> Result:
    """Plant one mutant and judge it."""
    what, killed_by = patch.label, None
    started = time.monotonic()
    with planted(patch, copy):
        try:
            killed_by = trial.judge(copy)
        except RunError as problem:
            what = f"{what} ({problem})"
    seconds = time.monotonic() - started
    return Result(kind=trial.kind, what=what, killed_by=killed_by, reason=patch.reason, seconds=seconds)


if __name__ == "__main__":
    sys.exit(main())
