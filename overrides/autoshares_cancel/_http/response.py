"""How the last reply on a connection ended, and so whether the connection may carry another request.

1. A connection is used again only if the last reply ended where its bytes ended. What follows a reply unasked, a second
   reply or a body behind a 204, would be read as the answer to the next request (law 1).
2. For the same reason a connection that has something to read is not used again: this is asked when a connection is
   chosen, and again right before the request is written. What then comes too late to be seen can't be told from an
   answer.
"""

import re
import ssl
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
TOLD: Final = re.compile(rb"\r\n(?i:(retry-after|date)):([^\r\n]*)")
BODILESS: Final = (b"204", b"304")
"""Whatever length they announce, nobody reads a body behind them (RFC 9112, section 6.3)."""


class ResponseBuffer:
    """What has come in since the last request was written on one connection."""

    def __init__(self) -> None:
        self._data = bytearray()

    def begins(self) -> None:
        """Told when a request is written."""
        self._data.clear()

    def grows(self, data: bytes, error: type[Exception]) -> None:
        """Told what was read; raises the error when that is more than is read at most."""
        self._data += data
        if len(self._data) > REPLY_LIMIT:
            raise error("the reply is longer than is read")

    @property
    def has_come(self) -> bool:
        """Whether there was any: then the next request is not the first on its connection."""
        return bool(self._data)

    def since(self, size: int) -> bytes:
        """What came behind the first so many bytes."""
        return bytes(self._data[size:])

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return len(self._data)

    @property
    def is_all_there_is(self) -> bool:
        """Whether it is one plain reply of known length, and nothing behind it. Chunks are not known."""
        return self.plain is not None

    @property
    def says_close(self) -> bool:
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
        told = [(name, value.strip(BLANKS)) for name, value in TOLD.findall(head)]
        return reply_of(int(plain[1]), told, body)


def is_unread(ssl_object: object) -> bool:
    """Whether an idle TLS connection in memory holds what it has received and nobody has read; takes a byte of it.

    Its socket has nothing to read then. Other connections keep nothing, and are asked through their sockets.
    """
    if not isinstance(ssl_object, ssl.SSLObject):
        return False
    try:
        ssl_object.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True  # broken or closed, which is no better
    return True
