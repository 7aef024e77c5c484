"""Plans: the steps that a fault sends in place of the intact reply. Pure.

1. A plan is a tuple of steps. Bytes are sent, an `Act` is performed, and a `Wait` pauses.
2. A plan is made from the intact reply, so that it changes a reply with the real decision.
3. A plan that ends with the connection open leaves it to the next request, like a server that does not notice its
   fault.
"""

from __future__ import annotations

from enum import Enum

from attrs import evolve, frozen

END = b"\r\n\r\n"
NO_CONTENT = 204


class Act(Enum):
    """A step that performs an action on the connection."""

    PAUSE = "wait for one `fault_pause`"
    STALL = "send nothing more until the caller closes the connection, for a minute at most"
    KEEP_WAITING = "send nothing more, and take the next request"
    CLOSE = "end the connection"
    RESET = "break the connection off"
    CLOSE_ON_REUSE = "end the connection as soon as another request arrives on it"


@frozen
class Wait:
    """A step that sends nothing for a number of seconds, or until the connection ends."""

    seconds: float


Plan = tuple[bytes | Act | Wait, ...]


@frozen(kw_only=True)
class IntactReply:
    """The reply without a fault, and the facts about the request that plans need.

    `target` is the request's path with its query. `redirect_to` is the origin in redirects to another host.
    """

    status_line: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    target: str = "/"
    redirect_to: str = "https://other.example"

    @property
    def head(self) -> bytes:
        """Status line, headers and the empty line after them."""
        return b"\r\n".join([self.status_line, *(name + b": " + value for name, value in self.headers)]) + END

    @property
    def data(self) -> bytes:
        """Head and body."""
        return self.head + self.body

    @property
    def status(self) -> int:
        """The number in the status line."""
        return int(self.status_line.split(b" ")[1])

    def without(self, *names: bytes) -> IntactReply:
        """Return a copy without these headers; names are in lower case."""
        return evolve(self, headers=tuple(header for header in self.headers if header[0].lower() not in names))

    def having(self, name: bytes, value: bytes) -> IntactReply:
        """Return a copy with another header at the end."""
        return evolve(self, headers=(*self.headers, (name, value)))


def parse_reply(data: bytes, *, target: str, redirect_to: str) -> IntactReply:
    """Split the bytes of a reply into its head and its body."""
    head, _, body = data.partition(END)
    status_line, *lines = head.split(b"\r\n")
    headers = tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))
    return IntactReply(status_line=status_line, headers=headers, body=body, target=target, redirect_to=redirect_to)


def with_body(reply: IntactReply) -> IntactReply:
    """Return the reply if it has a body; otherwise add a body, and replace 204 by 200.

    The result has no Content-Length: each plan adds one, right or wrong.
    """
    if reply.body:
        return reply.without(b"content-length", b"transfer-encoding")
    status_line = b"HTTP/1.1 200 OK" if reply.status == NO_CONTENT else reply.status_line
    bare = evolve(reply, status_line=status_line, body=b'{"Message": "a reply with a fault"}')
    return bare.without(b"content-length", b"content-type").having(b"content-type", b"application/json")


def measured(reply: IntactReply, length: int | None = None) -> IntactReply:
    """Return a copy with a Content-Length: the right one, or `length`."""
    size = len(reply.body) if length is None else length
    return reply.having(b"content-length", str(size).encode())


def second_reply() -> bytes:
    """Return a reply that belongs to no request, and claims that an order was cancelled."""
    return b"HTTP/1.1 204 No Content" + END
