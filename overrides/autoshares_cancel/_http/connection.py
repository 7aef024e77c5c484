"""One connection to the server: carries one request at a time, and decides whether it may carry another one.

1. A connection carries a request only if it has no unread bytes: bytes that came before a request are no reply to it.
   The check is made on used and on new connections, right before the request is written, and nothing suspends between
   check and write. Bytes that come later can't be distinguished from a reply.
2. A connection is used again only if its last reply was plain and complete, and nothing followed it (response).
3. A plain reply that comes in one piece is recognised by a regular expression; h11 reads all others (parser). Neither
   the outcome nor rule 2 depends on how the bytes were split.
4. A broken body never hides a status.
"""

import time
from collections.abc import Coroutine
from typing import Any, cast

from autoshares_cancel._http.parser import ResponseParser
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.response import ResponseBuffer
from autoshares_cancel._http.streams import Stream
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Reply


class Connection:
    """A stream to the server, and the reply to its last request."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.is_sound = True
        """Whether the server has sent only complete, plain replies to its requests."""
        self.idle_since: float
        """Seconds on time.monotonic, set by each reply."""
        self._received = ResponseBuffer()

    async def is_ready(self) -> bool:
        """Whether it may carry a request now. If True, nothing has suspended since the check."""
        try:
            return self.is_sound and await self.stream.read_unexpected() is None
        except (OSError, ValueError):  # the socket is closed already
            return False

    async def exchange(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Write a request once and read its reply. Raises OSError."""
        self._received.clear()
        await self._write(request.raw(), transmission)
        reply = await self._reply(transmission)
        self.idle_since = time.monotonic()
        self.stream.mark_idle()
        return reply

    def close(self) -> None:
        """Close it at once."""
        self.stream.close()

    def _write(self, data: bytes, transmission: Transmission) -> Coroutine[Any, Any, None]:
        return self.stream.write(data, transmission.writing)

    def _read(self, transmission: Transmission) -> Coroutine[Any, Any, bytes]:
        return self.stream.read(transmission.reading)

    async def _reply(self, transmission: Transmission) -> Reply:
        data = self._received.append(await self._read(transmission))
        reply = self._received.plain
        if reply is None:
            reply = await self._parsed(data, transmission)
            self.is_sound = self._received.plain is not None
        return reply

    async def _parsed(self, data: bytes, transmission: Transmission) -> Reply:
        """Read a reply that is not plain, or came in pieces, with h11."""
        parser = ResponseParser()
        try:
            while not parser.feed(data):
                self._received.check_size()
                data = self._received.append(await self._read(transmission))
        except OSError:
            if parser.reply is None:
                raise
        return cast(Reply, parser.reply)
