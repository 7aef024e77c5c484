"""The rate limit of requests about orders: a number of them in any second on the exchange's clock."""

from __future__ import annotations

from collections import deque

from attrs import define, field

WINDOW_SECONDS = 1


@define
class RateLimit:
    """Counts the requests that were answered in the last second."""

    _passed: deque[float] = field(factory=deque[float], init=False)

    def refuses(self, now: float, most: int | None) -> bool:
        """Tell whether a request is refused, because there were `most` in the last second. None refuses no request.

        A refused request does not count.
        """
        if most is None:
            return False
        # A test may reset the exchange directly; then the recorded times lie in the future.
        while self._passed and not 0 <= now - self._passed[0] < WINDOW_SECONDS:
            self._passed.popleft()
        if len(self._passed) >= most:
            return True
        self._passed.append(now)
        return False

    def clear(self) -> None:
        """Forget every request."""
        self._passed.clear()
