"""What the sockets tell of one attempt: whether the request left, how long they may wait, how the last reply ended.

1. httpx bounds each single read, so that a server which sends one byte a second can hold a call for ever. Here every
   operation is bounded by what is left of the call's deadline.
2. Only the socket knows whether a request left. A stream that was never written to in this attempt is the proof that
   NotSent needs (law 4). A CONNECT to a proxy is no order, and does not count.
3. A connection is used again only if the last reply ended where its bytes ended. What follows a reply unasked, a second
   reply or a body behind a 204, would be read as the answer to the next request (law 1).

The attempt under way is found in WATCH, a context variable: one thread or task makes one attempt at a time.
"""

import re
from contextvars import ContextVar
from typing import Final

from attrs import define

from autoshares_cancel._deadline import Deadline

REPLY_LIMIT: Final = 128 * 1024
"""Bytes of a reply that are read at most; the rest is not worth waiting for."""

NO_CONTENT: Final = re.compile(rb"HTTP/1\.[01] 204\b")
CONTENT_LENGTH: Final = re.compile(rb"\r\n(?i:content-length):[ \t]*([0-9]{1,9})[ \t]*(?=\r\n|$)")


@define
class Watch:
    """One attempt, as its sockets tell it."""

    deadline: Deadline
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


WATCH: ContextVar[Watch] = ContextVar("autoshares_cancel_watch")


class LastReply:
    """What has come in since the last request was written on one connection."""

    def __init__(self) -> None:
        self._data = bytearray()

    def begins(self) -> None:
        """Told when a request is written."""
        self._data.clear()

    def grows(self, data: bytes, error: type[Exception]) -> None:
        """Told what was read; raises the error when that is more than is read at most."""
        self._data += data
        if len(self._data) > REPLY_LIMIT:
            raise error("the reply is longer than is read")

    @property
    def is_all_there_is(self) -> bool:
        """Whether it is one reply of known length, and nothing behind it. Chunks and early hints are not known."""
        head, _, body = bytes(self._data).partition(b"\r\n\r\n")
        if NO_CONTENT.match(head):
            return not body
        lengths = CONTENT_LENGTH.findall(head)
        return len(lengths) == 1 and int(lengths[0]) == len(body)
