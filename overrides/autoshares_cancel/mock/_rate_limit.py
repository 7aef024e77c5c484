"""The limit of requests about orders: so many in any second on the exchange's clock."""

from __future__ import annotations

from collections import deque

from attrs import define, field

WINDOW_SECONDS = 1


@define
class RateLimit:
    """The times of the requests that were let through in the last second."""

    _passed: deque[float] = field(factory=deque[float], init=False)

    def refuses(self, now: float, most: int | None) -> bool:
        """Count a request, or refuse it if there were `most` in the last second; None refuses none.

        A refused request does not count.
        """
        if most is None:
            return False
        # The exchange can be reset behind the server's back; then times lie in the future.
        while self._passed and not 0 <= now - self._passed[0] < WINDOW_SECONDS:
            self._passed.popleft()
        if len(self._passed) >= most:
            return True
        self._passed.append(now)
        return False

    def clear(self) -> None:
        """Forget every request."""
        self._passed.clear()
