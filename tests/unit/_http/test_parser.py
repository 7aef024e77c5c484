"""The same bytes give the same reply, in any pieces and with every kind of client."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.memory_streams import END, MemoryStream, by_asyncio, by_memory, pool_over, request, transmission

from autoshares_cancel._engine.run import run
from autoshares_cancel._http.parser import LONGEST_HEAD, NotHttp, ResponseParser
from autoshares_cancel._http.response import REPLY_LIMIT
from autoshares_cancel._values.evidence import Reply

OK = b"HTTP/1.1 200 OK\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
WHOLE: dict[str, tuple[bytes, int, bytes]] = {
    "without a body": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "with a length": (OK + b"Content-Length: 2\r\n\r\n{}", 200, b"{}"),
    "in chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n", 200, b"{}"),
    "chunks with a trailer": (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nDate: x\r\n\r\n", 200, b"{}"),
    "behind early hints": (HINTS + b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n", 409, b""),
    "behind two": (b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "bare line ends": (b"HTTP/1.1 422 No\nContent-Length: 1\n\nx", 422, b"x"),
    "a folded line": (OK + b"X: y\r\n z\r\nContent-Length: 1\r\n\r\nx", 200, b"x"),
    "an odd number": (b"HTTP/1.1 599 What\r\nContent-Length: 0\r\n\r\n", 599, b""),
    "no reason": (b"HTTP/1.1 204\r\n\r\n", 204, b""),
}
TO_THE_END: dict[str, tuple[bytes, int, bytes]] = {
    "no length": (OK + b"\r\n{}", 200, b"{}"),
    "of an old server": (b"HTTP/1.0 200 OK\r\n\r\n{}", 200, b"{}"),
    "cut off": (OK + b"Content-Length: 5\r\n\r\n{}", 200, b"{}"),
    "cut off in a chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}", 200, b"{}"),
    "broken chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nxyz\r\n", 200, b"{}"),
}
NONE: dict[str, bytes] = {
    "nothing": b"",
    "half a line": b"HTTP/1.1 20",
    "half a head": OK + b"Content-Le",
    "no HTTP": b"220 smtp.example ESMTP\r\n",
    "no number": b"HTTP/1.1 abc OK\r\n\r\n",
    "hints only": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "two lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a head without end": OK + b"X: " + b"x" * (LONGEST_HEAD + 1),
}


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


WORDS = {
    "no number": "^illegal status line",
    "another protocol": "^(?!None)",
    "two lengths": "^conflicting Content-Length headers$",
    "a head without end": "^Receive buffer too long$",
}
"""The messages of h11; the other cases end too early."""


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100_000])
@pytest.mark.parametrize("name", WHOLE)
def test_a_reply_is_read_whole_in_whatever_pieces(name: str, size: int) -> None:
    """Status and body are read, and the parser waits for no byte after the reply."""
    data, status_code, body = WHOLE[name]
    reader, pieces = ResponseParser(), pieces_of(data, size)
    assert [reader.feed(piece) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert reader.reply == Reply(status_code=status_code, body=body)


@pytest.mark.parametrize("name", TO_THE_END)
def test_a_broken_body_never_hides_a_status(name: str) -> None:
    """Law 3: the reply has what was received, whether its end is an error or not."""
    data, status_code, body = TO_THE_END[name]
    reader, problem = ResponseParser(), None
    try:
        assert not reader.feed(data)
        reader.feed(END)
    except NotHttp as error:
        problem = error
    is_whole = name in {"no length", "of an old server"}
    assert reader.reply == Reply(status_code=status_code, body=body, is_whole=is_whole)
    assert (problem is None) == (name in {"no length", "of an old server"})


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_reply_is_an_error(name: str) -> None:
    """Law 3: bytes that are no HTTP reply raise NotHttp, and give no reply."""
    reader = ResponseParser()
    received = [NONE[name], END] if NONE[name] else [END]
    with pytest.raises(NotHttp, match=WORDS.get(name, "^the server ended the connection without a reply$")):
        assert not [*map(reader.feed, received)]
    assert reader.reply is None


def test_a_long_head_is_read() -> None:
    """A head of up to 100 KiB is read, in one piece or in many."""
    data = OK + b"X: " + b"x" * (LONGEST_HEAD - 100) + b"\r\nContent-Length: 0\r\n\r\n"
    assert by_memory(pieces_of(data, 1000)) == by_memory([data]) == Reply(status_code=200)


def test_headers_are_kept() -> None:
    """Headers are kept from replies that are not plain, too; a repeated header is joined, others are dropped."""
    reader = ResponseParser()
    ids = b"x-request-id: a\r\nSet-Cookie: b\r\nX-Request-ID: c\r\n"
    head = b"HTTP/1.1 429 No\r\nretry-after: 7\r\nDate: today\r\n" + ids
    reader.feed(head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    assert reader.reply == Reply(status_code=429, headers={"Retry-After": "7", "Date": "today", "X-Request-Id": "a, c"})


ALL = {**{name: case[0] for name, case in {**WHOLE, **TO_THE_END}.items()}, **NONE}


@pytest.mark.parametrize("size", [1, 5, 1_000_000])
@pytest.mark.parametrize("name", ALL)
def test_every_stream_reads_the_same(name: str, size: int) -> None:
    """Law 8: the same bytes give the same reply, however they are split."""
    size = max(size, len(ALL[name]) // 50)
    pieces = [*pieces_of(ALL[name], size), END]
    whole = by_memory([ALL[name], END])
    assert by_asyncio(pieces) == by_memory(pieces) == whole
    assert (whole is None) == (name in NONE)


def test_nothing_is_read_after_the_limit() -> None:
    """Laws 3 and 7: a server that pauses at the limit does not delay the reply."""
    head = OK + b"Content-Length: 999999\r\n\r\n"
    stream = MemoryStream([head + b"x" * (REPLY_LIMIT - len(head)), b"x"])
    reply = run(pool_over(stream).send(request(), transmission()))
    assert (reply.status_code, stream._left) == (200, [b"x"])


@pytest.mark.parametrize("size", [1000, 65_536, 2 * REPLY_LIMIT])
@pytest.mark.parametrize("length", [REPLY_LIMIT - 100, REPLY_LIMIT, 2 * REPLY_LIMIT])
@pytest.mark.parametrize("has_length", [True, False], ids=["with a length", "to the end"])
def test_a_long_reply_is_read_up_to_its_limit(has_length: bool, length: int, size: int) -> None:  # noqa: FBT001  # by name
    """Laws 3 and 8: the status counts, with the body up to the limit, however the bytes are split."""
    head = OK + (b"Content-Length: %d\r\n" % length if has_length else b"") + b"\r\n"
    data, kept = head + b"x" * length, REPLY_LIMIT - len(head)
    expected = Reply(status_code=200, body=b"x" * min(length, kept), is_whole=length <= kept)
    pieces = [*pieces_of(data, size), END]
    assert by_memory(pieces) == by_asyncio(pieces) == expected


LINES = [b"HTTP/1.1 ", b"HTTP/1.0 ", b"200 OK", b"204", b"409 Conflict", b"103 x", b"304 x", b"101 x", b"099", b"600 x"]
HEADERS = [b"Content-Length: 0", b"content-length: 2", b"Content-Length: 2, 2", b"Transfer-Encoding: chunked", b"X: y"]
ODD = [
    b"Transfer-Encoding: gzip",
    b"Retry-After: 3",
    b"Date: x",
    b"cf-ray: y",
    b"Connection: close",
    b" folded",
    b"X : y",
    b":",
]
REST = [b"{}", b"2\r\n{}\r\n", b"0\r\n\r\n", b"\r\n\r\n", b"\r\n", b"\n", b"\r", b"\x00", b" "]
PARTS = st.lists(st.sampled_from([*LINES, *(header + b"\r\n" for header in (*HEADERS, *ODD)), *REST]), max_size=9)
HEAD = st.tuples(st.sampled_from([b"HTTP/1.1 ", b"HTTP/1.0 "]), st.sampled_from(LINES[2:]), st.just(b"\r\n")).map(
    b"".join
)
DATA = st.one_of(st.tuples(HEAD, PARTS.map(b"".join)).map(b"".join), PARTS.map(b"".join), st.binary(max_size=60))


@settings(max_examples=400)
@given(data=DATA, cuts=st.lists(st.integers(0, 80), max_size=4))
@example(data=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 204 No Content\r\n\r\n", cuts=[])
@example(data=b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}", cuts=[30])
@example(data=b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", cuts=[])
def test_any_bytes_in_any_pieces_are_read_alike(data: bytes, cuts: list[int]) -> None:
    """Laws 1, 3 and 8: any bytes give the same result, however they are split and whichever stream reads them."""
    edges = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    pieces = [data[start:end] for start, end in pairwise(edges)] + [END]
    assert by_memory(pieces) == by_asyncio(pieces) == by_memory([data, END])
