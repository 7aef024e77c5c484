"""How the mock waits: in the event loop that runs it, or in the thread of a blocking client."""

from __future__ import annotations

import time
from contextvars import ContextVar

import anyio

is_blocking: ContextVar[bool] = ContextVar("is_blocking", default=False)
"""Whether a thread runs the mock without an event loop."""


async def sleep(seconds: float) -> None:
    """Wait for real seconds."""
    if is_blocking.get():
        time.sleep(seconds)  # noqa: ASYNC251 - there is no event loop that this could hold up
    else:
        await anyio.sleep(seconds)
