"""Streams of AsyncClient on trio, from anyio."""

from collections.abc import Generator
from contextlib import contextmanager

import anyio
from anyio.abc import SocketAttribute, SocketStream

from autoshares_cancel._http.streams import CHUNK, send_at_once
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


class AnyioStream:
    """A TCP connection of the event loop."""

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self.socket = stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # the method of anyio, not the one of Django

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

    async def read_unexpected(self) -> bytes | None:
        """See Stream. The socket never blocks: the event loop made it non-blocking."""
        try:
            return self.socket.recv(CHUNK)
        except BlockingIOError:
            return None

    def mark_idle(self) -> None:
        """See Stream. An idle socket is not read, so the operating system bounds what the server can send."""

    def close(self) -> None:
        """See Stream."""
        self.socket.close()


class AnyioNetwork:
    """Limits and opens the connections of tasks on trio."""

    def __init__(self) -> None:
        self._slots = anyio.Semaphore(MOST_CONNECTIONS, fast_acquire=True)

    async def acquire(self, limit: Limit) -> None:
        """See Network."""
        with _within(limit, "no connection became free in time"):
            await self._slots.acquire()

    def release(self) -> None:
        """See Network."""
        self._slots.release()

    async def connect(self, host: str, port: int, limit: Limit) -> AnyioStream:
        """See Network."""
        with _within(limit, "no connection in time"):
            stream = AnyioStream(await anyio.connect_tcp(host, port))
        send_at_once(stream.socket)
        return stream

    async def wait_closed(self) -> None:
        """See Network. Does nothing: close() has closed the sockets at once."""
