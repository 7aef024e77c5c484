"""Connections in memory that say exactly these bytes in exactly these pieces, under the wires of both clients."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import httpcore
from support.clients import TLS

from autoshares_cancel._http.connections import Connections
from autoshares_cancel._http.direct import Connection, ConnectionPool
from autoshares_cancel._http.network import WatchedStream
from autoshares_cancel._http.request import HttpRequest, Origin, prepare
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._http.wire import AsyncWire, SyncWire
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret

ORIGIN = Origin.of("http://127.0.0.1:9/api")
END = b""
"""As a piece: the server ends the connection in order."""


def request() -> HttpRequest:
    """A cancel."""
    return prepare("DELETE", ORIGIN, "/v1/accounts/1/orders/2", {}, app_key=Secret("k"), bearer=Secret("t"))


class MemoryStream(httpcore.NetworkStream):
    """What httpcore reads from."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = [*pieces]
        self.written = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece = self._pieces.pop(0) if self._pieces else END
        if len(piece) > max_bytes:
            self._pieces.insert(0, piece[max_bytes:])
        return piece[:max_bytes]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.written += buffer

    def close(self) -> None:
        pass

    def get_extra_info(self, info: str) -> Any:
        return None


class MemoryTransport:
    """What a Connection is told by, piece by piece, each in a turn of its own of the event loop."""

    def __init__(self, connection: Connection, pieces: Sequence[bytes]) -> None:
        self._connection, self._pieces = connection, [*pieces]
        self._is_closing = False
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data
        asyncio.get_running_loop().call_soon(self._says)

    def _says(self) -> None:
        if self._is_closing:
            return
        piece = self._pieces.pop(0) if self._pieces else END
        if piece == END:
            self._connection.eof_received()
            self.abort()
        else:
            self._connection.data_received(piece)
            asyncio.get_running_loop().call_soon(self._says)

    def is_closing(self) -> bool:
        return self._is_closing

    def abort(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            asyncio.get_running_loop().call_soon(self._connection.connection_lost, None)


def by_sync(pieces: Sequence[bytes], sent: HttpRequest | None = None) -> tuple[Evidence, bytes]:
    """What Client makes of these pieces, and what it wrote."""
    stream = MemoryStream(pieces)

    class Backend(httpcore.NetworkBackend):
        def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
            return WatchedStream(stream)

    wire = SyncWire(ORIGIN, TLS, Timeouts(), proxies=False)
    connections = cast("Any", wire)._connections
    assert isinstance(connections, Connections)
    connections._new["network_backend"] = Backend()
    try:
        return wire.exchange(sent or request(), Deadline.after(5.0, lambda: 0.0)), stream.written
    finally:
        wire.close()


async def _by_asyncio(pieces: Sequence[bytes], sent: HttpRequest) -> tuple[Evidence, bytes]:
    wire, transports = AsyncWire(ORIGIN, TLS, Timeouts(), proxies=False), list[MemoryTransport]()
    wire.opens_in(asyncio.get_running_loop())
    pool = cast("Any", wire)._direct
    assert isinstance(pool, ConnectionPool)

    async def connect(_: Transmission) -> Connection:
        connection = Connection()
        transports.append(MemoryTransport(connection, pieces))
        connection.connection_made(cast("asyncio.BaseTransport", transports[0]))
        pool._open.add(connection)
        return connection

    vars(pool)["_connect"] = connect
    try:
        return await wire.exchange(sent, Deadline.after(5.0, lambda: 0.0)), transports[0].written
    finally:
        await wire.aclose()


def by_asyncio(pieces: Sequence[bytes], sent: HttpRequest | None = None) -> tuple[Evidence, bytes]:
    """As by_sync, of AsyncClient on asyncio."""
    return asyncio.run(_by_asyncio(pieces, sent or request()))
