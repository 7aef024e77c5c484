"""What the sockets tell of one attempt: whether the request left, and how long they may wait.

1. httpx bounds each single read, so that a server which sends one byte a second can hold a call for ever. Here every
   operation is bounded by what is left of the call's deadline.
2. Only the socket knows whether a request left. A stream that was never written to in this attempt is the proof that
   NotSent needs (law 4). A CONNECT to a proxy is no order, and does not count.

The attempt under way is found in TRANSMISSION, a context variable: one thread or task makes one attempt at a time.
"""

from contextvars import ContextVar

from attrs import define, field

from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.secret import Secret


@define(eq=False)
class Transmission:
    """One attempt, as its sockets tell it."""

    deadline: Deadline
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    """What must not get into anybody's log while it lasts."""
    may_have_left: bool = False

    def writes(self, data: bytes) -> None:
        """Told just before bytes are handed to the operating system."""
        if data and not data.startswith(b"CONNECT "):
            self.may_have_left = True

    def limit(self, timeout: float | None, error: type[Exception]) -> float:
        """How long the next operation may take; raises the error when nothing is left."""
        seconds = self.deadline.shortened(timeout)
        if seconds <= 0:
            raise error("the deadline is over")
        return seconds


TRANSMISSION: ContextVar[Transmission] = ContextVar("autoshares_cancel_watch")
