"""Servers that send exactly the given bytes, also such as no HTTP server would send."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, bytes], None]
"""Called with the connection and the bytes of each request; it may send bytes or close the connection."""


class RawServer:
    """Listens on 127.0.0.1, records every request, and passes the connection to `answer`."""

    def __init__(
        self, answer: Answer, tls: ssl.SSLContext | None = None, listener: socket.socket | None = None
    ) -> None:
        self._answer, self._tls = answer, tls
        self._listener = listener or socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.connections: list[socket.socket] = []
        self.stopping = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def base_url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/api"

    def start(self) -> None:
        self._threads[0].start()

    def stop(self) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=60)
        for connection in self.connections:
            connection.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            self.connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        pending = b""
        with suppress(OSError):
            while chunk := connection.recv(65536):
                pending += chunk
                while b"\r\n\r\n" in pending:
                    request, pending = pending.split(b"\r\n\r\n", 1)
                    self.requests.append(request)
                    self._answer(connection, request)


@contextmanager
def raw_server(
    answer: Answer, tls: ssl.SSLContext | None = None, listener: socket.socket | None = None
) -> Iterator[RawServer]:
    """Serve until the end of the block, then close all connections. `listener` replaces the default on 127.0.0.1."""
    server = RawServer(answer, tls, listener)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def says(*replies: bytes) -> Answer:
    """Send these replies, one per request; the last one is repeated."""
    waiting = list(replies)

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return answer


def then_close(data: bytes) -> Answer:
    """Send these bytes and close the connection."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)

    return answer


def close(connection: socket.socket, _: bytes) -> None:
    """Close the connection without a reply."""
    connection.shutdown(socket.SHUT_RDWR)


def nothing(_: socket.socket, __: bytes) -> None:
    """Never reply."""


class TlsServer:
    """Accepts one connection on 127.0.0.1, tries a TLS handshake, records the request, replies, and closes."""

    def __init__(self, context: ssl.SSLContext, answer: bytes = b"") -> None:
        self._context = context
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with (
            self._listener,
            self._listener.accept()[0] as connection,
            suppress(OSError),
            self._context.wrap_socket(connection, server_side=True) as secure,
        ):
            self.heard.append(secure.recv(65536))
            secure.sendall(self._answer)

    def join(self) -> None:
        """Wait for the end of the connection."""
        self._thread.join(timeout=60)
