"""The protocols of streams and networks, which exist in three kinds: blocking, asyncio and anyio.

Their methods are coroutines, so connection and pool are written once. Those of the blocking kind never suspend.
Every method with a limit raises OSError if the network fails, and TimeoutError (an OSError) at the limit.
"""

import errno
import select
import socket
from typing import Final, Protocol

from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.transmission import Limit, Transmission
from autoshares_cancel._values.evidence import Reply

CHUNK: Final = 64 * 1024
"""The most bytes that one read returns."""


class Stream(Protocol):
    """A connection that carries bytes in both directions."""

    async def read(self, limit: Limit) -> bytes:
        """Wait for bytes and return them; empty after the other side has closed."""
        ...

    async def write(self, data: bytes, limit: Limit) -> None:
        """Pass all data to the operating system or to the event loop."""
        ...

    async def read_unexpected(self) -> bytes | None:
        """Return bytes that came without a request: None if there are none, empty if the other side has closed.

        Does not wait for bytes. If it returns None, nothing has suspended since the check.
        """
        ...

    def mark_idle(self) -> None:
        """Expect no bytes until the next write. Bytes that come before it may close the stream."""
        ...

    def close(self) -> None:
        """Close at once, without a TLS close_notify."""
        ...


class Network(Protocol):
    """Opens connections and limits their number, for threads or for an event loop."""

    async def acquire(self, limit: Limit) -> None:
        """Wait for one of MOST_CONNECTIONS slots, and take it."""
        ...

    def release(self) -> None:
        """Free a slot."""
        ...

    async def connect(self, host: str, port: int, limit: Limit) -> Stream:
        """Open a TCP connection."""
        ...

    async def wait_closed(self) -> None:
        """Wait until the event loop has closed every closed stream."""
        ...


class Connections(Protocol):
    """Sends requests: a connection pool, or the caller's own transport."""

    async def send(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Send a request once and return its reply. Raises OSError."""
        ...

    def close(self) -> None:
        """Open no more connections, and close the idle ones."""
        ...

    async def wait_closed(self) -> None:
        """Wait until the event loop has closed the closed connections."""
        ...

    def renew(self) -> None:
        """In a forked child: replace what belongs to the parent."""
        ...


class ReadPoll:
    """Tells whether a socket has bytes, or its end, to read."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._poll = _poll(sock, select.POLLIN) if hasattr(select, "poll") else None

    def wait(self, seconds: float) -> bool:
        """Wait until there is something to read; False if there is nothing within that many seconds.

        Raises OSError for a closed socket, whose descriptor another one may have by now.
        """
        if self._socket.fileno() < 0:
            raise OSError(errno.EBADF, "the socket is closed")
        if self._poll is None:  # on Windows, where select() takes any socket
            return bool(select.select([self._socket], [], [], seconds)[0])
        return bool(self._poll.poll(seconds * 1000))


class SocketStream:
    """What blocking and anyio's streams share: a socket that nothing reads while the connection is idle.

    The socket never blocks.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.socket, self.poll = sock, ReadPoll(sock)

    async def read_unexpected(self) -> bytes | None:
        """See Stream."""
        return self.received() if self.poll.wait(0) else None

    def received(self) -> bytes | None:
        """The bytes that the socket has received: None if there are none, empty if the other side has closed."""
        try:
            return self.socket.recv(CHUNK)
        except BlockingIOError:
            return None

    def mark_idle(self) -> None:
        """See Stream. Does nothing: the operating system bounds what the server can send to an idle socket."""

    def close(self) -> None:
        """See Stream."""
        self.socket.close()


def wait_writable(sock: socket.socket, seconds: float) -> bool:
    """Wait until the socket takes bytes; False if it takes none within that many seconds."""
    if not hasattr(select, "poll"):  # as above
        return bool(select.select([], [sock], [], seconds)[1])
    return bool(_poll(sock, select.POLLOUT).poll(seconds * 1000))


def _poll(sock: socket.socket, event: int) -> "select.poll":
    poll = select.poll()
    poll.register(sock, event)
    return poll


def send_at_once(sock: socket.socket) -> None:
    """Set TCP_NODELAY: a request is one write, so waiting for more data only delays it."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
