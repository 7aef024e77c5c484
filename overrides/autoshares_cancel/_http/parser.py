"""A reply that is not plain, read by h11: in chunks, without a length, behind early hints, or no HTTP at all. No I/O.

Plain replies, which is what exchanges send, are recognised whole by response.ResponseBuffer.
"""

from typing import Final

import h11

from autoshares_cancel._values.evidence import Reply, reply_of

LONGEST_HEAD: Final = 100 * 1024
"""Bytes."""


class NotHttp(ConnectionError):
    """What came is no reply of HTTP, or not the whole of one."""


class ResponseParser:
    """One reply to one request of ours, as it comes in."""

    def __init__(self, method: str = "DELETE") -> None:
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        # h11 reads a reply only to a request, of which the method is all that makes a difference.
        self._connection.send(h11.Request(method=method, target="/", headers=[("Host", "")]))
        self._connection.send(h11.EndOfMessage())
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._is_whole = False

    @property
    def reply(self) -> Reply | None:
        """As much as has come, None before the end of the head: a broken body never hides a status."""
        if self._head is None:
            return None
        return reply_of(self._head.status_code, self._head.headers, bytes(self._body), is_whole=self._is_whole)

    @property
    def has_tunnel(self) -> bool:
        """Whether this was a good reply to a CONNECT, with nothing behind it."""
        has_switched = self._connection.their_state is h11.SWITCHED_PROTOCOL
        return has_switched and not self._connection.trailing_data[0]

    def feed(self, data: bytes) -> bool:
        """Take what came, nothing at the end of the connection; whether that is all.

        Raises NotHttp for what is no HTTP, and for an end too early.
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
