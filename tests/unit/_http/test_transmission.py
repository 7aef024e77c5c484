"""What the sockets tell of an attempt, without a socket."""

import ssl
from contextlib import suppress

import pytest
import trustme

from autoshares_cancel._http.response import REPLY_LIMIT, REUSE_LIMIT, ResponseBuffer, is_unread
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.deadline import Deadline


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class StopError(Exception):
    pass


def transmission(seconds: float = 30.0) -> Transmission:
    return Transmission(Deadline.after(seconds, Clock()))


def last_reply(*parts: bytes) -> ResponseBuffer:
    reply = ResponseBuffer()
    for part in parts:
        reply.grows(part, StopError)
    return reply


def test_what_has_come_can_be_taken_piece_by_piece() -> None:
    """What is behind a number of bytes: all of it, a part, or nothing yet."""
    reply = last_reply(b"HTTP/1.1 2", b"04 No")
    assert [reply.since(size) for size in (0, 10, reply.size)] == [b"HTTP/1.1 204 No", b"04 No", b""]


@pytest.mark.parametrize(
    ("written", "may_have_left"),
    [
        ([], False),
        ([b""], False),
        ([b"CONNECT broker.example:443 HTTP/1.1\r\n"], False),
        ([b"D"], True),
        ([b"CONNECT broker.example:443 HTTP/1.1\r\n", b"DELETE "], True),
        ([b"DELETE ", b""], True),
        ([b"DELETE ", b"CONNECT broker.example:443 HTTP/1.1\r\n"], True),
        ([b"connect broker.example:443 HTTP/1.1\r\n"], True),
        ([b"\r\nCONNECT "], True),
    ],
    ids=str,
)
def test_one_byte_of_a_request_ends_the_proof_that_nothing_left(written: list[bytes], may_have_left: bool) -> None:  # noqa: FBT001  # pytest passes it by name
    """Law 4: NotSent needs a stream on which nothing was written, but for the question to a proxy."""
    attempt = transmission()
    for data in written:
        attempt.writes(data)
    assert attempt.may_have_left is may_have_left


@pytest.mark.parametrize(("left", "asked", "granted"), [(30.0, 5.0, 5.0), (0.5, 5.0, 0.5), (0.5, None, 0.5)])
def test_an_operation_may_take_what_is_left_at_most(left: float, asked: float | None, granted: float) -> None:
    """Law 7: even where httpx would wait without end."""
    assert transmission(left).limit(asked, StopError) == granted


@pytest.mark.parametrize(("left", "asked"), [(0.0, 5.0), (-1.0, None), (30.0, 0.0)])
def test_an_operation_without_time_is_not_begun(left: float, asked: float | None) -> None:
    """Law 7: its own kind of error is raised, because a time-out of 0 would mean no time-out to a socket."""
    with pytest.raises(StopError, match="deadline"):
        transmission(left).limit(asked, StopError)


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 204 No Content\r\n\r\n"],
        [b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
        [b"HTTP/1.1 409 Conflict\r\ncontent-length:\t0 \r\nServer: x\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nConte", b"nt-Length: 2\r\n\r", b"\n{", b"}"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\na\r\n\r\nbc"],
    ],
    ids=str,
)
def test_a_reply_that_ends_where_its_bytes_end_is_all_there_is(parts: list[bytes]) -> None:
    """Law 1: only then may the connection carry the next request."""
    assert last_reply(*parts).is_all_there_is


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 2040 No\r\n\r\n",
        b"HTTP/1.0 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{} ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX-Content-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=str,
)
def test_every_other_end_is_not_trusted(data: bytes) -> None:
    """Law 1: what else came in would be read as the reply to the next request."""
    assert not last_reply(data).is_all_there_is


def test_the_longest_reply_after_which_a_connection_is_used_again() -> None:
    """Law 1: whoever reads more at once may hold back what follows."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
    longest = REUSE_LIMIT - len(head % 10_000)
    assert last_reply(head % longest, b"x" * longest).is_all_there_is
    longest += 1
    assert not last_reply(head % longest, b"x" * longest).is_all_there_is


def test_a_new_request_forgets_the_reply_before_it() -> None:
    """A connection's second reply is judged by itself."""
    reply = last_reply(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (reply.has_come, reply.is_all_there_is) == (True, True)
    reply.begins()
    assert (reply.has_come, reply.is_all_there_is) == (False, False)
    reply.grows(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", StopError)
    assert reply.is_all_there_is


def test_a_reply_is_read_up_to_its_limit() -> None:
    """Law 3: a reply without end is left; the limit counts all that came, not the last piece."""
    reply = last_reply(b"x" * (REPLY_LIMIT - 1), b"x")
    with pytest.raises(StopError, match="longer"):
        reply.grows(b"x", StopError)


def handshaken() -> tuple[ssl.SSLObject, ssl.SSLObject, ssl.MemoryBIO]:
    """The client's and the server's end of a TLS connection in memory, and what is on its way to the client."""
    authority = trustme.CA()
    contexts = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(contexts[0])
    authority.issue_cert("broker.example").configure_cert(contexts[1])
    inbound, outbound = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = contexts[0].wrap_bio(inbound, outbound, server_hostname="broker.example")
    server = contexts[1].wrap_bio(outbound, inbound, server_side=True)
    for end in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return client, server, inbound


def test_tls_in_memory_tells_what_nobody_has_read() -> None:
    """Law 1: what came unasked, or the end of the connection, forbids to use it again."""
    client, server, inbound = handshaken()
    assert not is_unread(client)
    server.write(b"x")
    assert is_unread(client)
    assert not is_unread(client)
    inbound.write(b"no TLS at all")
    assert is_unread(client)


def test_other_connections_keep_nothing() -> None:
    """They are asked through their sockets."""
    assert not is_unread(None)
