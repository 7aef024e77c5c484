"""A clock that only waits move: waits take no real time, so that no machine is too slow for a deadline."""

import threading
from collections.abc import Callable
from typing import Any

import anyio.lowlevel
from attrs import define, field


@define(eq=False)
class OwnTime:
    """Seconds for a client of any kind, and for an exchange: `Exchange(clock=time)`.

    Waits overlap: two waits of a second that begin at the same time end one second later.
    """

    now: float = 0.0
    _lock: threading.Lock = field(factory=threading.Lock)

    def __call__(self) -> float:
        return self.now

    def until(self, moment: float) -> None:
        """Move the clock to that moment, unless it is later already."""
        with self._lock:
            self.now = max(self.now, moment)

    def settings(self, client_kind: str) -> dict[str, Any]:
        """The settings for a client of this kind."""
        sleep: Callable[[float], Any] = self._sleep if client_kind == "sync" else self._sleep_async
        return {"clock": self, "sleep": sleep}

    def _sleep(self, seconds: float) -> None:
        self.until(self.now + seconds)

    async def _sleep_async(self, seconds: float) -> None:
        moment = self.now + seconds
        await anyio.lowlevel.checkpoint()
        self.until(moment)
