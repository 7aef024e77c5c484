"""A proxy to the mock that withholds replies: the mock has carried out a cancel, but its caller has no reply yet."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from support.raw_server import raw_server

from autoshares_cancel.mock import MockServer

PATIENCE_SECONDS: Final = 60
WITHOUT_BODY: Final = 204


class HeldReplies:
    """Forwards requests to the mock, and withholds its replies to the cancels of some orders until `release` is set."""

    def __init__(self, mock: MockServer, *held: int) -> None:
        self._port, self._held = mock.port, held
        self.base_url = ""
        self.reached = threading.Semaphore(0)
        """Released once for each reply that is withheld."""
        self.release = threading.Event()
        self.cancels = list[int]()
        """The orders whose cancel has arrived."""
        self.log_in_status: int | None = None
        """The status of the next log-ins, instead of the mock's."""

    def wait_for(self, count: int) -> None:
        """Wait until `count` replies are withheld."""
        for _ in range(count):
            assert self.reached.acquire(timeout=PATIENCE_SECONDS)

    def answer(self, connection: Any, request: bytes) -> None:
        """Answer one request."""
        head, *lines = request.decode("latin-1").split("\r\n")
        method, path, _ = head.split(" ")
        if path.endswith("/token") and self.log_in_status is not None:
            connection.sendall(f"HTTP/1.1 {self.log_in_status} No\r\nContent-Length: 0\r\n\r\n".encode())
            return
        order_id = int(path.rpartition("/")[2]) if method == "DELETE" else 0
        if order_id:
            self.cancels.append(order_id)
        reply = self._forwarded(method, path, dict(line.split(": ", 1) for line in lines))
        if order_id in self._held:
            self.reached.release()
            self.release.wait(PATIENCE_SECONDS)
        connection.sendall(reply)

    def _forwarded(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        there = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        there.request(method, path, headers=headers)
        answer = there.getresponse()
        body = answer.read()
        there.close()
        kept = [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() == "content-type"]
        length = [] if answer.status == WITHOUT_BODY else [f"Content-Length: {len(body)}"]
        return "\r\n".join([f"HTTP/1.1 {answer.status} {answer.reason}", *kept, *length, "", ""]).encode() + body


@contextmanager
def held_replies(mock: MockServer, *held: int) -> Iterator[HeldReplies]:
    """Serve until the end of the block; every reply that is still withheld is released then."""
    way = HeldReplies(mock, *held)
    with raw_server(way.answer) as server:
        way.base_url = server.base_url
        try:
            yield way
        finally:
            way.release.set()
