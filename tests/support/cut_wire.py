"""A TCP proxy to a local port that can be cut: its connections stay open, but no bytes pass."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from attrs import define, field

CHUNK = 65_536


@define(eq=False)
class CutWire:
    """The proxy, which listens on `port`."""

    port: int
    _whole: threading.Event = field(factory=threading.Event)

    def cut(self) -> None:
        """Hold back all bytes."""
        self._whole.clear()

    def restore(self) -> None:
        """Let all bytes pass, first those that were held back."""
        self._whole.set()

    def carry(self, source: socket.socket, sink: socket.socket) -> None:
        """Copy bytes from source to sink until one end is closed."""
        with suppress(OSError):
            while data := source.recv(CHUNK):
                self._whole.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cut_wire(far: int) -> Iterator[CutWire]:
    """A proxy to this port of 127.0.0.1, which is closed after the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = CutWire(listener.getsockname()[1])
        wire.restore()
        ends: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    near, _ = listener.accept()
                    other = socket.create_connection(("127.0.0.1", far))
                    ends.extend((near, other))
                    for pair in ((near, other), (other, near)):
                        threading.Thread(target=wire.carry, args=pair, daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield wire
        finally:
            wire.restore()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for end in ends:
                end.close()
