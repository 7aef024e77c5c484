"""Which bytes are one plain reply and nothing more, without a socket."""

import pytest

from autoshares_cancel._http.response import REPLY_LIMIT, REUSE_LIMIT, ResponseBuffer
from autoshares_cancel._values.evidence import Reply


def last_reply(*parts: bytes) -> ResponseBuffer:
    reply = ResponseBuffer()
    for part in parts:
        reply.append(part)
    return reply


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
def test_a_reply_that_ends_with_its_last_byte_is_plain(parts: list[bytes]) -> None:
    """Law 1: a reply that ends with its last byte is plain: its connection may carry the next request."""
    assert last_reply(*parts).plain is not None


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
        b"HTTP/1.1 204 No Content\nServer: x\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nServer: x\nX: y\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nServer: x\r\n y\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nCONNECTION: keep-alive, Close \r\n\r\n",
    ],
    ids=str,
)
def test_a_reply_without_a_clear_end_and_a_last_one_are_not_plain(data: bytes) -> None:
    """Law 1: any other reply is not plain, nor is the last one of a connection: no request may follow it.

    Bare line ends and folded lines are left to h11.
    """
    assert last_reply(data).plain is None


def test_the_longest_reply_after_which_a_connection_is_used_again() -> None:
    """Law 1: a longer reply is not plain: a stream that reads it may have further bytes in a buffer."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
    longest = REUSE_LIMIT - len(head % 10_000)
    assert last_reply(head % longest, b"x" * longest).plain is not None
    longest += 1
    assert last_reply(head % longest, b"x" * longest).plain is None


def test_headers_are_kept() -> None:
    """Headers are kept in any case, without blanks around the value; a repeated one is joined, others are dropped."""
    ids = b"x-request-id: a \r\nSet-Cookie: b\r\nX-Request-ID:\tc\r\nMy-X-Request-Id: d\r\n"
    plain = last_reply(b"HTTP/1.1 204 No Content\r\nDATE: today\r\n" + ids + b"\r\n").plain
    assert plain == Reply(status_code=204, headers={"Date": "today", "X-Request-Id": "a, c"})


def test_a_new_request_forgets_the_reply_before_it() -> None:
    """The second reply of a connection does not depend on the first."""
    reply = last_reply(b"HTTP/1.1 204 No Content\r\n\r\n")
    reply.clear()
    assert reply.plain is None
    reply.append(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    assert reply.plain == Reply(status_code=200, body=b"{}")


def test_a_reply_is_read_up_to_its_limit() -> None:
    """Law 3: an endless reply ends at the limit, which counts all bytes and not only the last piece."""
    reply = last_reply(b"x" * (REPLY_LIMIT - 2))
    reply.check_size()
    assert reply.append(b"xyz") == b"xy"
    with pytest.raises(ConnectionError, match=r"^the reply is longer than 131072 bytes$"):
        reply.check_size()
