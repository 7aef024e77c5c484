"""Streams of Client: blocking sockets. Their coroutines never suspend."""

import socket
import threading
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from autoshares_cancel._http.streams import SocketStream, send_at_once, wait_writable
from autoshares_cancel._http.transmission import Limit
from autoshares_cancel._validation import MOST_CONNECTIONS


class BlockingStream(SocketStream):
    """A TCP connection that blocks, at most for the limit of each operation."""

    def __init__(self, sock: socket.socket) -> None:
        # A socket with a time-out would need twice as many system calls.
        sock.settimeout(0)
        super().__init__(sock)

    async def read(self, limit: Limit) -> bytes:
        """See Stream."""
        data = None
        while data is None:
            if not self.poll.wait(limit()):
                raise TimeoutError("timed out")
            data = self.received()
        return data

    async def write(self, data: bytes, limit: Limit) -> None:
        """See Stream."""
        seconds = limit()
        while data:
            try:
                data = data[self.socket.send(data) :]
            except BlockingIOError:
                if not wait_writable(self.socket, seconds):
                    raise TimeoutError("timed out") from None
                seconds = limit()


class BlockingNetwork:
    """Limits and opens the connections of threads."""

    def __init__(self) -> None:
        # Works in C, so it is ten times as fast as a Semaphore.
        self._slots = SimpleQueue[None]()
        for _ in range(MOST_CONNECTIONS):
            self.release()

    async def acquire(self, limit: Limit) -> None:
        """See Network."""
        try:
            self._slots.get_nowait()
        except Empty:
            await self._acquire_later(limit)

    async def _acquire_later(self, limit: Limit) -> None:
        try:
            self._slots.get(timeout=limit())
        except Empty:
            raise TimeoutError("no connection became free in time") from None

    def release(self) -> None:
        """See Network."""
        self._slots.put(None)

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
