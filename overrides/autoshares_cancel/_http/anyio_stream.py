"""Streams of AsyncClient on trio, from anyio."""

from collections.abc import Generator
from contextlib import contextmanager

import anyio
from anyio import abc

from autoshares_cancel._http.streams import CHUNK, SocketStream, send_at_once
from autoshares_cancel._http.transmission import Limit
from autoshares_cancel._validation import MOST_CONNECTIONS


@contextmanager
def _within(limit: Limit, words: str = "timed out") -> Generator[None, None, None]:
    """Raise TimeoutError at the limit, and turn anyio's errors of a broken stream into OSError."""
    problem = "the connection is closed"
    with anyio.move_on_after(limit()) as scope:
        try:
            yield
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            problem = str(error.__cause__ or problem)
        else:
            return
    if scope.cancelled_caught:
        raise TimeoutError(words)
    raise ConnectionError(problem)


class AnyioStream(SocketStream):
    """A TCP connection of the event loop."""

    def __init__(self, stream: abc.SocketStream) -> None:
        super().__init__(stream.extra(abc.SocketAttribute.raw_socket))  # noqa: S610  # the method of anyio, not the one of Django
        self._stream = stream

    async def read(self, limit: Limit) -> bytes:
        """See Stream."""
        with _within(limit):
            try:
                data = await self._stream.receive(CHUNK)
            except anyio.EndOfStream:
                data = b""
        return data

    async def write(self, data: bytes, limit: Limit) -> None:
        """See Stream."""
        with _within(limit):
            await self._stream.send(data)


class LoopSlots:
    """Limits the connections of tasks, on asyncio and trio."""

    def __init__(self) -> None:
        self._slots = anyio.Semaphore(MOST_CONNECTIONS, fast_acquire=True)

    async def acquire(self, limit: Limit) -> None:
        """See Network."""
        try:
            self._slots.acquire_nowait()
        except anyio.WouldBlock:
            with _within(limit, "no connection became free in time"):
                await self._slots.acquire()

    def release(self) -> None:
        """See Network."""
        self._slots.release()


class AnyioNetwork(LoopSlots):
    """Limits and opens the connections of tasks on trio."""

    async def connect(self, host: str, port: int, limit: Limit) -> AnyioStream:
        """See Network."""
        with _within(limit, "no connection in time"):
            stream = AnyioStream(await anyio.connect_tcp(host, port))
        send_at_once(stream.socket)
        return stream

    async def wait_closed(self) -> None:
        """See Network. Does nothing: close() has closed the sockets at once."""
