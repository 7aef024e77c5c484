"""Law 1 on reused connections: bytes after a reply are never read as the reply to the next request.

The server sends raw bytes, because an HTTP library would not send such replies.
"""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
import trustme
from conftest import MakeCaller
from support.clients import Caller
from support.raw_server import raw_server, says

from autoshares_cancel import OrderConflict, TokenCredentials
from autoshares_cancel._http.connection import Connection
from autoshares_cancel.contract.report.fixture_types import Cell

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
PATIENCE_SECONDS = 60
CHUNKS = b"0\r\n\r\n"
CONFLICT = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"


def padded(size: int) -> bytes:
    """A 409 reply of exactly this size."""
    head = b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n"
    length = size - len(head % size)
    return head % length + b"x" * length


FOLLOWED = {
    "a second reply": CONFLICT + GONE,
    "half a reply": CONFLICT + GONE[:-3],
    "a reply behind chunks": b"HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS + GONE,
    "a reply behind a body": b"HTTP/1.1 409 Conflict\r\ncontent-length:2\r\n\r\n{}" + GONE,
    # Read by Content-Length this is one reply, read by chunks it is two.
    "a length over chunks": b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n" % len(CHUNKS + GONE)
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + CHUNKS
    + GONE,
    "early hints with a length": b"HTTP/1.1 103 Early Hints\r\nContent-Length: %d\r\n\r\n" % len(CONFLICT + GONE)
    + CONFLICT
    + GONE,
    "as much as is read at once": padded(65536) + GONE,
    "a little less than that": padded(65500) + GONE,
}
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n" % len(GONE) + GONE
BODILESS = {
    "304 with a length": NOT_MODIFIED,
    "204 of another version": NOT_MODIFIED.replace(b"1.1 304", b"1.9 204", 1),
    "bare line ends": GONE.replace(b"\r", b"") * 2,
    "bare line ends, then none": GONE.replace(b"\r", b"") + GONE,
    "a bare carriage return": b"HTTP/1.1 204 No\rContent\n\n" + GONE,
    "a folded line": b"HTTP/1.1 204 No Content\r\nX: y\r\n z\r\n\r\n" + GONE,
}


def test_bytes_after_a_reply_are_not_the_next_reply(
    make_caller: MakeCaller, token: TokenCredentials, client_kind: str, cell: Cell
) -> None:
    """Law 1: the second of two replies to one request is not taken for the reply to the next request."""
    cell("faults", row="a reply behind the reply", column=client_kind, note="OrderConflict")
    for data in FOLLOWED.values():
        with raw_server(says(data, CONFLICT)) as server:
            caller = make_caller(base_url=server.base_url, credentials=token)
            outcomes = [caller.cancel(6303, order_id) for order_id in (73552, 73553, 73554)]
        assert [type(outcome) for outcome in outcomes] == [OrderConflict] * 3
        assert (len(server.requests), len(server.connections)) == (3, 2)


@pytest.mark.parametrize("data", BODILESS.values(), ids=BODILESS)
def test_bytes_after_a_bodiless_reply_are_not_the_next_reply(
    make_caller: MakeCaller, token: TokenCredentials, client_kind: str, data: bytes, cell: Cell
) -> None:
    """Law 1: bytes after a reply without a body are not taken for the reply to the next request."""
    cell("faults", row="a reply behind a bodiless reply", column=client_kind, note="OrderConflict")
    with raw_server(says(data, CONFLICT)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        caller.cancel(6303, 73552)
        assert type(caller.cancel(6303, 73553)) is OrderConflict
    assert (len(server.requests), len(server.connections)) == (2, 2)


def answer_in_records(connection: socket.socket, context: ssl.SSLContext, replies: list[bytes]) -> None:
    """Send these replies to the first request and a conflict to every other request, each in its own TLS record.

    All records are sent at once, so that a read of the first also receives the others. Ends with an OSError.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = context.wrap_bio(incoming, outgoing, server_side=True)

    def until_done(operation: Callable[..., object], *arguments: object) -> None:
        for _ in range(10):
            try:
                operation(*arguments)
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536) or b"the end is no record")
            else:
                return

    until_done(secure.do_handshake)
    for _ in range(10):
        until_done(secure.read, 65536)
        for reply in replies:
            secure.write(reply)
        connection.sendall(outgoing.read())
        replies[:] = [CONFLICT]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_port(authority: trustme.CA) -> Iterator[int]:
    """A TLS server that serves one connection after the other."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    replies = [CONFLICT, GONE]

    def serve(listener: socket.socket) -> None:
        for _ in range(10):
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                answer_in_records(connection, context, replies)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_SECONDS)


def test_a_second_reply_in_its_own_tls_record_is_not_the_next_reply(
    authority: trustme.CA, tls_port: int, make_caller: MakeCaller, token: TokenCredentials, client_kind: str, cell: Cell
) -> None:
    """Law 1: a second reply that TLS has already taken from the socket is not read as the next reply."""
    cell("faults", row="TLS: a reply behind the reply", column=client_kind, note="OrderConflict")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    caller = make_caller(base_url=f"https://localhost:{tls_port}", credentials=token, verify=trusted)
    outcomes = [caller.cancel(6303, order_id) for order_id in (73552, 73553, 73554)]
    assert [type(outcome) for outcome in outcomes] == [OrderConflict] * 3


def pool_of(caller: Caller) -> Any:
    """The connections of a client."""
    return cast("Any", caller.client)._engine.backend.connections


@pytest.mark.parametrize("surprise", [GONE, b""], ids=["a reply", "the end"])
def test_bytes_just_before_a_request_are_not_its_reply(
    make_caller: MakeCaller,
    token: TokenCredentials,
    client_kind: str,
    surprise: bytes,
    monkeypatch: pytest.MonkeyPatch,
    cell: Cell,
) -> None:
    """Laws 1 and 4: bytes that arrive just before a request is written make the client use a new connection."""
    cell("faults", row="the connection speaks before the request", column=client_kind, note="OrderConflict")
    look, surprises = Connection.is_ready, [surprise]

    async def surprising(self: Connection) -> bool:
        if surprises:
            connection, data = server.connections[0], surprises.pop()
            connection.sendall(data) if data else connection.shutdown(socket.SHUT_RDWR)
            select.select([cast("Any", self.stream).socket], [], [], PATIENCE_SECONDS)
        return await look(self)

    with raw_server(says(CONFLICT)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        assert type(caller.cancel(6303, 73552)) is OrderConflict
        monkeypatch.setattr(Connection, "is_ready", surprising)
        assert type(caller.cancel(6303, 73553)) is OrderConflict
    assert [request.split(b" ")[1][-5:] for request in server.requests] == [b"73552", b"73553"]
    assert len(server.connections) == 2
