"""The summary of a run: counts by exit code, and the last line. No I/O."""

from collections import Counter
from typing import Final

from attrs import define, field

from autoshares_cancel._cli.exit_codes import LABELS, Exit, gravest
from autoshares_cancel._values.deadline import Clock

CANCELLED: Final = "cancelled"
READ_FIRST: Final = "read first, and cancelled if it still works"
"""What a dry run says would be done with an order."""
ENOUGH: Final = 1.0
"""Seconds before a rate is precise enough to estimate the time left."""


@define
class RunSummary:
    """Counts the outcomes that a run has reported."""

    clock: Clock
    total: int | None = None
    """The most orders that the file can have, if known."""
    counts: Counter[int] = field(factory=Counter[int])
    """Orders and wrong lines, by exit code."""
    begun: int = 0
    """Orders that this run has begun."""
    ended: int = 0
    """Orders that this run has begun and that have an outcome."""
    repeated: int = 0
    """Lines that repeat an order of the file."""
    would: Counter[str] = field(factory=Counter[str])
    """In a dry run, orders by what would be done with them."""
    journaled: int = 0
    """Orders in `counts` whose outcome is from the journal."""
    _began_at: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._began_at = self.clock()

    @property
    def done(self) -> int:
        """Lines that are finished."""
        return self.counts.total() + self.repeated

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return self.clock() - self._began_at

    @property
    def rate(self) -> float:
        """Orders per second, without those that were not tried."""
        return self.ended / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The estimated seconds to the end; None without an estimate."""
        if self.total is None or self.seconds < ENOUGH or not self.ended:
            return None
        return max(self.total - self.done, 0) / self.rate

    def ends(self) -> None:
        """Count orders that were begun and have no outcome as unknown."""
        lost, self.ended = self.begun - self.ended, self.begun
        if lost:
            self.counts[Exit.UNKNOWN] += lost

    def exit_code(self) -> int:
        """The gravest exit code so far."""
        return gravest(self.counts)

    def in_words(self) -> str:
        """The counts in words: the gravest outcome, then the others, the most frequent first. May be empty."""
        first = self.exit_code()
        rest = [(code, count) for code, count in self.counts.most_common() if code != first]
        parts = [(LABELS[code], count) for code, count in [(first, self.counts[first]), *rest] if count]
        if self.repeated:
            parts.append(("repeated", self.repeated))
        return "; ".join(f"{label}: {count:,}" for label, count in parts)

    def last_line(self, nothing: str = "nothing to cancel") -> str:
        """The last line of a run: all counts, `nothing` if there are none, or the counts of a dry run."""
        if self.would:
            wrong = f"; {self.in_words()}" if self.done else ""
            return (
                "; ".join(f"would be {what}: {n:,}" for what, n in self.would.items()) + f"{wrong} (nothing was sent)"
            )
        from_journal = f", {self.journaled:,} of them from the journal" if self.journaled else ""
        orders = "1 order" if self.done == 1 else f"{self.done:,} orders"
        return f"{self.in_words() or nothing} ({orders} in {self.seconds:,.1f} s{from_journal})"
