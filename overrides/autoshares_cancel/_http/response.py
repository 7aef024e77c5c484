"""The bytes of one reply, and whether it is plain: complete, of known length, and nothing after it.

A connection is used again only after a plain reply. Anything that follows a reply, such as a second reply or a body
after a 204, would be read as the reply to the next request (law 1).
"""

import re
from typing import Final

from autoshares_cancel._values.evidence import Reply, reply_of
from autoshares_cancel._values.headers import NAMES

REPLY_LIMIT: Final = 128 * 1024
"""The most bytes that are read of a reply."""

REUSE_LIMIT: Final = 16 * 1024
"""The most bytes of a reply after which a connection is used again. TLS and event loops may keep the rest of a longer
one in buffers that can't be inspected; no reply to a cancel is that long."""

TEXT: Final = rb"[\t -~\x80-\xff]*"
"""A reason phrase or a header value: no control character but the tab."""
PLAIN_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: " + TEXT + rb")?(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:" + TEXT + rb")*"
)
"""A subset of the heads that h11 accepts, with the same meaning: no 1xx before it, no bare line ends, no folded lines,
and header names as in RFC 9110, section 5.6.2."""
LENGTH: Final = re.compile(rb"[0-9]{1,9}")
BLANKS: Final = b" \t"
CONNECTION_CLOSE: Final = re.compile(rb"\r\nconnection:[^\r\n]*close")
"""In a head in lower case."""
BODILESS: Final = (b"204", b"304")
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
    def announces_close(self) -> bool:
        """Whether the server closes the connection after this reply."""
        head = self._data.partition(b"\r\n\r\n")[0].lower()
        return b"close" in head and CONNECTION_CLOSE.search(head) is not None

    @property
    def plain(self) -> Reply | None:
        """The reply if it is plain, or None."""
        head, end, body = bytes(self._data[: REUSE_LIMIT + 1]).partition(b"\r\n\r\n")
        plain = PLAIN_HEAD.fullmatch(head)
        if not end or plain is None or len(self._data) > REUSE_LIMIT:
            return None
        lengths: list[bytes] = []
        kept: list[tuple[bytes, bytes]] = []
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            name = name.lower()
            if name == b"transfer-encoding":
                return None
            if name == b"content-length":
                lengths.append(value.strip(BLANKS))
            elif name in NAMES:
                kept.append((name, value.strip(BLANKS)))
        # A second or malformed Content-Length is not plain, even on a reply without a body.
        if len(lengths) > 1 or not all(map(LENGTH.fullmatch, lengths)):
            return None
        announced = 0 if plain[1] in BODILESS else int(lengths[0]) if lengths else None
        return None if announced != len(body) else reply_of(int(plain[1]), kept, body)
