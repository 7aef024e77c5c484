"""The backend of Client: it blocks where it waits, and never suspends. Loads all that HTTP needs."""

import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, cast

from autoshares_cancel._auth.login import called_second_factor
from autoshares_cancel._engine.backend import Lock, run
from autoshares_cancel._engine.exchange import evidence_of
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._http.blocking_stream import BlockingNetwork
from autoshares_cancel._http.brought import BroughtTransport, Transport, check_transport
from autoshares_cancel._http.pool import ConnectionPool
from autoshares_cancel._http.proxy import proxy_for
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.streams import Connections
from autoshares_cancel._http.tls import tls_context
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret


class BlockingBackend:
    """Several threads may be in it at once."""

    def __init__(self, origin: Origin, settings: Settings) -> None:
        self._sleep = settings.sleep
        self.is_closed = False
        self.lock = threading.Lock()
        """Of the log-in."""
        self.connections: Connections
        if settings.transport is None:
            proxy = proxy_for(origin) if settings.proxies else None
            self.connections = ConnectionPool(origin, tls_context(settings.verify), proxy, BlockingNetwork)
        else:
            check_transport(settings.transport, asynchronous=False, verify=settings.verify)
            self.connections = BroughtTransport(cast(Transport, settings.transport))

    def check_process_and_loop(self) -> None:
        """Every thread may use it, and a forked child, too."""

    def renew(self) -> None:
        """In a forked child: connections and a lock of its own."""
        self.lock = threading.Lock()
        self.connections.renew()

    async def exchange(self, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]) -> Evidence:
        """Send a request once."""
        return await evidence_of(self.connections, request, transmission, secrets)

    async def sleep(self, seconds: float) -> None:
        """Block for so many seconds."""
        (self._sleep or time.sleep)(seconds)

    async def acquire(self, seconds: float) -> Lock | None:
        """The lock of the log-in; None where it is not free within so many seconds."""
        lock = self.lock  # which is another one after a fork
        return lock if lock.acquire(timeout=seconds) else None

    async def second_factor(self, ask: Callable[[], object], seconds: float) -> Secret:
        """Call the caller's own function, which nothing can interrupt here, however long it takes."""
        del seconds
        return called_second_factor(ask)

    async def run_concurrently(self, work: Callable[[], Coroutine[Any, Any, object]], times: int) -> None:
        """Run that many of these in threads, each in one of its own."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # only a warm-up needs it

        with ThreadPoolExecutor(times) as pool:
            for _ in range(times):
                pool.submit(lambda: run(work()))

    async def close(self) -> None:
        """Close every connection that is idle, and let those under way end."""
        self.is_closed = True
        self.connections.close()
