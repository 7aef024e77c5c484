"""The open connections of one client to its server, for threads and for tasks.

1. The connection that was used last is used next, so that those which are not needed grow old and are closed.
2. A closed pool opens no connection any more. Requests under way end by themselves, and then their connections close.
3. Through a proxy each connection is a tunnel of its own, opened by CONNECT (proxy).

Why not a client that is there: aiohttp repeats a DELETE by itself when a used connection breaks, and reads what an idle
one has received as the next answer; httpx takes ten times as long when many calls are under way (`make bench`).
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
        """Send a request once, and wait for its reply. Raises OSError."""
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
        """Close what is idle, and the others when their requests have ended."""
        self._is_closed = True
        while self._idle:
            self._drop(self._idle.pop())

    async def wait_closed(self) -> None:
        """Wait until what was closed is, as far as that takes an event loop."""
        await self._network.wait_closed()

    def renew(self) -> None:
        """In a forked child: give up the parent's connections, which end when the parent ends them, and its slots."""
        for connection in self._open:
            connection.close()  # without a word to the server
        self._idle.clear()
        self._open.clear()
        self._network = self._open_network()

    async def _ready(self, transmission: Transmission) -> Connection:
        """A connection that may carry a request now."""
        while self._idle:
            connection = self._idle.pop()
            if self._is_young(connection) and await connection.is_ready():
                return connection
            self._drop(connection)
        connection = Connection(await self._connect(transmission))
        self._open.add(connection)
        if not self._is_closed and await connection.is_ready():
            return connection
        self._drop(connection)
        raise ConnectionError(CLOSED if self._is_closed else "the server spoke before it was asked")

    async def _connect(self, transmission: Transmission) -> Stream:
        if self._is_closed:
            raise ConnectionError(CLOSED)
        first, limit = self._proxy or self._origin, transmission.connecting
        stream: Stream
        try:
            stream = await self._network.connect(first.host, first.port, limit)
        except UnicodeError:  # which the look-up raises for a name that no host has
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
