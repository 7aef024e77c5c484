"""Contests: entrants are measured alternately, and one that fails is excluded."""

from collections.abc import Callable, Sequence

from attrs import frozen
from bench.figures import AbsentError, Figures, Pair, Result, Row, WrongError, row_of


@frozen
class Entrant:
    """Something to measure; `measure` raises AbsentError or WrongError if that fails."""

    name: str
    measure: Callable[[], Figures]
    rounds: int | None = None
    """The number of rounds in which it takes part; None for all."""


@frozen(kw_only=True)
class Contest:
    """Entrants that are measured alternately, and the pairs to compare."""

    title: str
    rounds: int
    entrants: Sequence[Entrant]
    pairs: Sequence[Pair]

    def play(self) -> tuple[Result, list[Row]]:
        """Measure all entrants, round by round."""
        result = Result(self.title)
        for number in range(self.rounds):
            for entrant in self.entrants:
                if not result.is_lost(entrant.name) and (entrant.rounds is None or number < entrant.rounds):
                    take(entrant, result)
        return result, [row_of(pair, result) for pair in self.pairs]


def take(entrant: Entrant, result: Result) -> None:
    """Measure one entrant once."""
    try:
        figures = entrant.measure()
    except (AbsentError, WrongError) as error:
        result.lose(entrant.name, error)
    else:
        result.measured.setdefault(entrant.name, []).append(figures)
