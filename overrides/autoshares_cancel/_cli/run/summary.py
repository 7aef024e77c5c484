"""What a run has come to so far: counts by exit code, and the last line."""

from collections import Counter
from typing import Final

from attrs import define, field

from autoshares_cancel._cli.report import gravest
from autoshares_cancel._values.deadline import Clock

LABELS: Final = {
    0: "cancelled",
    2: "wrong",
    3: "refused",
    4: "conflict",
    5: "unknown",
    6: "not sent",
    7: "log-in failed",
}
"""Exit codes in words."""
ENOUGH: Final = 1.0
"""Seconds after which a rate says something."""


@define
class RunSummary:
    """Counts what a run has told."""

    clock: Clock
    total: int | None = None
    """How many orders there are at most, if that is known."""
    counts: Counter[int] = field(factory=Counter[int])
    """By exit code, lines that are no orders among them."""
    begun: int = 0
    ended: int = 0
    repeated: int = 0
    would: Counter[str] = field(factory=Counter[str])
    """Of a dry run, how many orders it would do what to."""
    journaled: int = 0
    """Of all that are counted, those that the journal tells."""
    _began_at: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._began_at = self.clock()

    @property
    def done(self) -> int:
        """Lines that nothing more happens to."""
        return self.counts.total() + self.repeated

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return self.clock() - self._began_at

    @property
    def rate(self) -> float:
        """Orders a second that were really tried."""
        return self.ended / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """About so long it takes; None where nobody can say."""
        if self.total is None or self.seconds < ENOUGH or not self.ended:
            return None
        return max(self.total - self.done, 0) / self.rate

    def ends(self) -> None:
        """Count what was begun and never came out: nobody knows."""
        lost, self.ended = self.begun - self.ended, self.begun
        if lost:
            self.counts[5] += lost

    def exit_code(self) -> int:
        """The gravest."""
        return gravest(self.counts)

    def in_words(self) -> str:
        """The gravest outcome and its count, then all others, the most frequent first; empty where there is none."""
        first = self.exit_code()
        rest = [(code, count) for code, count in self.counts.most_common() if code != first]
        said = [(LABELS[code], count) for code, count in [(first, self.counts[first]), *rest] if count]
        if self.repeated:
            said.append(("repeated", self.repeated))
        return "; ".join(f"{label}: {count:,}" for label, count in said)

    def last_line(self) -> str:
        """All that came of it; of a dry run, what would."""
        if self.would:
            wrong = f"; {self.in_words()}" if self.done else ""
            return (
                "; ".join(f"would be {what}: {n:,}" for what, n in self.would.items()) + f"{wrong} (nothing was sent)"
            )
        from_journal = f", {self.journaled:,} of them from the journal" if self.journaled else ""
        orders = "1 order" if self.done == 1 else f"{self.done:,} orders"
        return f"{self.in_words() or 'nothing to cancel'} ({orders} in {self.seconds:,.1f} s{from_journal})"
