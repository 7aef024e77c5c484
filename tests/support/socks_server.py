"""A SOCKS5 proxy (RFC 1928) for tests, without a password. Records the requested hosts."""

import gc
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SUCCEEDED, REFUSED = 0, 5
VERSION, NO_PASSWORD, NAME = 5, 0, 3


class SocksServer:
    """A proxy on 127.0.0.1 that connects every request to `port` there, refuses it, or never answers."""

    def __init__(self, port: int, *, reply_code: int | None = SUCCEEDED) -> None:
        self._target, self._reply_code = port, reply_code
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self._threads = list[threading.Thread]()
        self.asked = list[tuple[str, int]]()
        """The requested hosts and ports."""

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        self._run(self._accept)

    def stop(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(timeout=60)

    def _run(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]  # bound methods
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._sockets.append(connection)
                self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, EOFError):
            _, methods = _exactly(connection, 2)
            _exactly(connection, methods)
            if self._reply_code is None:
                return
            connection.sendall(bytes([VERSION, NO_PASSWORD]))
            self.asked.append(_destination(connection))
            connection.sendall(bytes([VERSION, self._reply_code, 0, 1, 0, 0, 0, 0, 0, 0]))
            if self._reply_code == SUCCEEDED:
                onward = socket.create_connection(("127.0.0.1", self._target))
                self._sockets.append(onward)
                self._run(_copy, onward, connection)
                _copy(connection, onward)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def _destination(connection: socket.socket) -> tuple[str, int]:
    *_, kind = _exactly(connection, 4)
    if kind == NAME:
        host = _exactly(connection, _exactly(connection, 1)[0]).decode("ascii")
    else:
        host = socket.inet_ntoa(_exactly(connection, 4))
    return host, int.from_bytes(_exactly(connection, 2), "big")


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def socks_server(port: int, *, reply_code: int | None = SUCCEEDED) -> Iterator[SocksServer]:
    """Serve until the end of the block. With a reply code of None the proxy never answers."""
    server = SocksServer(port, reply_code=reply_code)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def leaking() -> Iterator[None]:
    """Collect without a warning the proxy connection that httpcore leaves open after a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()
