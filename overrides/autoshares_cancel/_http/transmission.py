"""One attempt, as its connection sees it: how long each operation may take, and whether the request may have left.

1. A time-out bounds one operation, so that a server which sends one byte a second could hold a call for ever. Here
   every operation is bounded by what is left of the call's deadline, too.
2. Only the connection knows whether a request left. An attempt in which no byte of the request was written is the proof
   that NotSent needs (law 4). A CONNECT to a proxy and a TLS handshake are no request.
"""

from collections.abc import Callable

from attrs import define

from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._values.deadline import Deadline

Limit = Callable[[], float]
"""Seconds that the next operation may take, above 0. Raises TimeoutError where none are left."""


@define(eq=False)
class Transmission:
    """One attempt."""

    deadline: Deadline
    timeouts: Timeouts
    may_have_left: bool = False

    def queueing(self) -> float:
        """Limit of waiting for a free connection."""
        return self._limit(self.timeouts.pool)

    def connecting(self) -> float:
        """Limit of each step that opens a connection."""
        return self._limit(self.timeouts.connect)

    def writing(self) -> float:
        """Limit of writing the request."""
        return self._limit(self.timeouts.write)

    def reading(self) -> float:
        """Limit of waiting for the next bytes of the reply."""
        return self._limit(self.timeouts.read)

    def _limit(self, timeout: float) -> float:
        seconds = self.deadline.shortened(timeout)
        if seconds <= 0:
            raise TimeoutError("the deadline is over")
        return seconds
