"""One deadline for a whole call: token, attempts and waiting (law 7)."""

from collections.abc import Callable

from attrs import frozen

Clock = Callable[[], float]
"""Seconds that never go backwards, like time.monotonic."""


@frozen(eq=False)
class Deadline:
    """A moment on a clock. Everything that a call waits for is bounded by it."""

    at: float
    clock: Clock

    @classmethod
    def after(cls, seconds: float, clock: Clock) -> "Deadline":
        """The deadline that lies so many seconds ahead."""
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """Seconds that are left, never less than 0."""
        return max(0.0, self.at - self.clock())

    def shortened(self, seconds: float | None) -> float:
        """That many seconds, or what is left if that is less."""
        return self.remaining() if seconds is None else min(seconds, self.remaining())
