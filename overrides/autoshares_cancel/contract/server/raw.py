"""One request and one reply, byte for byte, by http.client, which has nothing in common with what the package uses."""

from __future__ import annotations

import http.client
import io
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

from attrs import field, frozen

TIMEOUT_SECONDS = 60
NO_BODY = (204, 304)

Fields = tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class RawRequest:
    """A request as it is sent: the target unchanged, headers as often as they are given."""

    method: str
    target: str
    headers: Fields = field(default=(), repr=False)

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for found, value in self.headers if found.lower() == name.lower()]


@frozen(kw_only=True)
class RawReply:
    """A reply as it arrived; `body` has what follows a bodiless status, too."""

    status: int
    headers: Fields
    body: bytes
    complete: bool = True
    """Whether the body had the announced length."""

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
    """The server did not answer in HTTP; the text has the reason."""


def send(base_url: str, request: RawRequest, tls: ssl.SSLContext | None = None, body: bytes = b"") -> RawReply:
    """Send one request on a connection of its own, and read until the server ends it. Raises NoReplyError."""
    target = urlsplit(base_url)
    connection: http.client.HTTPConnection
    if target.scheme == "https":
        connection = http.client.HTTPSConnection(target.netloc, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        connection = http.client.HTTPConnection(target.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.putrequest(request.method, target.path + request.target, skip_accept_encoding=True)
        for name, value in (*request.headers, ("Connection", "close")):
            connection.putheader(name, value)
        connection.endheaders(body or None)
        return _read(connection.getresponse())
    except (OSError, http.client.HTTPException) as problem:
        raise NoReplyError(f"{type(problem).__name__}: {problem}") from problem
    finally:
        connection.close()


def parse_reply(data: bytes, method: str) -> RawReply:
    """Read a reply from bytes that were seen on a connection. Raises NoReplyError."""
    response = http.client.HTTPResponse(cast(Any, _Bytes(data)), method=method)
    try:
        response.begin()
        return _read(response)
    except http.client.HTTPException as problem:
        raise NoReplyError(f"{type(problem).__name__}: {problem}") from problem


def parse_request(data: bytes) -> RawRequest:
    """Read the head of a request from bytes that were seen on a connection."""
    first, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    return RawRequest(method=method, target=target, headers=_fields(line.split(": ", 1) for line in lines))


def _read(response: http.client.HTTPResponse) -> RawReply:
    headers = _fields(response.getheaders())
    if response.status in NO_BODY:
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
    """Enough of a socket for http.client to read from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._data)
