"""The other end of a TLS connection, in memory."""

import ssl
from collections.abc import Callable
from contextlib import suppress

import trustme
from support.memory_streams import MemoryStream

from autoshares_cancel._http.streams import CHUNK


class TlsPeer:
    """A server's end of TLS, and the stream to it; it sends `answer` when it has received data."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.heard = b""
        """The bytes that arrived over TLS."""
        authority = trustme.CA()
        self.trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(self.trusted)
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.set_alpn_protocols(["h2", "http/1.1"])
        authority.issue_cert("broker.example").configure_cert(own)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = own.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.stream = _ToPeer(self)

    def turn(self) -> None:
        """Process the bytes that have arrived."""
        with suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
            if self.answer:
                self.heard += self.tls.read(CHUNK)
                self.tls.write(self.answer)


class _ToPeer(MemoryStream):
    """The client's stream to the peer; its own pieces come first, as the replies of a proxy do."""

    def __init__(self, peer: TlsPeer) -> None:
        super().__init__()
        self._peer = peer

    def through_proxy(self, reply: bytes) -> None:
        """Let a proxy answer the first write with this reply."""
        self._left.append(reply)

    async def read(self, limit: Callable[[], float]) -> bytes:
        if self._left:
            return await super().read(limit)
        limit()
        self._peer.turn()
        return self._peer.outgoing.read()

    async def write(self, data: bytes, limit: Callable[[], float]) -> None:
        if self._left:
            await super().write(data, limit)
            return
        limit()
        self._peer.incoming.write(data)

    async def read_unexpected(self) -> bytes | None:
        return self._peer.outgoing.read(64) or None
