"""One attempt on the network: the time limit of each operation, and whether the request may have left.

1. A time-out alone bounds one operation: a server that sends one byte a second could hold a call for ever. So the rest
   of the call's deadline bounds every operation, too.
2. Only the connection knows whether a request left. An attempt that wrote no byte of the request is the proof that
   NotSent needs (law 4). A CONNECT to a proxy and a TLS handshake are not the request.
"""

from collections.abc import Callable

from attrs import define

from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._values.deadline import Deadline

Limit = Callable[[], float]
"""Returns the seconds that the next operation may take, above 0. Raises TimeoutError if none are left."""


@define(eq=False)
class Transmission:
    """The limits and the state of one attempt."""

    deadline: Deadline
    timeouts: Timeouts
    may_have_left: bool = False
    """Whether a byte of the request may have been sent."""

    def queueing(self) -> float:
        """The limit of waiting for a free connection."""
        return self._limit(self.timeouts.pool)

    def connecting(self) -> float:
        """The limit of each step that opens a connection."""
        return self._limit(self.timeouts.connect)

    def writing(self) -> float:
        """The limit of writing the request, bytes of which may be sent from now on."""
        seconds = self._limit(self.timeouts.write)
        self.may_have_left = True
        return seconds

    def reading(self) -> float:
        """The limit of waiting for the next bytes of the reply."""
        return self._limit(self.timeouts.read)

    def _limit(self, timeout: float) -> float:
        seconds = min(timeout, self.deadline.remaining())
        if seconds <= 0:
            raise TimeoutError("the deadline is over")
        return seconds
