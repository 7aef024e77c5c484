"""The backend of AsyncClient: it awaits, on asyncio and trio. Imports anyio and everything that HTTP needs."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final, cast

from autoshares_cancel._auth.login import called_second_factor
from autoshares_cancel._engine import event_loops
from autoshares_cancel._engine.backend import Lock
from autoshares_cancel._engine.exchange import evidence_of
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._http.anyio_stream import AnyioNetwork
from autoshares_cancel._http.asyncio_stream import AsyncioNetwork
from autoshares_cancel._http.brought import AsyncBroughtTransport
from autoshares_cancel._http.pool import ConnectionPool
from autoshares_cancel._http.proxy import proxy_for
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.streams import Connections
from autoshares_cancel._http.tls import tls_context
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._http.transport import AsyncTransport, check_transport
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError, TokenUnavailable

INHERITED: Final = object()
"""Stands for the parent's event loop in a forked child."""
PARENT_CONNECTIONS: Final = list[object]()
"""Connections of a parent. Garbage collection would close them, and so remove them from the parent's event loop."""


class LoopBackend:
    """Waits and sends in one event loop. Several of its tasks may use it at the same time."""

    def __init__(self, origin: Origin, settings: Settings) -> None:
        self._sleep = settings.sleep
        self.is_closed = False
        self._loop: object = None
        self.lock = event_loops.Lock()
        """Held during a log-in."""
        self.connections: Connections | None = None
        """None until the first call, which decides the event loop."""
        if settings.transport is None:
            proxy = proxy_for(origin) if settings.proxies else None
            self._open = partial(ConnectionPool, origin, tls_context(settings.verify), proxy)
        else:
            check_transport(settings.transport, asynchronous=True, verify=settings.verify)
            self.connections = AsyncBroughtTransport(cast(AsyncTransport, settings.transport))

    def check_process_and_loop(self) -> None:
        """Raise ConfigurationError in another event loop than the first call's, and in a child that was forked since.

        Connections and locks belong to the event loop of the first call.
        """
        if self._loop is INHERITED:
            raise ConfigurationError("an AsyncClient belongs to the process of its first call: make another one")
        here = event_loops.running_loop()
        if self._loop is None:
            self._loop = here
            # uvloop is an AbstractEventLoop, too; trio is not.
            network = AsyncioNetwork if isinstance(here, asyncio.AbstractEventLoop) else AnyioNetwork
            self.connections = self.connections or self._open(network)
        if self._loop != here:
            raise ConfigurationError("an AsyncClient belongs to the event loop of its first call: make another one")

    def renew(self) -> None:
        """In a forked child: refuse every further call if there was a call before the fork."""
        if self._loop is not None:
            self._loop = INHERITED
            PARENT_CONNECTIONS.append(self.connections)

    def exchange(
        self, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]
    ) -> Awaitable[Evidence]:
        """Send a request once and return its evidence. check_process_and_loop must have passed."""
        return evidence_of(cast(Connections, self.connections), request, transmission, secrets)

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await (self._sleep or event_loops.sleep)(seconds)

    async def acquire(self, seconds: float) -> Lock | None:
        """Acquire the log-in lock and return it; None if it is not free within that many seconds."""
        with event_loops.move_on_after(seconds) as waiting:
            await self.lock.acquire()
        return None if waiting.cancelled_caught else self.lock

    async def second_factor(self, ask: Callable[[], object], seconds: float) -> Secret:
        """Call the caller's second_factor in a thread and return the code. After `seconds` the thread is abandoned."""
        with event_loops.move_on_after(seconds):
            return await event_loops.in_thread(partial(called_second_factor, ask))
        raise TokenUnavailable(detail="the deadline passed while second_factor was running")

    async def run_concurrently(self, work: Callable[[], Coroutine[Any, Any, object]], times: int) -> None:
        """Run this work as many times as given, each time in a task of its own, and wait for all."""
        async with event_loops.create_task_group() as tasks:
            for _ in range(times):
                tasks.start_soon(work)

    async def close(self) -> None:
        """Close idle connections now, and the others after their requests.

        Raises ConfigurationError in another event loop than that of the first call.
        """
        connections = None if self._loop is INHERITED else self.connections
        if connections is not None and self._loop not in {None, event_loops.running_loop()}:
            raise ConfigurationError("an AsyncClient is closed in the event loop of its first call: do it there")
        self.is_closed = True
        if connections is not None:
            connections.close()
            await connections.wait_closed()
