"""A server that limits the rate: 429 is obeyed, and shows nothing about the request that it refused."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from autoshares_cancel.contract.server.raw import RawReply

LIMITED = "the server answers 429 again and again: it limits the rate of requests"
MOST_WAITS = 5
LONGEST_WAIT_SECONDS = 60.0
USUAL_WAIT_SECONDS = 1.0

Sleep = Callable[[float], None]


def is_limited(reply: RawReply) -> bool:
    """Whether the server asks to send the request later."""
    return reply.status == HTTPStatus.TOO_MANY_REQUESTS


def retry_after(reply: RawReply) -> float:
    """How long a 429 asks to wait, in seconds; a date, or nothing, counts as a second."""
    values = [value for value in reply.values("Retry-After") if value.isascii() and value.isdecimal()]
    return min(float(values[0]), LONGEST_WAIT_SECONDS) if values else USUAL_WAIT_SECONDS
