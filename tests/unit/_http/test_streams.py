"""Streams of each kind: unexpected bytes, closing, and TLS over all of them."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import pytest
import trustme
from conftest import MakeCaller
from support.fake_backend import PATIENCE_SECONDS
from support.memory_streams import END, MemoryStream
from support.raw_server import RawServer, says
from support.tls_peer import TlsPeer

from autoshares_cancel import NotSent, TokenCredentials
from autoshares_cancel._engine.run import run
from autoshares_cancel._http.asyncio_stream import AsyncioStream
from autoshares_cancel._http.connection import Connection
from autoshares_cancel._http.streams import CHUNK
from autoshares_cancel._http.tls_stream import MOST_READS, TlsStream

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
CONFLICT = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"


def in_time() -> float:
    return 1.0


class FakeTransport:
    """The transport of asyncio, as far as AsyncioStream uses it."""

    def __init__(self) -> None:
        self.waiting, self.is_aborted = 0, False

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def write(self, data: bytes) -> None:
        self.waiting += len(data)

    def abort(self) -> None:
        self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_aborted


def on_asyncio(scene: Callable[[AsyncioStream, FakeTransport], Awaitable[None]]) -> None:
    """Run this with a stream whose socket has nothing to read."""

    async def main() -> None:
        stream, transport = AsyncioStream(), FakeTransport()
        stream.connection_made(cast("asyncio.BaseTransport", transport))
        vars(stream)["_is_readable"] = lambda: False
        await scene(stream, transport)

    asyncio.run(main())


def test_what_comes_on_an_idle_connection_closes_it_and_is_not_kept() -> None:
    """Law 1: an idle connection expects nothing, and must not fill memory."""

    async def scene(stream: AsyncioStream, transport: FakeTransport) -> None:
        stream.mark_idle()
        stream.data_received(b"x" * CHUNK)
        assert transport.is_aborted
        assert await stream.read_unexpected() == b""
        assert await stream.read_unexpected() == b""

    on_asyncio(scene)


def test_what_comes_before_the_request_has_left_is_no_reply() -> None:
    """Law 1: the event loop still holds the request, so the bytes are no reply to it."""

    async def scene(stream: AsyncioStream, transport: FakeTransport) -> None:
        await stream.write(b"DELETE", in_time)
        stream.data_received(GONE)
        assert transport.is_aborted
        with pytest.raises(ConnectionError, match="before the request had left"):
            await stream.read(in_time)

    on_asyncio(scene)


def test_a_socket_that_the_event_loop_never_reads_is_not_used() -> None:
    """Law 1: the check ends, even if the event loop never reads."""

    async def scene(stream: AsyncioStream, _: FakeTransport) -> None:
        vars(stream)["_is_readable"] = lambda: True
        assert await stream.read_unexpected() == b""

    on_asyncio(scene)


@pytest.mark.parametrize("greeting", [GONE, END], ids=["a reply", "the end"])
@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "tls"])
def test_a_server_that_speaks_first_is_not_believed(
    make_caller: MakeCaller,
    token: TokenCredentials,
    greeting: bytes,
    is_secure: bool,  # noqa: FBT001  # pytest passes it by name
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Laws 1 and 4: if the server sends first on a new connection, nothing leaves, whatever the bytes are."""
    authority, trusted = trustme.CA(), ssl.create_default_context()
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.configure_trust(trusted)
    authority.issue_cert("127.0.0.1").configure_cert(own)
    look = Connection.is_ready

    has_spoken = threading.Event()

    async def looks_late(self: Connection) -> bool:
        assert has_spoken.wait(PATIENCE_SECONDS)
        return await look(self)

    class Greeting(RawServer):
        def _serve(self, connection: socket.socket) -> None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or Nagle's algorithm delays it
            with suppress(OSError):
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                connection.sendall(greeting) if greeting else connection.shutdown(socket.SHUT_RDWR)
            has_spoken.set()
            super()._serve(connection)

    greeted = Greeting(says(CONFLICT), own if is_secure else None)
    monkeypatch.setattr(Connection, "is_ready", looks_late)
    greeted.start()
    try:
        caller = make_caller(base_url=greeted.base_url, credentials=token, verify=trusted)
        assert type(caller.cancel(1, 2)) is NotSent
    finally:
        greeted.stop()
    assert greeted.requests == []


def handshaken() -> tuple[TlsPeer, TlsStream]:
    peer = TlsPeer()
    secure = run(TlsStream.open(peer.stream, peer.trusted, "broker.example", in_time))
    peer.turn()
    return peer, secure


def test_tls_session_tickets_are_not_unexpected_bytes() -> None:
    """A server sends session tickets after the handshake; they are not unexpected bytes."""
    peer, secure = handshaken()
    assert peer.outgoing.pending
    assert run(secure.read_unexpected()) is None
    assert not peer.outgoing.pending


def test_what_comes_unasked_over_tls_is_seen() -> None:
    """Law 1: application data after the session tickets is unexpected."""
    peer, secure = handshaken()
    peer.tls.write(GONE)
    assert run(secure.read_unexpected()) == GONE
    assert run(secure.read_unexpected()) is None


@pytest.mark.parametrize("how", ["in order", "in the middle", "no TLS"])
def test_the_end_of_tls_is_seen(how: str) -> None:
    """Law 1: the end of a connection is detected, with or without a close_notify."""
    peer, secure = handshaken()
    if how == "in order":
        with suppress(ssl.SSLError):
            peer.tls.unwrap()
    peer.outgoing.read(0 if how == "in order" else -1)
    if how == "no TLS":
        peer.outgoing.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    elif how == "in the middle":
        secure._stream = MemoryStream(unasked=END)
    assert run(secure.read_unexpected()) == b""


def test_the_check_for_unexpected_bytes_has_an_end() -> None:
    """The check ends, even if every piece is a message of TLS itself."""
    _, secure = handshaken()
    looks = list[None]()

    class Endless(MemoryStream):
        async def read_unexpected(self) -> bytes | None:
            looks.append(None)
            return b"\x14\x03\x03\x00\x01\x01"

    secure._stream = Endless()
    assert run(secure.read_unexpected()) == b""
    assert len(looks) == MOST_READS


def test_replies_and_requests_of_any_size_go_through_tls() -> None:
    """A record holds 16 KiB; requests and replies may be longer."""
    peer, secure = handshaken()
    data = bytes(range(256)) * 300
    run(secure.write(data, in_time))
    received = b""
    while len(received) < len(data):
        received += peer.tls.read(CHUNK)
    assert received == data
    peer.tls.write(data)
    received = b""
    while len(received) < len(data):
        received += run(secure.read(in_time))
    assert received == data


def test_a_server_of_another_name_is_refused_and_learns_why() -> None:
    """Law 10: a server with a certificate for another name gets only a TLS alert."""
    peer = TlsPeer()
    with pytest.raises(ssl.SSLCertVerificationError, match="other"):
        run(TlsStream.open(peer.stream, peer.trusted, "other.example", in_time))
    with pytest.raises(ssl.SSLError, match="ALERT"):
        peer.tls.do_handshake()
