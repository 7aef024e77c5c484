"""A run of `make mutants`: the trials that are left, the results so far, and the time that the rest takes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Final

from faults.client_mutants import KIND as CLIENT
from faults.records import Records
from faults.results import Result
from faults.runner import AT_A_TIME, Attempt, tried
from faults.trials import Trial
from faults.verdicts import duration, progress

Say = Callable[[str], None]
AGAIN: Final = "FRESH=1 tries them again"


class Run:
    """The chosen trials: first the sound tree, then the mutants."""

    def __init__(self, trials: Sequence[Trial], records: Records, say: Say) -> None:
        self._trials, self._records, self._say = trials, records, say
        recorded = {trial.key: found for trial in trials if (found := records.results(trial.key)) is not None}
        self._taken = {
            trial.key: recorded[trial.key]
            for trial in trials
            if trial.key in recorded and all(result.is_settled for result in trial.explained(recorded[trial.key]))
        }
        self._found = dict(self._taken)
        self._problems: dict[str, str] = {}
        still = [trial for trial in trials if trial.key not in self._taken]
        # A result of an earlier run may come from a quick run, which does not try the sound tree.
        sound = [need for need in needs_of(trials) if need.is_lasting and records.results(need.key) is None]
        sound += [need for need in needs_of(still) if not need.is_lasting]
        self._sound = {trial.key for trial in sound}
        self._left = {trial.key: trial for trial in (*sound, *still)}
        self._number, self._all = 0, len(self._left)

    def begins(self, everything: Sequence[Trial]) -> Iterator[str]:
        """The lines to print at the start: the number of trials, and an estimate of the time."""
        taken = f", {len(self._taken)} more taken over from earlier runs ({AGAIN})" if self._taken else ""
        yield f"{self._all} to try{taken}"
        rest, complete = self._estimate([*self._left.values()]), self._estimate([*needs_of(everything), *everything])
        if rest is None or complete is None:
            yield "how long that takes can't be estimated yet: of some kind nothing was ever tried here"
        else:
            yield f"estimated from the times of earlier runs: {duration(rest)}; a complete run: {duration(complete)}"

    def tries(self, kinds: Sequence[str], folders: Sequence[Path], prepare: Callable[[Path], object]) -> None:
        """Try the remaining trials of these kinds in new folders: the sound tree, then the mutants that need it.

        Returns when each was tried; KeyboardInterrupt is passed on, and no process is left.
        """
        left = [trial for trial in self._left.values() if trial.kind in kinds]
        folders = folders[: len(left)]
        for folder in folders:
            prepare(folder)
        for attempt in tried([trial for trial in left if trial.key in self._sound], folders):
            self._take(attempt)
        for attempt in tried([trial for trial in left if self._is_judgeable(trial)], folders):
            self._take(attempt)

    def _is_judgeable(self, trial: Trial) -> bool:
        if trial.key in self._left and self._obstacle(trial) is not None:
            del self._left[trial.key]
            self._all -= 1
        return trial.key in self._left

    def _obstacle(self, trial: Trial) -> str | None:
        return next((self._problems[each.key] for each in trial.needs if each.key in self._problems), None)

    def _take(self, attempt: Attempt) -> None:
        trial = attempt.trial
        self._number += 1
        del self._left[trial.key]
        if attempt.problem is None:
            self._found[trial.key] = attempt.results
            self._records.add(trial.key, attempt.results, attempt.seconds)
        else:
            self._problems[trial.key] = attempt.problem
        results = list(self._results_of(trial))
        rest = self._estimate([*self._left.values()])
        counter = f"{self._number}/{self._all}" + (f", about {duration(rest)} left" if rest else "")
        for line in progress(trial.kind, trial.what, results, attempt.seconds):
            self._say(f"[{counter}] {line}")

    def results(self) -> Iterator[Result]:
        """All results so far, of this and earlier runs, in the order of the catalogues."""
        for trial in self._trials:
            yield from self._results_of(trial)

    def _results_of(self, trial: Trial) -> Iterator[Result]:
        problem = self._obstacle(trial) or self._problems.get(trial.key)
        if problem is not None:
            yield Result(kind=trial.kind, what=trial.what, problem=problem, seconds=0.0)
        elif trial.key in self._found:
            yield from trial.explained(self._found[trial.key])

    def ends(self) -> str:
        """A line with the time that the run took."""
        before = self._records.elapsed_before([*self._taken])
        now = self._records.elapsed()
        return duration(now) + (
            f"; with the runs whose results are taken over {duration(now + before)}" if before else ""
        )

    def _estimate(self, trials: Sequence[Trial]) -> float | None:
        """The seconds for these trials, or None if a kind has no times yet; a new trial counts as its kind's mean."""
        known, estimated = self._records.seconds, 0.0
        for kind in {trial.kind for trial in trials}:
            recorded = [seconds for key, seconds in known.items() if key.startswith(f"{kind}: ")]
            if not recorded:
                return None
            usual = fmean(recorded)
            those = [known.get(trial.key, usual) for trial in trials if trial.kind == kind]
            estimated += sum(those) / (1 if kind == CLIENT else AT_A_TIME)
        return estimated


def needs_of(trials: Sequence[Trial]) -> list[Trial]:
    """The trials of the sound tree that the given trials need, each once."""
    return list({need.key: need for trial in trials for need in trial.needs}.values())
