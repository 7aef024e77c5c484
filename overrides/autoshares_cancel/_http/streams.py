"""What a connection needs of a stream, and a pool of the network. Three kinds: blocking, asyncio, anyio.

All of it is coroutines, so that connection and pool are written once. Those of the blocking kind never suspend.
Every method raises OSError where the network fails, TimeoutError (which is one) where the limit is over.
"""

import socket
from typing import Final, Protocol

from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.transmission import Limit, Transmission
from autoshares_cancel._values.evidence import Reply

CHUNK: Final = 64 * 1024
"""Bytes that are read at once, at most."""


class Stream(Protocol):
    """Bytes in both directions."""

    async def read(self, limit: Limit) -> bytes:
        """What has come, as soon as there is some; empty where the other side has ended."""
        ...

    async def write(self, data: bytes, limit: Limit) -> None:
        """Hand everything to the operating system, or at least to the event loop."""
        ...

    async def read_unexpected(self) -> bytes | None:
        """Take what has come unasked, without waiting for it: None where nothing has, empty where the other side ended.

        Where it answers None, it has not suspended since it looked.
        """
        ...

    def mark_idle(self) -> None:
        """Expect nothing until the next write: what comes meanwhile may close the stream."""
        ...

    def close(self) -> None:
        """Close at once, without a word to the other side."""
        ...


class Network(Protocol):
    """Threads or an event loop, as a pool needs them."""

    async def acquire(self, limit: Limit) -> None:
        """Wait for one of the slots."""
        ...

    def release(self) -> None:
        """Give the slot back."""
        ...

    async def connect(self, host: str, port: int, limit: Limit) -> Stream:
        """Open a TCP connection."""
        ...

    async def wait_closed(self) -> None:
        """Wait until every stream that was closed is."""
        ...


class Connections(Protocol):
    """What sends requests: a pool, or the caller's own transport."""

    async def send(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Send a request once, and wait for its reply. Raises OSError."""
        ...

    def close(self) -> None:
        """Open no connection any more."""
        ...

    async def wait_closed(self) -> None:
        """Wait until what was closed is."""
        ...

    def renew(self) -> None:
        """In a forked child: give up what is the parent's."""
        ...


def send_at_once(sock: socket.socket) -> None:
    """Switch off the waiting for more to send, which a request of one write only suffers from."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
