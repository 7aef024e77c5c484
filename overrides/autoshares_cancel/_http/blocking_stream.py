"""Client's kind of stream: a blocking socket. Its coroutines never suspend."""

import socket
import threading
from concurrent.futures import Future

from autoshares_cancel._http.streams import CHUNK, send_at_once
from autoshares_cancel._http.transmission import Limit
from autoshares_cancel._validation import MOST_CONNECTIONS


class BlockingStream:
    """A socket that blocks, as long as it is allowed to."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    async def read(self, limit: Limit) -> bytes:
        """See Stream."""
        self.socket.settimeout(limit())
        return self.socket.recv(CHUNK)

    async def write(self, data: bytes, limit: Limit) -> None:
        """See Stream."""
        self.socket.settimeout(limit())
        self.socket.sendall(data)

    async def read_unexpected(self) -> bytes | None:
        """See Stream."""
        self.socket.settimeout(0)
        try:
            return self.socket.recv(CHUNK)
        except BlockingIOError:
            return None

    def mark_idle(self) -> None:
        """See Stream. Nothing is read meanwhile, so that the operating system bounds what comes."""

    def close(self) -> None:
        """See Stream."""
        self.socket.close()


class BlockingNetwork:
    """The slots and connections of threads."""

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

        The look-up of a name can't be bounded, and every address of a host gets the whole time-out: so a thread does
        it, which can be left behind. It only connects, it never sends.
        """
        seconds = limit()
        connected: Future[socket.socket] = Future()

        def connect() -> None:
            try:
                connected.set_result(socket.create_connection((host, port), seconds))
            except BaseException as error:  # noqa: BLE001  # handed to the caller, who raises it
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
        """See Network. A socket is closed when it is closed."""


def _close(connected: "Future[socket.socket]") -> None:
    if connected.exception() is None:
        connected.result().close()
