"""A clock that stands still until a test moves it."""

import time

import anyio.lowlevel


class FakeClock:
    """A clock, in seconds, that only a test moves."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self._runs_since: float | None = None

    def __call__(self) -> float:
        return self.now if self._runs_since is None else self.now + time.monotonic() - self._runs_since

    def advance(self, seconds: float) -> None:
        """Move the clock by this many seconds."""
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        """Advance the clock, as a coroutine."""
        self.advance(seconds)
        await anyio.lowlevel.checkpoint()

    def run(self) -> None:
        """Let the clock run in real time from now on."""
        self._runs_since = time.monotonic()
