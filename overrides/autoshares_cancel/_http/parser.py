"""Reads replies that are not plain with h11: chunked, without a length, after early hints, or not HTTP. No I/O.

Servers mostly send plain replies; ResponseBuffer recognises them without h11.
"""

from typing import Final

import h11

from autoshares_cancel._values.evidence import Reply, reply_of

LONGEST_HEAD: Final = 100 * 1024
"""Bytes of the longest status line with headers."""


class NotHttp(ConnectionError):
    """The server sent something that is not HTTP, or only the beginning of a reply."""


class ResponseParser:
    """Parses one reply, piece by piece."""

    def __init__(self, method: str = "DELETE") -> None:
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        # h11 reads a reply only after a request. Of the request, only the method affects how a reply is read.
        self._connection.send(h11.Request(method=method, target="/", headers=[("Host", "")]))
        self._connection.send(h11.EndOfMessage())
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._is_whole = False

    @property
    def reply(self) -> Reply | None:
        """The reply as far as it has come; None before the end of its headers. A broken body never hides a status."""
        if self._head is None:
            return None
        return reply_of(self._head.status_code, self._head.headers, bytes(self._body), is_whole=self._is_whole)

    @property
    def has_tunnel(self) -> bool:
        """Whether the proxy has opened a tunnel, and has sent nothing after its reply."""
        has_switched = self._connection.their_state is h11.SWITCHED_PROTOCOL
        return has_switched and not self._connection.trailing_data[0]

    def feed(self, data: bytes) -> bool:
        """Parse the next bytes; empty bytes are the end of the connection. Returns whether the reply is complete.

        Raises NotHttp for bytes that are not HTTP, and if the connection ends too early.
        """
        if not data and self._head is None:
            raise NotHttp("the server ended the connection without a reply")
        try:
            self._connection.receive_data(data)
            return self._read()
        except h11.RemoteProtocolError as error:
            problem = str(error)
        raise NotHttp(problem)

    def _read(self) -> bool:
        while True:
            match self._connection.next_event():
                case h11.Response() as head:
                    self._head = head
                case h11.Data(data=data):
                    self._body += data
                case h11.InformationalResponse():
                    pass
                case h11.NEED_DATA:
                    return False
                case _:  # the end of the message
                    self._is_whole = True
                    return True
