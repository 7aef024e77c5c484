"""Sends requests through an httpx transport of the caller's, in place of the package's own connections.

1. Each request is sent once, with exactly its own headers and Connection: close. Cookies and redirects are ignored.
2. The response of the transport counts as the reply (law 1). Its status counts even if reading its body fails.
3. A transport may send before it raises. Only httpx's own transports can prove that nothing left (law 4): with one of
   four exceptions, and no write reported before it. HTTP/2 may return a request to retry, whose next connection fails.
4. The transport gets the rest of the deadline as its time-out. An asynchronous transport is also cancelled then.
5. The caller makes the transport, and closes it.

This is the only module that imports httpx, and only when it sends.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import define

from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.response import REPLY_LIMIT
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._http.transport import AsyncTransport, Transport
from autoshares_cancel._values.evidence import Reply, reply_of
from autoshares_cancel._values.headers import NAMES
from autoshares_openapi import Request, asend, send

if TYPE_CHECKING:
    import anyio
    import httpx

GRACE: Final = 0.05
"""Seconds after the deadline until a transport is cancelled. Its own time-out error comes first, with a reason."""


class _NoConnections:
    """The methods of a connection pool that do nothing: the caller owns the transport and its connections."""

    def close(self) -> None:
        """Do nothing: the caller closes the transport."""

    async def wait_closed(self) -> None:
        """Do nothing."""

    def renew(self) -> None:
        """Do nothing: the caller gives a forked child a transport of its own."""


class BroughtTransport(_NoConnections):
    """Sends with a blocking transport. Can't interrupt a transport that ignores its time-out."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Send a request once, and return its reply. Blocks, and never suspends.

        Raises TimeoutError, ConnectionError, or what the transport itself raises.
        """
        import httpx  # noqa: PLC0415  # when a transport is used

        seconds = _seconds_left(transmission)
        handover = _Handover(self._transport, transmission)
        transport = cast(httpx.BaseTransport, handover)
        http = httpx.Client(base_url=_base_url(request), transport=transport, trust_env=False)
        try:
            response = send(http, _generated_request(request), timeout=seconds)
        except httpx.HTTPError as error:
            failure = _failure(error, handover)
        else:
            return _reply(response, handover)
        raise failure  # outside of except, so that it keeps no foreign exception and no frames


class AsyncBroughtTransport(_NoConnections):
    """Sends with an asynchronous transport, and cancels it at the deadline."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def send(self, request: HttpRequest, transmission: Transmission) -> Reply:
        """Send a request once, and return its reply.

        Raises TimeoutError, ConnectionError, or what the transport itself raises.
        """
        import httpx  # noqa: PLC0415  # when a transport is used

        seconds = _seconds_left(transmission)
        handover = _AsyncHandover(self._transport, transmission)
        transport = cast(httpx.AsyncBaseTransport, handover)
        http = httpx.AsyncClient(base_url=_base_url(request), transport=transport, trust_env=False)
        try:
            response = await asend(http, _generated_request(request), timeout=seconds)
        except httpx.HTTPError as error:
            failure = _failure(error, handover)
        else:
            return _reply(response, handover)
        raise failure  # as in BroughtTransport


@define(eq=False)
class _Handover:
    """The transport of one request: calls the caller's transport, and reads the response itself."""

    transport: Transport
    transmission: Transmission
    is_written: bool = False
    is_whole: bool = False
    """Whether the body was read to its end."""

    def handle_request(self, request: "httpx.Request") -> "httpx.Response":
        self.transmission.may_have_left = True
        if _is_httpx(self.transport):
            request.extensions["trace"] = self._trace
        response = self.transport.handle_request(request)
        body = bytearray()
        with suppress(Exception):  # a broken body never hides a status
            try:
                for piece in _pieces(response):
                    body += piece
                    if len(body) > REPLY_LIMIT or (piece and not self.transmission.deadline.remaining()):
                        break
                else:
                    self.is_whole = True
            finally:
                response.close()
        return _stripped(response, body)

    def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        self.is_written |= _is_write(event, details)


