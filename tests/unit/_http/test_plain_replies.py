"""The fast path for plain replies, compared with h11: both read the same reply."""

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autoshares_cancel._http.response import ResponseBuffer
from autoshares_cancel._values import headers
from autoshares_cancel._values.evidence import Reply, reply_of

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = b"Content-Length: 0\r\n"
ODD_BYTES = [bytes([code]) for code in (0, 1, 9, 10, 11, 12, 13, 27, 32, 34, 40, 58, 64, 123, 127, 128, 160, 255)]

KEPT = [name.encode() for name in headers.KEPT]
names = st.sampled_from([b"Content-Length", b"content-LENGTH", b"X", b"x-y_z", b"Connection", b"X-Request-Id-2", *KEPT])
values = st.sampled_from([b"0", b"2", b"02", b"2, 2", b"+2", b"2_0", b"-0", b"", b"close", b"a b", b"\xe4", b"1" * 21])
blanks = st.sampled_from([b"", b" ", b"\t ", b"  "])
lines = st.tuples(names, st.just(b":"), blanks, values, blanks, st.just(b"\r\n")).map(b"".join)
FIRST_LINES = [
    OK,
    b"HTTP/1.1 409 \r\n",
    b"HTTP/1.1 500\r\n",
    b"HTTP/1.1 599 \xff\tx\r\n",
    b"HTTP/1.1 204 No Content\r\n",
    b"HTTP/1.1 304 x\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 103 x\r\n",
    b"HTTP/1.1  200 OK\r\n",
]
other_lines = st.sampled_from(
    [
        b"Date: x \r\n",
        b"x-request-ID: a\xe4 \r\n",
        b"Retry-After:\t7\r\n",
        b"X-Y_Z~: a b\r\n",
        b"Connection: keep-alive\r\n",
    ]
)
bodies = st.sampled_from([b"", b"{}", b"{}\r\n", b"\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"])
replies = st.tuples(
    st.sampled_from(FIRST_LINES), st.lists(lines, max_size=4).map(b"".join), st.just(b"\r\n"), bodies
).map(b"".join)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A reply with up to two odd bytes, inserted or in place of others."""
    data = draw(replies)
    for _ in range(draw(st.integers(0, 2))):
        at, odd = draw(st.integers(0, len(data))), draw(st.sampled_from(ODD_BYTES))
        data = data[:at] + odd + data[at + draw(st.integers(0, 1)) :]
    return data


def by_h11(data: bytes) -> Reply | None:
    """The reply if h11 reads all of these bytes as exactly one reply, or None."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="DELETE", target="/", headers=[("Host", "")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    head, body = None, b""
    try:
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                return None
            head = event if isinstance(event, h11.Response) else head
            body += bytes(event.data) if isinstance(event, h11.Data) else b""
    except h11.RemoteProtocolError:
        return None
    if head is None or connection.trailing_data[0]:
        return None
    return reply_of(head.status_code, head.headers, body)


@pytest.mark.parametrize(
    "data",
    [
        OK + EMPTY + b"X: a\x00b\r\n\r\n",
        OK + EMPTY + b"X: a\x01b\r\n\r\n",
        OK + EMPTY + b"X: \x7f\r\n\r\n",
        OK + EMPTY + b"X@Y: z\r\n\r\n",
        OK + EMPTY + b"X(Y): z\r\n\r\n",
        OK + EMPTY + b"Content-Length: x\r\n\r\n",
        OK + EMPTY + b"Content-Length: 00\r\n\r\n",
        OK + EMPTY + b"Content-Length:\r\n\r\n",
        b"HTTP/1.1 200 O\x00K\r\n" + EMPTY + b"\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=ascii,
)
def test_what_h11_may_refuse_is_not_plain(data: bytes) -> None:
    """Laws 1 and 8: names, values and lengths that break RFC 9110 are not plain: h11 reads them."""
    reply = ResponseBuffer()
    reply.append(data)
    assert reply.plain is None


@settings(max_examples=1500)
@given(data=st.one_of(replies, spoilt()))
@example(data=OK + b"Content-Length: 2\r\nContent-Length: 2\r\nRetry-After: 7 \t\r\n\r\n{}")
@example(data=OK + EMPTY + b"CF-RAY: \t1 \r\ncf-ray:2\r\nX-CF-Ray: 3\r\n\r\n")
@example(data=b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n")
def test_h11_reads_every_plain_reply_alike(data: bytes) -> None:
    """Laws 1 and 8: a plain reply has the status, body and kept headers that h11 reads, and no byte after it."""
    reply = ResponseBuffer()
    reply.append(data)
    if reply.plain is not None:
        assert reply.plain == by_h11(data)


@given(first=st.sampled_from(FIRST_LINES[:4]), others=st.lists(other_lines, max_size=3), body=bodies)
def test_a_reply_by_the_rules_is_plain(first: bytes, others: list[bytes], body: bytes) -> None:
    """Typical replies take the fast path, so the comparison with h11 covers them."""
    data = b"".join((first, *others, b"Content-Length: %d\r\n\r\n" % len(body), body))
    reply = ResponseBuffer()
    reply.append(data)
    assert reply.plain is not None
    assert reply.plain == by_h11(data)
