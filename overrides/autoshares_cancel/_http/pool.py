"""The connection pool of one client, for threads and for tasks.

1. The connection that was used last is used next, so connections that are not needed reach their age limit and close.
2. A closed pool opens no connection. Requests under way end normally, and then their connections close.
3. Through a proxy each connection is a tunnel of its own, opened with CONNECT (proxy).

No existing client fits. aiohttp silently repeats a DELETE if a used connection breaks, and reads what an idle one has
received as the next reply. httpx takes ten times as long with many calls under way (`make bench`).
"""

import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from autoshares_cancel._http.connection import Connection
from autoshares_cancel._http.proxy import Proxy, open_tunnel
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.streams import Network, Stream
from autoshares_cancel._http.tls import KEEP_SECONDS
from autoshares_cancel._http.tls_stream import TlsStream
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Reply

CLOSED: Final = "the client is closed"


class ConnectionPool:
    """Connections to one origin."""

    def __init__(
        self, origin: Origin, tls: ssl.SSLContext, proxy: Proxy | None, open_network: Callable[[], Network]
    ) -> None:
        tls.set_alpn_protocols(["http/1.1"])
        self._origin, self._tls, self._proxy, self._open_network = origin, tls, proxy, open_network
        self._network = open_network()
        self._idle = deque[Connection]()
        self._open = set[Connection]()
        self._is_closed = False

    async def send(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Send a request once and return its reply. Raises OSError."""
        await self._network.acquire(transmission.queueing)
        try:
            connection = await self._ready(transmission)
            try:
                reply = await connection.exchange(request, transmission)
            except BaseException:
                self._drop(connection)
                raise
            self._keep(connection)
            return reply
        finally:
            self._network.release()

    def close(self) -> None:
        """Close idle connections now, and the others after their requests."""
        self._is_closed = True
        while self._idle:
            self._drop(self._idle.pop())

    async def wait_closed(self) -> None:
        """Wait until the event loop has closed the closed connections."""
        await self._network.wait_closed()

    def renew(self) -> None:
        """In a forked child: replace slots and connections. The parent's connections stay open in the parent."""
        for connection in self._open:
            connection.close()  # sends nothing to the server
        self._idle.clear()
        self._open.clear()
        self._network = self._open_network()

    async def _ready(self, transmission: Transmission) -> Connection:
        """A connection that may carry a request now."""
        while self._idle:
            connection = self._idle.pop()
            if await self._may_carry(connection, still=self._is_young(connection)):
                return connection
        connection = Connection(await self._connect(transmission))
        self._open.add(connection)
        if await self._may_carry(connection, still=not self._is_closed):
            return connection
        raise ConnectionError(CLOSED if self._is_closed else "the server spoke before it was asked")

    async def _may_carry(self, connection: Connection, *, still: bool) -> bool:
        """Whether it may carry a request now; otherwise, and if the check is interrupted, it is closed."""
        is_ready = False
        try:
            is_ready = still and await connection.is_ready()
        finally:
            if not is_ready:
                self._drop(connection)
        return is_ready

    async def _connect(self, transmission: Transmission) -> Stream:
        if self._is_closed:
            raise ConnectionError(CLOSED)
        first, limit = self._proxy or self._origin, transmission.connecting
        stream: Stream
        try:
            stream = await self._network.connect(first.host, first.port, limit)
        except UnicodeError:  # from the look-up, for a name that no host can have
            raise ConnectionError("the name of the host can't be looked up") from None
        opened = stream
        try:
            if self._proxy is not None:
                stream = await open_tunnel(stream, self._proxy, self._origin, transmission)
            if self._origin.scheme == "https":
                stream = await TlsStream.open(stream, self._tls, self._origin.host, limit)
        except BaseException:
            opened.close()
            raise
        return stream

    def _keep(self, connection: Connection) -> None:
        if connection.is_sound and not self._is_closed:
            self._idle.append(connection)
        else:
            self._drop(connection)
        while self._idle and not self._is_young(self._idle[0]):
            self._drop(self._idle.popleft())

    def _is_young(self, connection: Connection) -> bool:
        return time.monotonic() - connection.idle_since < KEEP_SECONDS

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.close()
