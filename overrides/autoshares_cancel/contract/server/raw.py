"""Sends one request and reads one reply, byte for byte, with http.client: it shares no code with the client."""

from __future__ import annotations

import atexit
import http.client
import io
import select
import socket
import ssl
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from typing import Any, cast
from urllib.parse import urlsplit

from attrs import field, frozen

TIMEOUT_SECONDS = 60
NO_BODY = (204, 304)
INFORMATIONAL = range(102, 200)

Fields = tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class RawRequest:
    """A request as it is sent: the target is unchanged, and a header may come more than once."""

    method: str
    target: str
    headers: Fields = field(default=(), repr=False)

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for found, value in self.headers if found.lower() == name.lower()]


@frozen(kw_only=True)
class RawReply:
    """A reply as it arrived; `body` also has the bytes that follow a bodiless status."""

    status: int
    headers: Fields
    body: bytes
    complete: bool = True
    """Whether the body had the length of its Content-Length."""

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for found, value in self.headers if found.lower() == name.lower()]

    @property
    def content_type(self) -> str:
        """The Content-Type unchanged; empty if it is missing or comes more than once."""
        values = self.values("Content-Type")
        return values[0] if len(values) == 1 else ""

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.content_type.partition(";")[0].strip().lower()


class NoReplyError(Exception):
    """The server did not answer in HTTP; the message has the reason."""


def send(base_url: str, request: RawRequest, tls: ssl.SSLContext | None = None, body: bytes = b"") -> RawReply:
    """Send one request, and read its reply. Raises NoReplyError.

    A cancel has a connection of its own, which is read until the server closes it: no byte may follow a 204. Other
    requests reuse a connection, and are sent once more if the server has closed it.
    """
    target = urlsplit(base_url)
    origin = f"{target.scheme}://{target.netloc}"
    is_cancel = request.method == "DELETE"
    idle = None if is_cancel else _idle.pop(origin, None)
    if idle is not None:
        if not _is_ended(idle):
            with suppress(NoReplyError):
                return _exchange(idle, origin, target.path, request, body)
        idle.close()
    return _exchange(_connect(origin, tls), "" if is_cancel else origin, target.path, request, body)


def send_together(base_url: str, request: RawRequest, count: int, tls: ssl.SSLContext | None = None) -> list[RawReply]:
    """Send a request over `count` connections at the same time, and read every reply. Raises NoReplyError.

    Every connection gets all but the last byte first; then the last bytes are sent, so that all requests end together.
    """
    target = urlsplit(base_url)
    data = _bytes_of(request, target.netloc, target.path)
    try:
        with ExitStack() as opened:
            sockets = [_connected(f"{target.scheme}://{target.netloc}", tls, opened) for _ in range(count)]
            for each in sockets:
                each.sendall(data[:-1])
            for each in sockets:
                each.sendall(data[-1:])
            return [_answer(each, request.method) for each in sockets]
    except (OSError, http.client.HTTPException) as problem:
        raise NoReplyError(f"{type(problem).__name__}: {problem}") from problem


def _bytes_of(request: RawRequest, host: str, path: str) -> bytes:
    headers = (("Host", host), *request.headers, ("Connection", "close"))
    lines = [f"{request.method} {path}{request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _connected(origin: str, tls: ssl.SSLContext | None, opened: ExitStack) -> socket.socket:
    connection = _connect(origin, tls)
    opened.callback(connection.close)
    connection.connect()
    return cast(socket.socket, connection.sock)


def _answer(connection: socket.socket, method: str) -> RawReply:
    response = Response(connection, method=method)
    response.begin()
    return _read(response, is_last=True)


_idle: dict[str, http.client.HTTPConnection] = {}
"""The one idle connection, by its origin."""


def close_idle() -> None:
    """Close the idle connection, if there is one."""
    for connection in _idle.values():
        connection.close()
    _idle.clear()


atexit.register(close_idle)


def _connect(origin: str, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    scheme, _, host = origin.partition("://")
    connection: http.client.HTTPConnection
    if scheme == "https":
        connection = http.client.HTTPSConnection(host, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        connection = http.client.HTTPConnection(host, timeout=TIMEOUT_SECONDS)
    connection.response_class = Response
    return connection


def _is_ended(connection: http.client.HTTPConnection) -> bool:
    """Whether the server has closed the connection, or has sent bytes without a request."""
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])


def _exchange(
    connection: http.client.HTTPConnection, origin: str, path: str, request: RawRequest, body: bytes
) -> RawReply:
    """Send one request and read its reply. With an `origin`, the connection is kept for the next request to it."""
    try:
        connection.putrequest(request.method, path + request.target, skip_accept_encoding=True)
        for name, value in (*request.headers, *(() if origin else (("Connection", "close"),))):
            connection.putheader(name, value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        reply = _read(response, is_last=not origin)
    except (OSError, http.client.HTTPException) as problem:
        connection.close()
        raise NoReplyError(f"{type(problem).__name__}: {problem}") from problem
    if origin and reply.complete and not response.will_close:
        close_idle()
        _idle[origin] = connection
    else:
        connection.close()
    return reply


def parse_reply(data: bytes, method: str) -> RawReply:
    """Parse a reply from recorded bytes. Raises NoReplyError."""
    response = Response(cast(Any, _Bytes(data)), method=method)
    try:
        response.begin()
        return _read(response, is_last=True)
    except http.client.HTTPException as problem:
        raise NoReplyError(f"{type(problem).__name__}: {problem}") from problem


def parse_request(data: bytes) -> RawRequest:
    """Parse the head of a request from recorded bytes."""
    first, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    return RawRequest(method=method, target=target, headers=_fields(line.split(": ", 1) for line in lines))


class Response(http.client.HTTPResponse):
    """Skips every informational reply; http.client itself skips only 100."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            status: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # typeshed does not have it
            if status[1] not in INFORMATIONAL:
                return status
            http.client.parse_headers(self.fp)


def _read(response: http.client.HTTPResponse, *, is_last: bool) -> RawReply:
    """Read the whole reply. If `is_last`, the body also has the bytes that follow a bodiless status."""
    headers = _fields(response.getheaders())
    if response.status in NO_BODY and is_last:
        rest = b""
        with suppress(OSError):  # a server that keeps the connection open sends nothing more
            rest = response.fp.read()
        return RawReply(status=response.status, headers=headers, body=rest)
    try:
        return RawReply(status=response.status, headers=headers, body=response.read())
    except (OSError, http.client.HTTPException) as problem:
        partial = getattr(problem, "partial", b"")
        return RawReply(status=response.status, headers=headers, body=partial, complete=False)


def _fields(pairs: Iterable[Iterable[str]]) -> Fields:
    return tuple((name, value) for name, value in pairs)


class _Bytes:
    """The part of a socket's interface that http.client needs to read recorded bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._data)
