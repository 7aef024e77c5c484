"""Connections in memory that say exactly these bytes in exactly these pieces, under the wires of both colours."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import httpcore
from colours import TLS

from autoshares_cancel import TokenCredentials
from autoshares_cancel._connections import Connections
from autoshares_cancel._deadline import Deadline
from autoshares_cancel._direct import Connection, DirectPool
from autoshares_cancel._evidence import Evidence
from autoshares_cancel._network import WatchedStream
from autoshares_cancel._policy import RetryPolicy
from autoshares_cancel._request import Origin, Prepared, prepare
from autoshares_cancel._secret import Secret
from autoshares_cancel._settings import Settings
from autoshares_cancel._transport import Timeouts
from autoshares_cancel._watch import Watch
from autoshares_cancel._wire import AsyncWire, SyncWire

ORIGIN = Origin.of("http://127.0.0.1:9/api")
END = b""
"""As a piece: the server ends the connection in order."""


def request() -> Prepared:
    """A cancel."""
    return prepare("DELETE", ORIGIN, "/v1/accounts/1/orders/2", {}, app_key=Secret("k"), bearer=Secret("t"))


def settings() -> Settings:
    """Whatever they are, no socket is opened."""
    return Settings(
        base_url="http://127.0.0.1:9/api",
        credentials=TokenCredentials(app_key="k", token="t"),
        api_version="1",
        deadline=5.0,
        token_margin=300.0,
        timeouts=Timeouts(),
        verify=TLS,
        retry=RetryPolicy(),
        resolve=True,
        clock=lambda: 0.0,
        sleep=None,
        random=lambda: 0.5,
        on_attempt=None,
        on_outcome=None,
        telemetry=None,
    )


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


def by_sync(pieces: Sequence[bytes], sent: Prepared | None = None) -> tuple[Evidence, bytes]:
    """What Client makes of these pieces, and what it wrote."""
    stream = MemoryStream(pieces)

    class Backend(httpcore.NetworkBackend):
        def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
            return WatchedStream(stream)

    wire = SyncWire(settings(), ORIGIN)
    connections = cast("Any", wire)._connections
    assert isinstance(connections, Connections)
    connections._new["network_backend"] = Backend()
    try:
        return wire.exchange(sent or request(), Deadline.after(5.0, lambda: 0.0)), stream.written
    finally:
        wire.close()


async def _by_asyncio(pieces: Sequence[bytes], sent: Prepared) -> tuple[Evidence, bytes]:
    wire, transports = AsyncWire(settings(), ORIGIN), list[MemoryTransport]()
    wire.opens_in(asyncio.get_running_loop())
    pool = cast("Any", wire)._direct
    assert isinstance(pool, DirectPool)

    async def connect(_: Watch) -> Connection:
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


def by_asyncio(pieces: Sequence[bytes], sent: Prepared | None = None) -> tuple[Evidence, bytes]:
    """As by_sync, of AsyncClient on asyncio."""
    return asyncio.run(_by_asyncio(pieces, sent or request()))
