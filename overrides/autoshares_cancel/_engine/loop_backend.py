"""The backend of AsyncClient: it awaits where it waits, on asyncio and on trio. Loads anyio and all that HTTP needs."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from autoshares_cancel._auth.login import called_second_factor
from autoshares_cancel._engine import event_loops
from autoshares_cancel._engine.backend import Lock
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.tls import tls_context
from autoshares_cancel._http.wire import AsyncWire
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError, TokenUnavailable

INHERITED: Final = object()
"""In place of an event loop: that of the parent, in a forked child."""


class LoopBackend:
    """Several tasks of one event loop may be in it at once."""

    def __init__(self, origin: Origin, settings: Settings) -> None:
        self._sleep = settings.sleep
        self._loop: object = None
        self.lock = event_loops.Lock()
        """Of the log-in."""
        self.wire = AsyncWire(origin, tls_context(settings.verify), settings.timeouts, proxies=settings.proxies)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self.wire.is_closed

    def must_be_here(self) -> None:
        """Raise ConfigurationError in another event loop than the first, and in a child that was forked since.

        Connections and locks belong to the first one.
        """
        if self._loop is INHERITED:
            raise ConfigurationError("an AsyncClient belongs to the process of its first call: make another one")
        here = event_loops.running_loop()
        if self._loop is None:
            self._loop = here
            self.wire.opens_in(here)
        if self._loop != here:
            raise ConfigurationError("an AsyncClient belongs to the event loop of its first call: make another one")

    def renew(self) -> None:
        """In a forked child: refuse every call from now on, unless there was none before the fork."""
        if self._loop is not None:
            self._loop = INHERITED
            self.wire.abandon()

    async def exchange(self, request: HttpRequest, deadline: Deadline, secrets: tuple[Secret, ...]) -> Evidence:
        """Send a request once."""
        return await self.wire.exchange(request, deadline, secrets)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        await (self._sleep or event_loops.sleep)(seconds)

    async def acquire(self, seconds: float) -> Lock | None:
        """The lock of the log-in; None where it is not free within so many seconds."""
        with event_loops.move_on_after(seconds) as waiting:
            await self.lock.acquire()
        return None if waiting.cancelled_caught else self.lock

    async def second_factor(self, ask: Callable[[], object], seconds: float) -> Secret:
        """Call the caller's own function in a thread, which is left behind when the time is over."""
        with event_loops.move_on_after(seconds):
            return await event_loops.in_thread(partial(called_second_factor, ask))
        raise TokenUnavailable(detail="the deadline passed while second_factor was running")

    async def side_by_side(self, work: Callable[[], Coroutine[Any, Any, object]], times: int) -> None:
        """Run that many of these in tasks."""
        async with event_loops.create_task_group() as tasks:
            for _ in range(times):
                tasks.start_soon(work)

    async def close(self) -> None:
        """Close every connection."""
        await self.wire.aclose()
