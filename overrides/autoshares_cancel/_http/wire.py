"""One request out, one piece of evidence back: SyncWire and AsyncWire. The only place that handles foreign errors.

Nothing is raised from here but what stops the program itself (KeyboardInterrupt, cancellation): whatever the server or
the network does becomes evidence, with its words but without its exception, whose frames hold headers in clear.
"""

import asyncio
import logging
import ssl
from contextlib import suppress
from typing import Final, cast

import anyio
import httpcore
import httpx

from autoshares_cancel._http.connections import AsyncConnections, Connections
from autoshares_cancel._http.direct import ConnectionPool
from autoshares_cancel._http.network import open_http, proxy_of
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import TRANSMISSION, Transmission
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply, reply_of
from autoshares_cancel._values.secret import Secret, redacted

FOREIGN_LOGGERS: Final = ("httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")
"""They write down what a server says, at DEBUG, and with it what it was told."""


class Masking(logging.Filter):
    """Masks, in what others log of a request, the secrets of the last call of this thread or task."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without secrets."""
        transmission = TRANSMISSION.get(None)
        if transmission is not None and transmission.secrets:
            record.msg, record.args = redacted(record.getMessage(), transmission.secrets), ()
        return True


MASKING: Final = Masking()
for _name in FOREIGN_LOGGERS:
    logging.getLogger(_name).addFilter(MASKING)

GRACE: Final = 0.05
"""Seconds after the deadline until an AsyncClient's call is cut off from outside. The operations below end at the
deadline by themselves, and can say what they were doing."""


class NoContent:
    """The body of every request. httpcore's own is a generator, which a call that is cut off leaves open."""

    def __iter__(self) -> "NoContent":
        return self

    def __next__(self) -> bytes:
        raise StopIteration

    def __aiter__(self) -> "NoContent":
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


ABANDONED: Final = list["AsyncWire"]()
"""Kept, because what is collected is closed."""


