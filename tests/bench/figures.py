"""The figures and their comparison, as pure functions that can be tested without a server.

1. A contest has entrants that are measured in turn, A B A B, round by round. A measurement is a set of named figures.
2. A pair is two entrants of a contest, one of their figures, and a target. The ratio is ours divided by the
   peer's, whatever the figure: more is better for calls in a second, less for seconds.
3. If both were measured in each round, each round has a ratio, and their median is shown: what slows the
   whole machine for a while slows both. Otherwise the medians are compared.
4. An entrant that could not be measured has a reason in place of figures; its row is never left out.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Literal

from attrs import Factory, define, frozen

Figures = Mapping[str, float]
CALLS, MICROSECONDS, MEGABYTES, SECONDS, MILLISECONDS = "calls/s", "µs/order", "MB", "s", "ms"
MORE_IS_BETTER = {CALLS}
By = Literal["ratio", "difference"]


class AbsentError(Exception):
    """An entrant is not installed and cannot be installed; the text is the reason."""


class WrongError(Exception):
    """An entrant crashed, or its replies were wrong."""


@frozen
class Target:
    """The target of a ratio or a difference."""

    sign: Literal["≥", "≤"]
    bound: float

    def is_met_by(self, value: float) -> bool:
        return value >= self.bound if self.sign == "≥" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


@frozen(kw_only=True)
class Pair:
    """Two entrants to compare."""

    ours: str
    peer: str
    figure: str
    target: Target | None = None
    by: By = "ratio"


@define
class Result:
    """The result of a contest: figures by entrant, one mapping per round."""

    title: str
    measured: dict[str, list[Figures]] = Factory(dict[str, list[Figures]])
    absent: dict[str, str] = Factory(dict[str, str])
    wrong: dict[str, str] = Factory(dict[str, str])

    def lose(self, entrant: str, error: AbsentError | WrongError) -> None:
        """Exclude an entrant: after one wrong reply none of its figures is reliable."""
        self.measured.pop(entrant, None)
        (self.absent if isinstance(error, AbsentError) else self.wrong)[entrant] = str(error)

    def is_lost(self, entrant: str) -> bool:
        return entrant in self.absent or entrant in self.wrong

    def reason(self, entrant: str) -> str | None:
        """Why an entrant has no figures; None if it has some."""
        if entrant in self.measured:
            return None
        if entrant in self.wrong:
            return f"WRONG: {self.wrong[entrant]}"
        return f"not measured: {self.absent.get(entrant, 'no round was run')}"

    def values(self, entrant: str, figure: str) -> list[float]:
        return [figures[figure] for figures in self.measured[entrant]]


@frozen(kw_only=True)
class Middle:
    """The median, and the largest deviation from it as a fraction."""

    median: float
    spread: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Middle":
        middle = median(values)
        farthest = max(abs(value - middle) for value in values)
        return cls(median=middle, spread=farthest / middle if middle else 0.0)


@frozen(kw_only=True)
class Row:
    """One line of the table; without figures it has a `reason`."""

    contest: str
    pair: Pair
    reason: str | None = None
    ours: Middle | None = None
    peer: Middle | None = None
    value: float | None = None
    lowest: float | None = None
    highest: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without a target or figures."""
        if self.pair.target is None or self.value is None:
            return None
        return self.pair.target.is_met_by(self.value)

    @property
    def times_as_good(self) -> float | None:
        """The ratio, inverted if needed so that more is better; None for differences and without figures."""
        return None if self.value is None else self.turned(self.value)

    def turned(self, ratio: float) -> float | None:
        """Invert a ratio or a bound of this row if needed, so that more is better."""
        if self.pair.by == "difference":
            return None
        return ratio if self.pair.figure in MORE_IS_BETTER else 1 / ratio


def row_of(pair: Pair, result: Result) -> Row:
    """Compare one pair."""
    reasons = [f"{name}: {reason}" for name in (pair.ours, pair.peer) if (reason := result.reason(name))]
    if reasons:
        return Row(contest=result.title, pair=pair, reason="; ".join(reasons))
    ours, peer = result.values(pair.ours, pair.figure), result.values(pair.peer, pair.figure)
    values = compared(ours, peer, pair.by)
    return Row(
        contest=result.title,
        pair=pair,
        ours=Middle.of(ours),
        peer=Middle.of(peer),
        value=median(values),
        lowest=min(values),
        highest=max(values),
    )


def compared(ours: Sequence[float], peer: Sequence[float], by: By) -> list[float]:
    """One value per round, or one value of the medians if the rounds differ."""
    rounds = zip(ours, peer, strict=True) if len(ours) == len(peer) else [(median(ours), median(peer))]
    return [mine / theirs if by == "ratio" else mine - theirs for mine, theirs in rounds]
