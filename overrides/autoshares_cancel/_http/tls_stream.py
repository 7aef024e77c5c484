"""TLS over any stream, with ssl.SSLObject: one implementation for every kind, also for TLS inside of TLS."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Self, TypeVar

from autoshares_cancel._http.streams import CHUNK, Stream
from autoshares_cancel._http.transmission import Limit

T = TypeVar("T")

MOST_READS: Final = 16
"""Reads after which bytes without a request are no longer taken for TLS's own messages."""


class TlsStream:
    """A stream that sends its bytes encrypted over another stream."""

    def __init__(self, stream: Stream, context: ssl.SSLContext, server_name: str) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    @classmethod
    async def open(cls, stream: Stream, context: ssl.SSLContext, server_name: str, limit: Limit) -> Self:
        """Do the TLS handshake, and check the server's certificate. Raises ssl.SSLError."""
        secure = cls(stream, context, server_name)
        await secure._complete(secure._tls.do_handshake, limit)
        return secure

    async def read(self, limit: Limit) -> bytes:
        """See Stream."""
        try:
            return await self._complete(partial(self._tls.read, CHUNK), limit)
        except ssl.SSLZeroReturnError:
            return b""

    async def write(self, data: bytes, limit: Limit) -> None:
        """See Stream."""
        while data:
            data = data[await self._complete(partial(self._tls.write, data), limit) :]

    async def read_unexpected(self) -> bytes | None:
        """See Stream. Messages of TLS itself, such as session tickets, do not count as unexpected."""
        for _ in range(MOST_READS):
            data = await self._stream.read_unexpected()
            if data is None:
                return self._decrypted()
            if not data:
                break
            self._incoming.write(data)
        return b""

    def mark_idle(self) -> None:
        """See Stream."""
        self._stream.mark_idle()

    def close(self) -> None:
        """See Stream."""
        self._stream.close()

    def _decrypted(self) -> bytes | None:
        try:
            return self._tls.read(CHUNK)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError:
            return b""  # broken or closed TLS

    async def _complete(self, step: Callable[[], T], limit: Limit) -> T:
        """Repeat a step of ssl until it has the bytes it needs from the other side, and return its result."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush(limit)
                self._feed(await self._stream.read(limit))
            except ssl.SSLError:
                with suppress(OSError):  # the alert tells the other side the reason
                    await self._flush(limit)
                raise
            else:
                await self._flush(limit)
                return result

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self, limit: Limit) -> None:
        if self._outgoing.pending:
            await self._stream.write(self._outgoing.read(), limit)