class SyncWire:
    """The connections of Client: httpcore's, with watched sockets."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext, timeouts: Timeouts, *, proxies: bool) -> None:
        self._origin, self._tls, self._timeouts, self._proxies = origin, tls, timeouts, proxies
        self._http = open_http(httpx.Client, tls, proxies=proxies)
        self._proxy: httpcore.ConnectionPool | None = proxy_of(self._http, origin)
        self._connections = Connections(origin, tls)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._http.is_closed

    def close(self) -> None:
        """Close every connection."""
        self._http.close()
        self._connections.close()

    def renewed(self) -> "SyncWire":
        """In a forked child: connections of its own. Those of the parent are given up without a word to the server."""
        self._connections.abandon()
        for connection in self._proxy.connections if self._proxy is not None else ():
            connection.close()
        return self if self.is_closed else SyncWire(self._origin, self._tls, self._timeouts, proxies=self._proxies)

    def exchange(self, request: HttpRequest, deadline: Deadline, secrets: tuple[Secret, ...] = ()) -> Evidence:
        """Send a request once. Blocks until the evidence is there, at most until the deadline."""
        transmission = Transmission(deadline, secrets)
        TRANSMISSION.set(transmission)
        try:
            return self._send(_for_httpcore(request, self._timeouts, deadline), transmission)
        except Exception as error:  # noqa: BLE001  # law 3: whatever it is, it becomes evidence
            return _failure(transmission, error)

    def _send(self, request: httpcore.Request, transmission: Transmission) -> Reply:
        if self._proxy is not None:
            return _read(self._proxy.handle_request(request))
        while True:
            connection = self._connections.take(transmission.limit(self._timeouts.pool, httpcore.PoolTimeout))
            try:
                return _read(connection.handle_request(request))
            except httpcore.ConnectionNotAvailable:
                pass  # nothing has left, so another one takes it; a new one is always available
            finally:
                self._connections.give_back(connection)


class AsyncWire:
    """The connections of AsyncClient: its own on asyncio, httpcore's on trio and through proxies."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext, timeouts: Timeouts, *, proxies: bool) -> None:
        self._origin, self._tls, self._timeouts = origin, tls, timeouts
        self._http = open_http(httpx.AsyncClient, tls, proxies=proxies)
        self._proxy: httpcore.AsyncConnectionPool | None = proxy_of(self._http, origin)
        self._connections: AsyncConnections | None = None
        self._direct: ConnectionPool | None = None
        self._is_abandoned = False

    def opens_in(self, loop: object) -> None:
        """Told once, before the first exchange, which event loop there is."""
        if isinstance(loop, asyncio.AbstractEventLoop):
            self._direct = ConnectionPool(self._origin, self._tls, self._timeouts)
        else:
            self._connections = AsyncConnections(self._origin, self._tls)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._http.is_closed

    def abandon(self) -> None:
        """In a forked child: touch nothing any more. To close would take it from the event loop of the parent, too."""
        self._is_abandoned = True
        ABANDONED.append(self)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._is_abandoned:
            return
        await self._http.aclose()
        for connections in (self._direct, self._connections):
            if connections is not None:
                await connections.aclose()

    async def exchange(self, request: HttpRequest, deadline: Deadline, secrets: tuple[Secret, ...] = ()) -> Evidence:
        """Send a request once. Waits until the evidence is there, at most until the deadline."""
        transmission = Transmission(deadline, secrets)
        TRANSMISSION.set(transmission)
        try:
            if self._direct is not None and self._proxy is None:
                return await self._direct.send(request, transmission)
            return await self._through_httpcore(_for_httpcore(request, self._timeouts, deadline), transmission)
        except Exception as error:  # noqa: BLE001  # law 3: whatever it is, it becomes evidence
            return _failure(transmission, error)

    async def _through_httpcore(self, request: httpcore.Request, transmission: Transmission) -> Reply:
        heads = list[httpcore.Response]()
        body = bytearray()
        with anyio.move_on_after(transmission.deadline.remaining() + GRACE):
            await self._send(request, transmission, heads, body)
        if not heads:
            raise TimeoutError("the deadline is over")
        return reply_of(heads[0].status, heads[0].headers, bytes(body))

    async def _send(
        self, request: httpcore.Request, transmission: Transmission, heads: list[httpcore.Response], body: bytearray
    ) -> None:
        if self._proxy is not None:
            heads.append(await self._proxy.handle_async_request(request))
            await _read_body(heads[0], body)
        connections = cast(AsyncConnections, self._connections)
        while not heads:
            connection = await connections.take(transmission.limit(self._timeouts.pool, httpcore.PoolTimeout))
            try:
                heads.append(await connection.handle_async_request(request))
                await _read_body(heads[0], body)
            except httpcore.ConnectionNotAvailable:
                pass  # as in SyncWire
            finally:
                await connections.give_back(connection)


def _read(response: httpcore.Response) -> Reply:
    body = bytearray()
    with suppress(Exception):  # a broken body never hides a status
        try:
            for chunk in response.iter_stream():
                body += chunk
        finally:
            response.close()
    return reply_of(response.status, response.headers, bytes(body))


async def _read_body(response: httpcore.Response, body: bytearray) -> None:
    with suppress(Exception):  # as in _read
        try:
            async for chunk in response.aiter_stream():
                body += chunk
        finally:
            await response.aclose()


def _for_httpcore(request: HttpRequest, timeouts: Timeouts, deadline: Deadline) -> httpcore.Request:
    # The sockets keep the deadline by themselves; waiting for a free connection happens above them.
    limits = {
        "connect": timeouts.connect,
        "read": timeouts.read,
        "write": timeouts.write,
        "pool": deadline.shortened(timeouts.pool),
    }
    origin = request.origin
    url = httpcore.URL(
        scheme=origin.scheme.encode(), host=origin.host.encode(), port=origin.port, target=request.target.encode()
    )
    headers = [(name.encode(), value.encode()) for name, value in request.headers.items()]
    return httpcore.Request(
        request.method.encode(), url, headers=headers, content=NoContent(), extensions={"timeout": limits}
    )


def _failure(transmission: Transmission, error: Exception) -> Evidence:
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return NoResponse(reason=reason) if transmission.may_have_left else NotWritten(reason=reason)
