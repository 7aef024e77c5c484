"""Waiting in the mock: in the event loop that runs it, or in the thread of a blocking client."""

from __future__ import annotations

import time
from contextvars import ContextVar

import anyio

is_blocking: ContextVar[bool] = ContextVar("is_blocking", default=False)
"""Whether a thread runs the mock without an event loop."""


async def sleep(seconds: float) -> None:
    """Wait for this many real seconds."""
    if is_blocking.get():
        time.sleep(seconds)  # noqa: ASYNC251 - this thread has no event loop to block
    else:
        await anyio.sleep(seconds)
