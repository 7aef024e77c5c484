"""A clock for clients and their parts, which stands still until a test moves it."""

import time

import anyio.lowlevel


class FakeClock:
    """Seconds that only a test lets pass."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self._runs_since: float | None = None

    def __call__(self) -> float:
        return self.now if self._runs_since is None else self.now + time.monotonic() - self._runs_since

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        """As advance, for who awaits it."""
        self.advance(seconds)
        await anyio.lowlevel.checkpoint()

    def run(self) -> None:
        """From here on the time passes as the machine's does."""
        self._runs_since = time.monotonic()
