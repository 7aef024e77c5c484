"""One deadline for a whole call: token, attempts and waits (law 7)."""

from collections.abc import Callable

from attrs import define

Clock = Callable[[], float]
"""Returns seconds that never go backwards, like time.monotonic."""


@define(eq=False)
class Deadline:
    """A moment on a clock, in seconds. It bounds every wait of a call."""

    at: float
    clock: Clock

    @classmethod
    def after(cls, seconds: float, clock: Clock) -> "Deadline":
        """Make a deadline this many seconds from now."""
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """The seconds that are left, at least 0."""
        return max(0.0, self.at - self.clock())

    def shortened(self, seconds: float | None) -> float:
        """The given seconds, or the seconds that are left, whichever is less. None is unlimited."""
        remaining = self.remaining()
        return remaining if seconds is None else min(seconds, remaining)
