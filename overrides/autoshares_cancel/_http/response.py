"""The bytes of one reply, and whether it is plain: complete, of known length, with nothing after it, and no last one.

1. A connection is used again only after a plain reply. Anything that follows a reply, such as a second reply or a body
   after a 204, would be read as the reply to the next request (law 1).
2. Plain heads are a subset of those that h11 accepts, with the same meaning: without 1xx, bare line ends, folded lines,
   a second Content-Length, Transfer-Encoding, and Connection: close.
3. Most lines of a head are those of the reply before. So lines are parsed one by one, and the last ones are remembered.
"""

import re
from functools import lru_cache
from typing import Final

from autoshares_cancel._values.evidence import Reply
from autoshares_cancel._values.headers import NAMES

REPLY_LIMIT: Final = 128 * 1024
"""The most bytes that are read of a reply."""

REUSE_LIMIT: Final = 16 * 1024
"""The most bytes of a reply after which a connection is used again. TLS and event loops may keep the rest of a longer
one in buffers that can't be inspected; no reply to a cancel is that long."""

TEXT: Final = rb"[\t -~\x80-\xff]*"
"""A reason phrase or a header value: no control character but the tab."""
STATUS_LINE: Final = re.compile(rb"HTTP/1\.1 ([2-5][0-9]{2})(?: " + TEXT + rb")?")
HEADER_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*(" + TEXT + rb")")
"""With a name as in RFC 9110, section 5.6.2."""
LENGTH: Final = "Content-Length"
DIGITS: Final = re.compile(rb"[0-9]{1,9}")
BLANKS: Final = b" \t"
BODILESS: Final = (204, 304)
"""Replies without a body, whatever their Content-Length (RFC 9112, section 6.3)."""


class ResponseBuffer:
    """The bytes that one connection has received since its last request."""

    def __init__(self) -> None:
        self._data = bytearray()

    def clear(self) -> None:
        """Drop the last reply, before the next request is written."""
        self._data.clear()

    def append(self, data: bytes) -> bytes:
        """Add bytes, up to REPLY_LIMIT in all, and return those that were added."""
        kept = data[: REPLY_LIMIT - len(self._data)]
        self._data += kept
        return kept

    def check_size(self) -> None:
        """Raise ConnectionError if the reply has reached REPLY_LIMIT."""
        if len(self._data) >= REPLY_LIMIT:
            raise ConnectionError(f"the reply is longer than {REPLY_LIMIT} bytes")

    @property
    def plain(self) -> Reply | None:
        """The reply if it is plain, or None."""
        head, end, body = bytes(self._data[: REUSE_LIMIT + 1]).partition(b"\r\n\r\n")
        if not end or len(self._data) > REUSE_LIMIT:
            return None
        first, *lines = head.split(b"\r\n")
        status = status_of(first)
        if status is None:
            return None
        kept: dict[str, str] = {}
        length: int | None = None
        for line in lines:
            header = header_of(line)
            if header is None:
                return None
            name, value = header
            if name == LENGTH:
                if length is not None:
                    return None
                length = int(value)
            elif name:
                kept[name] = f"{kept[name]}, {value}" if name in kept else value
        announced = 0 if status in BODILESS else length
        return None if announced != len(body) else Reply(status_code=status, body=body, headers=kept)


@lru_cache
def status_of(line: bytes) -> int | None:
    """The status in the first line of a plain reply; None if the reply is not plain. Pure."""
    plain = STATUS_LINE.fullmatch(line)
    return None if plain is None else int(plain[1])


@lru_cache
def header_of(line: bytes) -> tuple[str, str] | None:
    """The usual name and the value of LENGTH and of headers that are kept; no name for others. Pure.

    None if a reply with this line is not plain.
    """
    plain = HEADER_LINE.fullmatch(line)
    if plain is None:
        return None
    name, value = plain[1].lower(), plain[2].rstrip(BLANKS)
    is_close = name == b"connection" and b"close" in value.lower()
    is_odd = name == b"content-length" and DIGITS.fullmatch(value) is None
    if name == b"transfer-encoding" or is_close or is_odd:
        return None
    return LENGTH if name == b"content-length" else NAMES.get(name, ""), value.decode("latin-1")
