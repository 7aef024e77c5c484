"""The backend of Client: it blocks to wait, and never suspends. Imports everything that HTTP needs."""

import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

from autoshares_cancel._auth.login import called_second_factor
from autoshares_cancel._engine.backend import Lock
from autoshares_cancel._engine.exchange import evidence_of
from autoshares_cancel._engine.run import run
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._http.blocking_stream import BlockingNetwork
from autoshares_cancel._http.brought import BroughtTransport
from autoshares_cancel._http.pool import ConnectionPool
from autoshares_cancel._http.proxy import proxy_for
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.streams import Connections
from autoshares_cancel._http.tls import tls_context
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._http.transport import Transport, check_transport
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret


class BlockingBackend:
    """Waits and sends by blocking. Several threads may use it at the same time."""

    def __init__(self, origin: Origin, settings: Settings) -> None:
        self._sleep = settings.sleep
        self.is_closed = False
        self.lock = threading.Lock()
        """Held during a log-in."""
        self.connections: Connections
        if settings.transport is None:
            proxy = proxy_for(origin) if settings.proxies else None
            self.connections = ConnectionPool(origin, tls_context(settings.verify), proxy, BlockingNetwork)
        else:
            check_transport(settings.transport, asynchronous=False, verify=settings.verify)
            self.connections = BroughtTransport(cast(Transport, settings.transport))

    def check_process_and_loop(self) -> None:
        """Do nothing: every thread and every forked child may use it."""

    def renew(self) -> None:
        """In a forked child: replace the lock and the connections."""
        self.lock = threading.Lock()
        self.connections.renew()

    def exchange(
        self, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]
    ) -> Awaitable[Evidence]:
        """Send a request once and return its evidence."""
        return evidence_of(self.connections, request, transmission, secrets)

    async def sleep(self, seconds: float) -> None:
        """Block for that many seconds."""
        (self._sleep or time.sleep)(seconds)

    async def acquire(self, seconds: float) -> Lock | None:
        """Acquire the log-in lock and return it; None if it is not free within that many seconds."""
        lock = self.lock  # renew() replaces it after a fork
        return lock if lock.acquire(timeout=seconds) else None

    async def second_factor(self, ask: Callable[[], object], seconds: float) -> Secret:
        """Call the caller's second_factor and return the code. Can't interrupt it, however long it takes."""
        del seconds
        return called_second_factor(ask)

    async def run_concurrently(self, work: Callable[[], Coroutine[Any, Any, object]], times: int) -> None:
        """Run this work as many times as given, each time in a thread of its own, and wait for all."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # only a warm-up needs it

        with ThreadPoolExecutor(times) as pool:
            for _ in range(times):
                pool.submit(lambda: run(work()))

    async def close(self) -> None:
        """Close idle connections now, and the others after their requests."""
        self.is_closed = True
        self.connections.close()
