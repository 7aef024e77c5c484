"""Handles rate limits: the suite waits after a 429, and never counts it as the result of a check."""

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
    """Whether the reply is a 429."""
    return reply.status == HTTPStatus.TOO_MANY_REQUESTS


def retry_after(reply: RawReply) -> float:
    """Return the seconds to wait after a 429, 60 at most; one second for a date or without a Retry-After."""
    values = [value for value in reply.values("Retry-After") if value.isascii() and value.isdecimal()]
    return min(float(values[0]), LONGEST_WAIT_SECONDS) if values else USUAL_WAIT_SECONDS
