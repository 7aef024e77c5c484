"""Streams of Client: blocking sockets. Their coroutines never suspend."""

import socket
import threading
from concurrent.futures import Future

from autoshares_cancel._http.streams import CHUNK, SocketStream, send_at_once
from autoshares_cancel._http.transmission import Limit
from autoshares_cancel._validation import MOST_CONNECTIONS


class BlockingStream(SocketStream):
    """A TCP socket that blocks, at most for the limit of each operation."""

    async def read(self, limit: Limit) -> bytes:
        """See Stream."""
        self.socket.settimeout(limit())
        return self.socket.recv(CHUNK)

    async def write(self, data: bytes, limit: Limit) -> None:
        """See Stream."""
        self.socket.settimeout(limit())
        self.socket.sendall(data)


class BlockingNetwork:
    """Limits and opens the connections of threads."""

    def __init__(self) -> None:
        self._slots = threading.Semaphore(MOST_CONNECTIONS)

    async def acquire(self, limit: Limit) -> None:
        """See Network."""
        if not self._slots.acquire(timeout=limit()):
            raise TimeoutError("no connection became free in time")

    def release(self) -> None:
        """See Network."""
        self._slots.release()

    async def connect(self, host: str, port: int, limit: Limit) -> BlockingStream:
        """See Network.

        A thread connects, because a name look-up can't be interrupted and every address of a host gets the whole
        time-out. At the limit the thread is abandoned: it never sends, and its socket is closed.
        """
        seconds = limit()
        connected: Future[socket.socket] = Future()

        def connect() -> None:
            try:
                connected.set_result(socket.create_connection((host, port), seconds))
            except BaseException as error:  # noqa: BLE001  # raised in the calling thread
                connected.set_exception(error)

        threading.Thread(target=connect, daemon=True, name="autoshares-cancel connect").start()
        try:
            sock = connected.result(seconds)
        except TimeoutError:
            connected.add_done_callback(_close)
            raise TimeoutError("no connection in time") from None
        send_at_once(sock)
        return BlockingStream(sock)

    async def wait_closed(self) -> None:
        """See Network. Does nothing: close() has closed the sockets at once."""


def _close(connected: "Future[socket.socket]") -> None:
    if connected.exception() is None:
        connected.result().close()
