"""An HTTP proxy that opens tunnels, optionally over TLS and with a password."""

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from attrs import define, field

AUTHORIZATION = b"Proxy-Authorization: Basic " + b64encode(b"trader@firm:p:ss")


@define
class Tunnels:
    """The requests of the proxy, and its address."""

    port: int
    asked: list[bytes] = field(factory=list[bytes])


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _open(connection: socket.socket, port: int, asked: list[bytes], extra: bytes) -> None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    asked.append(head)
    with socket.create_connection(("127.0.0.1", port)) as server:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n" + extra)
        back = threading.Thread(target=_pipe, args=(server, connection), daemon=True)
        back.start()
        _pipe(connection, server)
        back.join(60)


@contextmanager
def tunnels(to_port: int, tls: ssl.SSLContext | None = None, extra: bytes = b"") -> Iterator[Tunnels]:
    """Open every tunnel to this local port. `extra` is sent right after the reply to CONNECT."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = Tunnels(listener.getsockname()[1])
    threads = list[threading.Thread]()

    def serve(plain: socket.socket) -> None:
        with suppress(OSError), plain:
            connection = plain if tls is None else tls.wrap_socket(plain, server_side=True)
            with connection:
                _open(connection, to_port, proxy.asked, extra)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                threads[-1].start()

    threads.append(threading.Thread(target=accept, daemon=True))
    threads[0].start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join(60)
