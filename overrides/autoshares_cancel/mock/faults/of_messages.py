"""Faults of the message: wrong lengths, false encodings, broken heads."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from attrs import evolve

from autoshares_cancel.mock.faults.fault import EITHER, Fault
from autoshares_cancel.mock.faults.plans import Act, IntactReply, Plan, measured, second_reply, with_body

BOMB_SIZE = 2**30
HUGE_HEAD_SIZE = 2**20

SUCCESSES = (200, 204)
_BLOCK_SIZE = 2**20
_CRC_OF_THE_BOMB = 0x5B64C2B0  # a constant, because computing it takes a third of a second
_EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n"


@cache
def gzip_bomb() -> bytes:
    """Return a gibibyte of zeros as a valid gzip file of a megabyte."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(bytes(_BLOCK_SIZE)) + deflate.flush(zlib.Z_FULL_FLUSH)
    head, last = b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\x03\0"
    return head + block * (BOMB_SIZE // _BLOCK_SIZE) + last + struct.pack("<II", _CRC_OF_THE_BOMB, BOMB_SIZE)


def _short(reply: IntactReply) -> Plan:
    whole = measured(with_body(reply))
    return (whole.head + whole.body[: len(whole.body) // 2], Act.CLOSE)


def _of_length(reply: IntactReply, difference: int) -> Plan:
    whole = with_body(reply)
    return (measured(whole, len(whole.body) + difference).data,)


def _two_lengths(reply: IntactReply) -> Plan:
    whole = with_body(reply)
    return (measured(measured(whole), len(whole.body) + 1).data,)


def _chunked(reply: IntactReply, chunks: bytes) -> Plan:
    return (with_body(reply).having(b"transfer-encoding", b"chunked").head + chunks,)


def _length_and_chunks(reply: IntactReply) -> Plan:
    # Parsed by its length, this is one reply; parsed by its chunks, two.
    body = b"0\r\n\r\n" + second_reply()
    return (measured(evolve(with_body(reply), body=body).having(b"transfer-encoding", b"chunked")).data,)


def _encoded(reply: IntactReply, encoding: bytes, body: bytes | None = None) -> Plan:
    whole = with_body(reply)
    return (measured(evolve(whole, body=body or whole.body)).having(b"content-encoding", encoding).data,)


def _headed(reply: IntactReply, status_line: bytes) -> Plan:
    return (evolve(reply, status_line=status_line).data,)


def _with_status(reply: IntactReply, status: bytes) -> Plan:
    whole = measured(with_body(reply))
    return (evolve(whole, status_line=b"HTTP/1.1 " + status + b" Fault").data,)


def _http_10(reply: IntactReply) -> Plan:
    whole = with_body(reply)
    return (evolve(whole, status_line=whole.status_line.replace(b"1.1", b"1.0", 1)).data, Act.CLOSE)


LENGTH_FAULTS = (
    Fault(20, "truncated-body", "half of the body, then the end", _short),
    Fault(
        21,
        "length-too-long",
        "a Content-Length above what follows",
        lambda it: (*_of_length(it, 100), Act.KEEP_WAITING),
    ),
    Fault(22, "length-too-short", "a Content-Length below what follows", lambda it: _of_length(it, -5)),
    Fault(23, "two-lengths", "two different Content-Lengths", _two_lengths),
    Fault(24, "broken-chunks", "broken chunks", lambda it: _chunked(it, b"zz\r\n{}\r\n0\r\n\r\n")),
    Fault(25, "cut-chunks", "chunks without the last one", lambda it: (*_chunked(it, b"2\r\n{}\r\n"), Act.CLOSE)),
    Fault(26, "length-and-chunks", "two replies if read by its chunks, one if read by its length", _length_and_chunks),
    Fault(27, "204-with-a-body", "204 with a Content-Length and a body", lambda it: _bodiless(it, b"204 No Content")),
    Fault(28, "304-with-a-reply", "304 with another reply as its body", lambda it: _bodiless(it, b"304 Not Modified")),
)

ENCODING_FAULTS = (
    Fault(30, "unknown-encoding", "an unknown Content-Encoding", lambda it: _encoded(it, b"martian")),
    Fault(31, "false-gzip", "a Content-Encoding of gzip on plain text", lambda it: _encoded(it, b"gzip")),
    Fault(32, "gzip-bomb", "a megabyte that unpacks to a gigabyte", lambda it: _encoded(it, b"gzip", gzip_bomb())),
    Fault(
        33,
        "bad-content-type",
        "a Content-Type that is not text",
        lambda it: (measured(with_body(it).without(b"content-type").having(b"content-type", b"\xff\xfe/\xfd")).data,),
    ),
)

HEAD_FAULTS = (
    Fault(40, "huge-head", "a megabyte of headers", lambda it: (it.having(b"x-fill", b"x" * HUGE_HEAD_SIZE).data,)),
    Fault(41, "invalid-status-line", "a status of 2x4", lambda it: _headed(it, b"HTTP/1.1 2x4 No Content"), EITHER),
    Fault(42, "status-0", "a status of 0", lambda it: _with_status(it, b"0"), EITHER),
    Fault(43, "status-000", "a status of 000", lambda it: _with_status(it, b"000"), EITHER),
    Fault(44, "status-1000", "a status of 1000", lambda it: _with_status(it, b"1000"), EITHER),
    Fault(45, "status-999", "a status of 999", lambda it: _with_status(it, b"999")),
    Fault(46, "http-0.9", "a body without a head", lambda _: (b"<p>204 No Content</p>\r\n", Act.CLOSE), EITHER),
    Fault(47, "http-1.0", "a reply of HTTP/1.0, without a length, then the end", _http_10),
    Fault(48, "garbage", "bytes that are not HTTP", lambda _: (b"\x16\x03\x01\x00\xa5\0\0\r\n\r\n",), EITHER),
    Fault(50, "continue-first", "100 before the reply", lambda it: (b"HTTP/1.1 100 Continue\r\n\r\n", it.data)),
    Fault(51, "early-hints-first", "103 before the reply", lambda it: (_EARLY_HINTS, it.data)),
    Fault(52, "early-hints-only", "103, and the end", lambda _: (_EARLY_HINTS, Act.CLOSE), EITHER),
    Fault(
        53,
        "switching-protocols",
        "101 without a request for it",
        lambda _: (b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n",),
        EITHER,
    ),
)


def _bodiless(reply: IntactReply, status: bytes) -> Plan:
    if status.startswith(b"204") and reply.status not in SUCCESSES:
        return (reply.data,)  # the mock does not lie about orders
    body = second_reply()
    return (measured(evolve(reply, status_line=b"HTTP/1.1 " + status, body=body).without(b"content-length")).data,)
