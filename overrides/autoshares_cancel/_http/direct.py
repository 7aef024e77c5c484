"""The connections of AsyncClient on asyncio, straight on the event loop. One request at a time on each.

1. The transmission records what leaves and what comes, as for the sockets under httpcore, and the same laws decide:
   whether a request may have left, and whether a connection may be used again.
2. A reply that is plain and came at once is recognised in the bytes as they are; every other one is read by h11
   (parser). A connection is kept only if the reply turned out plain.
3. The connection that was used last is used next, so that those which are not needed grow old and are closed.

Why not a client that is there: aiohttp repeats a DELETE by itself when a used connection breaks, and reads what an idle
one has received as the next answer; httpx takes ten times as long when many calls are under way (`make bench`). Proxies
and trio are left to httpcore.
"""

import asyncio
import select
import socket
import ssl
from collections import deque
from typing import Any, Final, cast

import httpcore
from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]  # it has a bare tuple

from autoshares_cancel._http.parser import ResponseParser
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.response import ResponseBuffer
from autoshares_cancel._http.tls import KEEP_SECONDS, Timeouts
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._validation import MOST_CONNECTIONS
from autoshares_cancel._values.evidence import Reply

HAPPY_EYEBALLS_SECONDS: Final = 0.25
"""After which the next address of a host is tried beside the first (RFC 8305)."""

CLOSING_SECONDS: Final = 1.0
CLOSED: Final = "the client is closed"


class Connection(asyncio.Protocol):
    """One connection, and the reply that comes in on it."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._reply = ResponseBuffer()
        self._end: Exception | None = None
        """Why nothing more comes; RemoteProtocolError where the server has closed in order."""
        self._plain_size = 0
        """Bytes of the last reply, where it was plain and left the connection open."""
        self._waiter: asyncio.Future[None] | None = None
        self._loop = loop
        self.idle_since = loop.time()
        self.lost: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._reply.grows(data, httpcore.ReadError)
        except httpcore.ReadError as error:
            self._ends(error)
        self._wake()

    def eof_received(self) -> None:
        self._ends(httpcore.RemoteProtocolError("Server disconnected without sending a response."))

    def connection_lost(self, exc: Exception | None) -> None:
        self._ends(httpcore.ReadError(str(exc or "the connection is closed")))
        if not self.lost.done():
            self.lost.set_result(None)

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    @property
    def is_clean(self) -> bool:
        """Whether it may carry another request, as far as is known: nothing came but one plain reply."""
        return self._end is None and self._reply.size == self._plain_size and not self._transport.is_closing()

    @property
    def has_unread(self) -> bool:
        """Whether there is something to read at which the event loop has not looked yet."""
        descriptor = self._transport.get_extra_info("socket").fileno()
        if not hasattr(select, "poll"):  # as on Windows, where select() takes a socket of any number
            return bool(select.select([descriptor], [], [], 0)[0])
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))

    async def exchange(self, request: HttpRequest, transmission: Transmission, read_seconds: float) -> Reply:
        """Write a request and read its reply. Raises httpcore's errors, and OSError."""
        if self._end is not None:
            raise self._end
        transmission.writes(request.raw())
        self._reply.begins()
        self._plain_size = 0
        self._transport.write(request.raw())
        await self._more(0, transmission.limit(read_seconds, httpcore.ReadTimeout))
        plain = self._reply.plain
        reply = plain or await self._read(transmission, read_seconds)
        if (plain or self._reply.is_all_there_is) and not self._reply.says_close:
            self._plain_size = self._reply.size
        return reply

    async def _read(self, transmission: Transmission, read_seconds: float) -> Reply:
        """A reply that was not plain, or came in pieces."""
        reader, taken = ResponseParser(), 0
        try:
            while not reader.feed(self._reply.since(taken)):
                taken = self._reply.size
                await self._more(taken, transmission.limit(read_seconds, httpcore.ReadTimeout))
                if self._reply.size == taken:
                    self._must_be_closed()
        except Exception:
            if reader.reply is None:
                raise
        return cast(Reply, reader.reply)

    def _must_be_closed(self) -> None:
        """Raises why nothing more comes, unless that is an end in order, which h11 judges."""
        if self._end is not None and not isinstance(self._end, httpcore.RemoteProtocolError):
            raise self._end

    async def _more(self, than: int, seconds: float) -> None:
        """Wait until more has come than that, or nothing more comes."""
        if self._reply.size > than or self._end is not None:
            return
        self._waiter = waiter = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._late, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _late(self, waiter: "asyncio.Future[None]") -> None:
        if not waiter.done():
            waiter.set_exception(httpcore.ReadTimeout())

    def _ends(self, why: Exception) -> None:
        self._end = self._end or why
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class ConnectionPool:
    """The open connections of one client to its server."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext, timeouts: Timeouts) -> None:
        tls.set_alpn_protocols(["http/1.1"])
        self._host, self._port = origin.host, origin.port
        self._tls: dict[str, Any] = {"ssl": tls, "server_hostname": origin.host} if origin.scheme == "https" else {}
        self._timeouts = timeouts
        self._slots = asyncio.Semaphore(MOST_CONNECTIONS)
        self._idle = deque[Connection]()
        self._open = set[Connection]()
        self._is_closed = False

    async def send(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Send a request once, and wait for its reply. Raises httpcore's errors, and OSError."""
        await self._slot(transmission)
        try:
            transmission.limit(None, httpcore.WriteTimeout)
            # Nothing happens between this last look and the write.
            connection = self._ready() or await self._connect(transmission)
            try:
                reply = await connection.exchange(request, transmission, self._timeouts.read)
            except BaseException:
                self._drop(connection)
                raise
            self._keep(connection)
            return reply
        finally:
            self._slots.release()

    async def aclose(self) -> None:
        """Close every connection, also those of requests under way; none is opened any more."""
        self._is_closed = True
        lost = [connection.lost for connection in self._open]
        for connection in (*self._open,):
            self._drop(connection)
        if lost:
            await asyncio.wait(lost, timeout=CLOSING_SECONDS)

    async def _slot(self, transmission: Transmission) -> None:
        if not self._slots.locked():
            await self._slots.acquire()  # at once
            return
        try:
            async with asyncio.timeout(transmission.limit(self._timeouts.pool, httpcore.PoolTimeout)):
                await self._slots.acquire()
        except TimeoutError:
            raise httpcore.PoolTimeout from None

    def _ready(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if self._is_young(connection) and connection.is_clean and not connection.has_unread:
                return connection
            self._drop(connection)
        return None

    async def _connect(self, transmission: Transmission) -> Connection:
        self._must_be_open()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(transmission.limit(self._timeouts.connect, httpcore.ConnectTimeout)):
                # loop.create_connection() has happy eyeballs of its own, but not in uvloop, and not with eager tasks.
                addresses = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                sock = await start_connection(addresses, happy_eyeballs_delay=HAPPY_EYEBALLS_SECONDS)
                _, connection = await loop.create_connection(Connection, sock=sock, **self._tls)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None
        self._open.add(connection)
        try:
            self._must_be_open()  # still
        except httpcore.ConnectError:
            self._drop(connection)
            raise
        return connection

    def _must_be_open(self) -> None:
        if self._is_closed:
            raise httpcore.ConnectError(CLOSED)

    def _keep(self, connection: Connection) -> None:
        if connection.is_clean:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            self._drop(connection)
        while self._idle and not self._is_young(self._idle[0]):
            self._drop(self._idle.popleft())

    def _is_young(self, connection: Connection) -> bool:
        return asyncio.get_running_loop().time() - connection.idle_since < KEEP_SECONDS

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.abort()
