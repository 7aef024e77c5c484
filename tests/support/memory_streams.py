"""Streams in memory that deliver the given pieces to a client's own connection pool."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from attrs import define, field
from support.clients import TLS

from autoshares_cancel._engine.run import run
from autoshares_cancel._http.asyncio_stream import AsyncioStream
from autoshares_cancel._http.pool import ConnectionPool
from autoshares_cancel._http.request import HttpRequest, Origin, prepare
from autoshares_cancel._http.streams import Stream
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import Limit, Transmission
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Reply
from autoshares_cancel._values.secret import Secret

ORIGIN = Origin.of("http://127.0.0.1:9/api")
END = b""
"""The piece that means that the server closes the connection."""


def request() -> HttpRequest:
    """A request that cancels an order."""
    return prepare("DELETE", ORIGIN, "/v1/accounts/1/orders/2", {}, app_key=Secret("k"), bearer=Secret("t"))


def transmission(seconds: float = 5.0) -> Transmission:
    """A transmission whose clock stands still."""
    return Transmission(Deadline.after(seconds, lambda: 0.0), Timeouts())


@define(eq=False)
class MemoryStream:
    """A stream whose reads return the next piece; `unasked` are bytes that arrived before the request."""

    pieces: Sequence[bytes] = ()
    unasked: bytes | None = None
    look_fails: BaseException | None = None
    written: bytes = b""
    is_closed: bool = False
    is_idle: bool = False
    _left: list[bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._left = [*self.pieces]

    async def read(self, limit: Limit) -> bytes:
        limit()
        return self._left.pop(0) if self._left else END

    async def write(self, data: bytes, limit: Limit) -> None:
        limit()
        self.written += data
        self.is_idle = False

    async def read_unexpected(self) -> bytes | None:
        if self.look_fails is not None:
            raise self.look_fails
        return self.unasked

    def mark_idle(self) -> None:
        self.is_idle = True

    def close(self) -> None:
        self.is_closed = True


@define(eq=False)
class MemoryNetwork:
    """A network that opens these streams, one after the other."""

    streams: Sequence[Stream] = ()
    slots: int = 256
    connected: list[tuple[str, int]] = field(factory=list[tuple[str, int]])
    _left: list[Stream] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._left = [*self.streams]

    async def acquire(self, limit: Limit) -> None:
        limit()
        if not self.slots:
            raise TimeoutError("no connection became free in time")
        self.slots -= 1

    def release(self) -> None:
        self.slots += 1

    async def connect(self, host: str, port: int, limit: Limit) -> Stream:
        limit()
        self.connected.append((host, port))
        return self._left.pop(0)

    async def wait_closed(self) -> None:
        pass


class MemoryTransport:
    """The transport of an AsyncioStream; it delivers each piece in its own iteration of the event loop."""

    def __init__(self, stream: AsyncioStream, pieces: Sequence[bytes]) -> None:
        self._stream, self._pieces = stream, [*pieces]
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
            self._stream.eof_received()
            self.abort()
        else:
            self._stream.data_received(piece)
            asyncio.get_running_loop().call_soon(self._says)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self._is_closing

    def abort(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            asyncio.get_running_loop().call_soon(self._stream.connection_lost, None)


def pool_over(*streams: Stream) -> ConnectionPool:
    """A pool whose next connections are these streams."""
    return ConnectionPool(ORIGIN, TLS, None, lambda: MemoryNetwork(streams))


def by_memory(pieces: Sequence[bytes]) -> Reply | None:
    """The reply that a MemoryStream of these pieces gives, or None."""
    with suppress(OSError):
        return run(pool_over(MemoryStream(pieces)).send(request(), transmission()))
    return None


async def _by_asyncio(pieces: Sequence[bytes]) -> Reply:
    stream = AsyncioStream()
    stream.connection_made(cast("asyncio.BaseTransport", MemoryTransport(stream, pieces)))
    vars(stream)["_is_readable"] = lambda: False
    return await pool_over(stream).send(request(), transmission())


def by_asyncio(pieces: Sequence[bytes]) -> Reply | None:
    """The reply that an AsyncioStream of these pieces gives, or None."""
    with suppress(OSError):
        return asyncio.run(_by_asyncio(pieces))
    return None
