"""httpcore's connections that a client keeps, but not in httpcore's pool, which looks at each of them for each request.

The connection that was used last is used next. Through a proxy the pool is kept, as only it knows how to ask a proxy.
"""

import ssl
import threading
from collections import deque
from typing import Any, Final

import anyio
import httpcore

from autoshares_cancel._http.network import AsyncWatchedBackend, WatchedBackend
from autoshares_cancel._http.request import Origin
from autoshares_cancel._http.tls import KEEP_SECONDS
from autoshares_cancel._validation import MOST_CONNECTIONS

CLOSED: Final = "the client is closed"


def _arguments(origin: Origin, tls: ssl.SSLContext) -> dict[str, Any]:
    where = httpcore.Origin(origin.scheme.encode(), origin.host.encode(), origin.port)
    return {"origin": where, "ssl_context": tls, "keepalive_expiry": KEEP_SECONDS}


class Connections:
    """Of a Client; its threads share them."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext) -> None:
        self._new: dict[str, Any] = {**_arguments(origin, tls), "network_backend": WatchedBackend()}
        self._slots = threading.Semaphore(MOST_CONNECTIONS)
        self._idle = deque[httpcore.HTTPConnection]()
        self._open = set[httpcore.HTTPConnection]()
        self._is_closed = False

    def take(self, seconds: float) -> httpcore.HTTPConnection:
        """One that is free, or a new one. Raises PoolTimeout when all that are allowed are in use for so long."""
        if self._is_closed:
            raise httpcore.ConnectError(CLOSED)
        if not self._slots.acquire(timeout=seconds):
            raise httpcore.PoolTimeout
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            self._drop(connection)
        connection = httpcore.HTTPConnection(**self._new)
        self._open.add(connection)
        return connection

    def give_back(self, connection: httpcore.HTTPConnection) -> None:
        """It is used again if its reply allows that."""
        self._slots.release()
        if connection.is_available() and not self._is_closed:
            self._idle.append(connection)
        else:
            self._drop(connection)

    def close(self) -> None:
        """Close what is idle, and the others when they are given back; none is opened any more."""
        self._is_closed = True
        while self._idle:
            self._drop(self._idle.pop())

    def abandon(self) -> None:
        """In a forked child: close all, so that they end when the parent ends them. Their servers notice nothing."""
        self._is_closed = True
        for connection in self._open:
            connection.close()

    def _drop(self, connection: httpcore.HTTPConnection) -> None:
        self._open.discard(connection)
        connection.close()


class AsyncConnections:
    """Of an AsyncClient."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext) -> None:
        self._new: dict[str, Any] = {**_arguments(origin, tls), "network_backend": AsyncWatchedBackend()}
        self._slots = anyio.Semaphore(MOST_CONNECTIONS, fast_acquire=True)
        self._idle = deque[httpcore.AsyncHTTPConnection]()
        self._is_closed = False

    async def take(self, seconds: float) -> httpcore.AsyncHTTPConnection:
        """As Connections.take."""
        if self._is_closed:
            raise httpcore.ConnectError(CLOSED)
        with anyio.move_on_after(seconds) as waiting:
            await self._slots.acquire()
        if waiting.cancelled_caught:
            raise httpcore.PoolTimeout
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await self._close(connection)
        return httpcore.AsyncHTTPConnection(**self._new)

    async def give_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        """As Connections.give_back."""
        self._slots.release()
        if connection.is_available() and not self._is_closed:
            self._idle.append(connection)
        else:
            await self._close(connection)

    async def aclose(self) -> None:
        """As Connections.close."""
        self._is_closed = True
        while self._idle:
            await self._close(self._idle.pop())

    async def _close(self, connection: httpcore.AsyncHTTPConnection) -> None:
        with anyio.CancelScope(shield=True):
            await connection.aclose()
