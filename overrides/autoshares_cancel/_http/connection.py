"""One connection: one request at a time on it, and whether it may carry another one.

1. A connection may carry a request only if nothing on it is unread: nobody believes a server that speaks first. This is
   asked right before the request is written, on used and on new connections; between the look and the write nothing
   suspends. What comes too late to be seen there can't be told from an answer.
2. It is used again only if its last reply was plain and whole, and ended where its bytes ended (response).
3. A reply that is plain and came at once is recognised in the bytes as they are; every other one is read by h11
   (parser). Neither the outcome nor rule 2 depends on where the bytes were cut.
4. A broken body never hides a status.
"""

import time
from typing import cast

from autoshares_cancel._http.parser import ResponseParser
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.response import ResponseBuffer
from autoshares_cancel._http.streams import Stream
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Reply


class Connection:
    """A stream to the server, and the reply that comes in on it."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.is_sound = True
        """Whether nothing has come but whole, plain replies to its requests."""
        self.idle_since = time.monotonic()
        self._received = ResponseBuffer()

    async def is_ready(self) -> bool:
        """Whether it may carry a request now. Where it may, this has not suspended since it looked."""
        try:
            return self.is_sound and await self.stream.read_unexpected() is None
        except (OSError, ValueError):  # of a socket that is no more
            return False

    async def exchange(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Write a request and read its reply. Raises OSError."""
        self.is_sound = False
        self._received.clear()
        await self._write(request.raw(), transmission)
        reply = await self._reply(transmission)
        self.is_sound = self._received.plain is not None and not self._received.announces_close
        self.idle_since = time.monotonic()
        self.stream.mark_idle()
        return reply

    def close(self) -> None:
        """Close it at once."""
        self.stream.close()

    async def _write(self, data: bytes, transmission: Transmission) -> None:
        def limit() -> float:
            seconds = transmission.writing()
            transmission.may_have_left = True  # as from here the stream hands bytes over
            return seconds

        await self.stream.write(data, limit)

    async def _read(self, transmission: Transmission) -> bytes:
        return self._received.append(await self.stream.read(transmission.reading))

    async def _reply(self, transmission: Transmission) -> Reply:
        data = await self._read(transmission)
        return self._received.plain or await self._parsed(data, transmission)

    async def _parsed(self, data: bytes, transmission: Transmission) -> Reply:
        """A reply that is not plain, or came in pieces."""
        parser = ResponseParser()
        try:
            while not parser.feed(data):
                self._received.check_size()
                data = await self._read(transmission)
        except OSError:
            if parser.reply is None:
                raise
        return cast(Reply, parser.reply)
