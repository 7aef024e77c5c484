"""Contests: entrants are measured in turn, and one that fails is out."""

from collections.abc import Callable, Sequence

from attrs import frozen
from bench.figures import AbsentError, Figures, Pair, Result, Row, WrongError, row_of


@frozen
class Entrant:
    """Something to be measured; `measure` raises AbsentError or WrongError where it can't be."""

    name: str
    measure: Callable[[], Figures]
    rounds: int | None = None
    """How many rounds it takes part in; all where None."""


@frozen(kw_only=True)
class Contest:
    """Entrants that are measured in turn, and which of them are compared."""

    title: str
    rounds: int
    entrants: Sequence[Entrant]
    pairs: Sequence[Pair]

    def play(self) -> tuple[Result, list[Row]]:
        """Measure in turn, round by round."""
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
