"""Ends waits at their limits, on asyncio and uvloop, with one timer for many waits.

Nearly every wait ends early. A timer for each would stay in the event loop's heap until its time, even when cancelled.
So one timer looks, when its time has come, at the wait that is then under way, and is set again for the end of that.
"""

import asyncio
import math
from collections.abc import Callable


class LazyTimer:
    """Calls `expire` if a wait lasts for all of its seconds. There is one wait at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, expire: Callable[[], None]) -> None:
        self._loop, self._expire = loop, expire
        self._handle: asyncio.TimerHandle | None = None
        self._looks_at = math.inf
        """When the timer looks, on the clock of the loop."""
        self._expires_at: float | None = None
        """When the wait expires; None without a wait."""

    def start(self, seconds: float) -> None:
        """Begin a wait."""
        self._expires_at = expires_at = self._loop.time() + seconds
        if expires_at < self._looks_at:
            self._look_at(expires_at)

    def stop(self) -> None:
        """End the wait. The timer stays."""
        self._expires_at = None

    def close(self) -> None:
        """End the wait and the timer."""
        self._expires_at = None
        self._drop()

    def _drop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self._looks_at = None, math.inf

    def _look_at(self, when: float) -> None:
        self._drop()
        self._handle, self._looks_at = self._loop.call_at(when, self._look), when

    def _look(self) -> None:
        self._drop()
        if self._expires_at is None:
            return
        if self._loop.time() < self._expires_at:
            self._look_at(self._expires_at)
        else:
            self._expires_at = None
            self._expire()
