"""Streams of AsyncClient on asyncio and uvloop, directly on the event loop.

1. Bytes that arrive on an idle connection close it, so that they fill no memory.
2. Bytes that arrive before the request has left this process are no reply to it, and end the stream.
3. The event loop may not have read yet what the socket has received, so read_unexpected checks the socket, too.
"""

import asyncio
import socket
from functools import cached_property
from typing import Final, cast

from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]  # its annotations have a bare tuple

from autoshares_cancel._http.anyio_stream import LoopSlots
from autoshares_cancel._http.lazy_timer import LazyTimer
from autoshares_cancel._http.streams import ReadPoll
from autoshares_cancel._http.transmission import Limit

HAPPY_EYEBALLS_SECONDS: Final = 0.25
"""Seconds after which the next address of a host is tried beside the first (RFC 8305)."""
CLOSING_SECONDS: Final = 1.0
"""The longest wait until the event loop has closed its connections."""
MOST_ROUNDS: Final = 10
"""Rounds of the event loop after which it must have read what its socket has received."""


class AsyncioStream(asyncio.Protocol):
    """A TCP connection of the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._data = b""
        self._has_ended = False
        self._problem: Exception | None = None
        self._is_idle = False
        self._waiter: asyncio.Future[None] | None = None
        self._timer = LazyTimer(self._loop, self._time_out)
        self.lost: asyncio.Future[None] = self._loop.create_future()

    @cached_property
    def socket(self) -> socket.socket:
        """The socket. Callers only inspect it: the event loop reads and writes."""
        return cast(socket.socket, self._transport.get_extra_info("socket"))

    @cached_property
    def _poll(self) -> ReadPoll:
        return ReadPoll(self.socket)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._is_idle:
            self._transport.abort()
        elif self._transport.get_write_buffer_size():
            self._has_ended, self._problem = True, ConnectionError("the server answered before the request had left")
            self._transport.abort()
        else:
            self._data += data
        self._wake()

    def eof_received(self) -> None:
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended, self._problem = True, self._problem or exc
        self._timer.close()
        self._wake()
        if not self.lost.done():
            self.lost.set_result(None)

    async def read(self, limit: Limit) -> bytes:
        """See Stream."""
        if not self._data and not self._has_ended:
            self._timer.start(limit())
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._timer.stop()
                self._waiter = None
        if self._problem is not None and not self._data:
            raise self._problem
        return self._take_data()

    async def write(self, data: bytes, limit: Limit) -> None:
        """See Stream. The event loop sends the data, at once if the socket takes it."""
        limit()
        self._is_idle = False
        self._transport.write(data)

    async def read_unexpected(self) -> bytes | None:
        """See Stream."""
        for _ in range(MOST_ROUNDS):
            if self._data or self._has_ended or self.is_closing:
                return self._take_data()
            if not self._is_readable():
                return None
            await asyncio.sleep(0)  # lets the event loop read the socket
        return b""

    def mark_idle(self) -> None:
        """See Stream."""
        self._is_idle = True

    def close(self) -> None:
        """See Stream."""
        self._transport.abort()

    @property
    def is_closing(self) -> bool:
        """Whether close() was called, even if the event loop has not closed the socket yet."""
        return self._transport.is_closing()

    def _take_data(self) -> bytes:
        data, self._data = self._data, b""
        return data

    def _is_readable(self) -> bool:
        return self._poll.wait(0)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _time_out(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError("timed out"))


class AsyncioNetwork(LoopSlots):
    """Limits and opens the connections of tasks on asyncio."""

    def __init__(self) -> None:
        super().__init__()
        self._streams = set[AsyncioStream]()

    async def connect(self, host: str, port: int, limit: Limit) -> AsyncioStream:
        """See Network. Avoids loop.create_connection(host): its happy eyeballs fail on uvloop and in eager tasks."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(limit()):
                addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                sock = await start_connection(addresses, happy_eyeballs_delay=HAPPY_EYEBALLS_SECONDS)
                _, stream = await loop.create_connection(AsyncioStream, sock=sock)
        except TimeoutError:
            raise TimeoutError("no connection in time") from None
        self._streams.add(stream)
        stream.lost.add_done_callback(lambda _: self._streams.discard(stream))
        return stream

    async def wait_closed(self) -> None:
        """See Network."""
        lost = [stream.lost for stream in self._streams if stream.is_closing]
        if lost:
            await asyncio.wait(lost, timeout=CLOSING_SECONDS)