@define(eq=False)
class _AsyncHandover:
    """As _Handover, for an asynchronous transport."""

    transport: AsyncTransport
    transmission: Transmission
    is_written: bool = False
    is_whole: bool = False

    async def handle_async_request(self, request: "httpx.Request") -> "httpx.Response":
        import anyio  # noqa: PLC0415  # when a transport is used
        import httpx  # noqa: PLC0415  # as above

        response: Any = None
        body = bytearray()
        self.transmission.may_have_left = True
        if _is_httpx(self.transport):
            request.extensions["trace"] = self._trace
        with anyio.move_on_after(self.transmission.deadline.remaining() + GRACE):
            response = await self.transport.handle_async_request(request)
            self.is_whole = await _read_body(response, body, anyio.CancelScope())
        if response is None:
            raise httpx.TimeoutException("the transport was cancelled at the deadline")
        return _stripped(response, body)

    async def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        self.is_written |= _is_write(event, details)


async def _read_body(response: Any, body: bytearray, enough: "anyio.CancelScope") -> bool:
    """Read the body up to the limit; whether that was all of it."""
    is_whole = False
    with suppress(Exception):  # as above
        try:
            with enough:
                async for piece in _pieces(response):
                    body += piece
                    # An unfinished generator would stay open, so it is cancelled at its next wait for the network.
                    if len(body) > REPLY_LIMIT:
                        enough.cancel()
                    if len(body) > 2 * REPLY_LIMIT:  # it never waits for the network
                        break
                else:
                    is_whole = len(body) <= REPLY_LIMIT
        finally:
            await response.aclose()
    return is_whole


def _pieces(response: Any) -> Any:
    """The body, still encoded: what httpx would decode may be broken, or longer than the limit."""
    import httpx  # noqa: PLC0415  # as above

    is_read = response.is_stream_consumed and not isinstance(response.stream, httpx.ByteStream)
    # A transport that sends with an httpx client of its own returns a body that is read and decoded already.
    return httpx.ByteStream(response.content) if is_read else response.stream


def _stripped(response: Any, body: bytearray) -> "httpx.Response":
    """The response without headers that httpx acts on, and without the reason phrase, which httpx logs."""
    import httpx  # noqa: PLC0415  # as above

    # The others are dropped, so httpx acts on no cookie, encoding or redirect.
    headers = [(name, value) for name, value in response.headers.raw if name.lower() in NAMES]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body[:REPLY_LIMIT]))


def _reply(response: "httpx.Response", handover: _Handover | _AsyncHandover) -> Reply:
    return reply_of(response.status_code, response.headers.raw, response.content, is_whole=handover.is_whole)


def _seconds_left(transmission: Transmission) -> float:
    seconds = transmission.deadline.remaining()
    if not seconds:
        raise TimeoutError("the deadline is over")
    return seconds


def _base_url(request: HttpRequest) -> str:
    return f"{request.origin.scheme}://{request.origin.host_header}"


def _generated_request(request: HttpRequest) -> Request:
    return Request(
        method=request.method, path=request.target, headers={**request.headers.by_name, "Connection": "close"}
    )


def _is_httpx(transport: object) -> bool:
    import httpx  # noqa: PLC0415  # as above

    # Not isinstance: a subclass may send before it raises, or raise the same exceptions for other reasons.
    return type(transport) in {httpx.HTTPTransport, httpx.AsyncHTTPTransport}


def _is_write(event: str, details: Mapping[str, Any]) -> bool:
    """Whether httpcore is about to write the request; a CONNECT to a proxy does not count."""
    return event.endswith(".send_request_headers.started") and details["request"].method != b"CONNECT"


def _failure(error: "httpx.HTTPError", handover: _Handover | _AsyncHandover) -> OSError:
    """The error as an OSError. Marks the transmission as not sent if the error proves it."""
    import httpx  # noqa: PLC0415  # as above

    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    if _is_httpx(handover.transport) and isinstance(error, unsent) and not handover.is_written:
        handover.transmission.may_have_left = False
    kind = TimeoutError if isinstance(error, httpx.TimeoutException) else ConnectionError
    return kind(str(error) or type(error).__name__)
