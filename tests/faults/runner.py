"""Try several mutants at a time, each in its own copy; no process is left after an early end."""

import os
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

from attrs import frozen
from faults.copies import RunError, kill_running
from faults.results import Result
from faults.trials import Trial

AT_A_TIME = min(4, len(os.sched_getaffinity(0)))  # with more, slow tests would run out of time


@frozen(kw_only=True)
class Attempt:
    """One finished trial: its results, or the reason for a missing verdict."""

    trial: Trial
    results: tuple[Result, ...] = ()
    problem: str | None = None
    seconds: float


def tried(trials: Sequence[Trial], folders: Sequence[Path]) -> Generator[Attempt]:
    """Try each trial in a free folder; a trial without a verdict is repeated at the end, alone."""
    again: list[Trial] = []
    with closing(_together(trials, folders)) as attempts:
        for attempt in attempts:
            if attempt.problem is None:
                yield attempt
            else:
                again.append(attempt.trial)
    for trial in again:
        with closing(_together([trial], folders[:1])) as attempts:
            yield from attempts


def _together(trials: Sequence[Trial], folders: Sequence[Path]) -> Generator[Attempt]:
    if not trials:
        return
    free: SimpleQueue[Path] = SimpleQueue()
    for folder in folders:
        free.put(folder)
    pool = ThreadPoolExecutor(len(folders))
    submitted = [pool.submit(_attempt, trial, free) for trial in trials]
    try:
        for ended in as_completed(submitted):
            yield ended.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        while left := [each for each in submitted if not each.done()]:
            kill_running()  # repeatedly: another one may be about to begin
            wait(left, timeout=0.1)


def _attempt(trial: Trial, free: SimpleQueue[Path]) -> Attempt:
    folder = free.get()
    started = time.monotonic()
    try:
        results = tuple(trial.attempt(folder))
        return Attempt(trial=trial, results=results, seconds=time.monotonic() - started)
    except (RunError, OSError) as problem:
        return Attempt(trial=trial, problem=str(problem), seconds=time.monotonic() - started)
    finally:
        free.put(folder)
