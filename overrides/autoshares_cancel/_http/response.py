"""What has come in as the reply to a request, and whether it is plain: recognised whole in the bytes as they are.

A connection is used again only behind a plain reply, which ended where its bytes ended. What follows a reply unasked, a
second reply or a body behind a 204, would be read as the answer to the next request (law 1).
"""

import re
from typing import Final

from autoshares_cancel._values.evidence import Reply, reply_of

REPLY_LIMIT: Final = 128 * 1024
"""Bytes of a reply that are read at most; the rest is not worth waiting for."""

REUSE_LIMIT: Final = 16 * 1024
"""Bytes of the longest reply after which a connection is used again. Whatever reads more at once may keep the rest in
buffers that can't be looked into; no reply to a cancel is that long."""

TEXT: Final = rb"[\t -~\x80-\xff]*"
"""Of a reason or a value: no control character but the tab."""
PLAIN_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: " + TEXT + rb")?(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:" + TEXT + rb")*"
)
"""Less than h11 takes, with the same meaning: no reply before the reply, no bare line ends, no folded lines, and names
as in RFC 9110, section 5.6.2."""
CONTENT_LENGTH: Final = re.compile(rb"\r\n(?i:content-length):([^\r\n]*)")
LENGTH: Final = re.compile(rb"[0-9]{1,9}")
BLANKS: Final = b" \t"
TRANSFER_ENCODING: Final = re.compile(rb"\r\n(?i:transfer-encoding):")
CONNECTION_CLOSE: Final = re.compile(rb"\r\n(?i:connection):[^\r\n]*(?i:close)")
KEPT_HEADERS: Final = re.compile(rb"\r\n(?i:(retry-after|date)):([^\r\n]*)")
BODILESS: Final = (b"204", b"304")
"""Whatever length they announce, nobody reads a body behind them (RFC 9112, section 6.3)."""


class ResponseBuffer:
    """What has come in since the last request was written on one connection."""

    def __init__(self) -> None:
        self._data = bytearray()

    def clear(self) -> None:
        """Forget the last reply: a request is written."""
        self._data.clear()

    def append(self, data: bytes) -> bytes:
        """Take in what was read, and return as much of it as is read at most."""
        kept = data[: REPLY_LIMIT - len(self._data)]
        self._data += kept
        return kept

    def check_size(self) -> None:
        """Raise ConnectionError where no more is read."""
        if len(self._data) >= REPLY_LIMIT:
            raise ConnectionError("the reply is longer than is read")

    @property
    def announces_close(self) -> bool:
        """Whether the server has said that this connection ends behind it."""
        return CONNECTION_CLOSE.search(self._data.partition(b"\r\n\r\n")[0]) is not None

    @property
    def plain(self) -> Reply | None:
        """The reply, where it is one plain reply and nothing behind it."""
        head, end, body = bytes(self._data[: REUSE_LIMIT + 1]).partition(b"\r\n\r\n")
        plain = PLAIN_HEAD.fullmatch(head)
        if not end or plain is None or len(self._data) > REUSE_LIMIT or TRANSFER_ENCODING.search(head):
            return None
        lengths = [value.strip(BLANKS) for value in CONTENT_LENGTH.findall(head)]
        # A second length, or a broken one, spoils a reply that has no body, too.
        if len(lengths) > 1 or not all(map(LENGTH.fullmatch, lengths)):
            return None
        announced = 0 if plain[1] in BODILESS else int(lengths[0]) if lengths else None
        if announced != len(body):
            return None
        kept = [(name, value.strip(BLANKS)) for name, value in KEPT_HEADERS.findall(head)]
        return reply_of(int(plain[1]), kept, body)
