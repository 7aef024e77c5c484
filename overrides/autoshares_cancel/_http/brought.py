"""Transports that the caller brings: an httpx transport in the place of our own connections.

1. A request is sent once, with exactly its own headers and Connection: close. No cookie is kept, no redirect followed.
2. What the transport returns counts as the reply (law 1). The status counts whatever becomes of the body behind it.
3. A transport may have sent before it raised. That nothing left is believed of httpx's own transports alone, of four
   exceptions, and where they report no write: HTTP/2 may hand a request back, and the next connection fail (law 4).
4. A transport is given what is left of the deadline as its time-out. One that is awaited is also cancelled then.
5. The caller made the transport, and the caller closes it.

No other module imports httpx, and this one does it when a transport is used.
"""

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from attrs import define

from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.response import REPLY_LIMIT
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Reply, reply_of
from autoshares_cancel.errors import ConfigurationError
from autoshares_openapi import Request, asend, send

if TYPE_CHECKING:
    import anyio
    import httpx

GRACE: Final = 0.05
"""Seconds after the deadline until a transport is cancelled. One that keeps its time-out says what it was doing."""
REMEMBERED: Final = (b"retry-after", b"date")
"""Headers that a Reply holds. The others are dropped before httpx reads them: cookies, encodings, redirects."""


class Transport(Protocol):
    """What Client takes as `transport`, as httpx.HTTPTransport and httpx.MockTransport are."""

    def handle_request(self, request: Any, /) -> Any:
        """Send an httpx.Request once, and return its httpx.Response."""
        ...


class AsyncTransport(Protocol):
    """What AsyncClient takes as `transport`, as httpx.AsyncHTTPTransport and httpx.ASGITransport are."""

    def handle_async_request(self, request: Any, /) -> Awaitable[Any]:
        """Send an httpx.Request once, and return its httpx.Response."""
        ...


def check_transport(transport: object, *, asynchronous: bool, verify: object = True) -> None:
    """Raise ConfigurationError for what this kind of client can't send with. Does no I/O."""
    client, method, example = "Client", "handle_request", "httpx.HTTPTransport(...)"
    other, other_method = "AsyncClient", "handle_async_request"
    if asynchronous:
        client, method, other, other_method = other, other_method, client, method
        example = "httpx.AsyncHTTPTransport(...)"
    if isinstance(transport, type):
        raise ConfigurationError(f"transport must be an instance, as {example}, not the class {transport.__name__}")
    if not callable(getattr(transport, method, None)):
        name = type(transport).__name__
        if callable(getattr(transport, other_method, None)):
            raise ConfigurationError(f"{client} needs a transport like {example}; {name} is one for {other}")
        raise ConfigurationError(f"transport must be an httpx transport, as {example}, not {name}")
    if verify is not True:
        raise ConfigurationError("verify has no effect beside transport: give verify to the transport")


class _KeepsNothing:
    """What a pool does with its connections, and nothing has to be done with those of the caller's transport."""

    def close(self) -> None:
        """Do nothing: the caller closes the transport."""

    async def settle(self) -> None:
        """Do nothing."""

    def renew(self) -> None:
        """Do nothing: a transport that can't be used in a forked child is the caller's."""


class BroughtTransport(_KeepsNothing):
    """Sends with a blocking transport. It can't interrupt one that ignores its time-out."""

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
            response = send(http, _closing(request), timeout=seconds)
        except httpx.HTTPError as error:
            failure = _failure(error, handover)
        else:
            return _remembered(response, handover)
        raise failure  # out here, where the foreign exception and its frames are gone


class AsyncBroughtTransport(_KeepsNothing):
    """Sends with a transport that is awaited, and cancels it at the deadline."""

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
            response = await asend(http, _closing(request), timeout=seconds)
        except httpx.HTTPError as error:
            failure = _failure(error, handover)
        else:
            return _remembered(response, handover)
        raise failure  # as in BroughtTransport


@define(eq=False)
class _Handover:
    """What httpx has for a transport during one request: hands it to the caller's, and reads the reply itself."""

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
        return _bare(response, body)

    def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        self.is_written |= _is_write(event, details)


@define(eq=False)
class _AsyncHandover:
    """As above, for a transport that is awaited."""

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
            self.is_whole = await _read(response, body, anyio.CancelScope())
        if response is None:
            raise httpx.TimeoutException("the transport was cancelled at the deadline")
        return _bare(response, body)

    async def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        self.is_written |= _is_write(event, details)


async def _read(response: Any, body: bytearray, enough: "anyio.CancelScope") -> bool:
    """Read the body, as far as is read at most; whether that was all of it."""
    is_whole = False
    with suppress(Exception):  # as above
        try:
            with enough:
                async for piece in _pieces(response):
                    body += piece
                    # Generators that are left in the middle stay open, so the next wait for the network ends them.
                    if len(body) > REPLY_LIMIT:
                        enough.cancel()
                    if len(body) > 2 * REPLY_LIMIT:  # they don't wait at all
                        break
                else:
                    is_whole = len(body) <= REPLY_LIMIT
        finally:
            await response.aclose()
    return is_whole


def _pieces(response: Any) -> Any:
    """The body as it came: what httpx would unpack may be broken, or larger than is read."""
    import httpx  # noqa: PLC0415  # as above

    is_read = response.is_stream_consumed and not isinstance(response.stream, httpx.ByteStream)
    # A transport that sends with a client of its own returns what that client has read, and unpacked, already.
    return httpx.ByteStream(response.content) if is_read else response.stream


def _bare(response: Any, body: bytearray) -> "httpx.Response":
    """A reply without what httpx would act upon, and without a reason phrase, which httpx would log."""
    import httpx  # noqa: PLC0415  # as above

    headers = [(name, value) for name, value in response.headers.raw if name.lower() in REMEMBERED]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body[:REPLY_LIMIT]))


def _remembered(response: "httpx.Response", handover: _Handover | _AsyncHandover) -> Reply:
    return reply_of(response.status_code, response.headers.raw, response.content, is_whole=handover.is_whole)


def _seconds_left(transmission: Transmission) -> float:
    seconds = transmission.deadline.remaining()
    if not seconds:
        raise TimeoutError("the deadline is over")
    return seconds


def _base_url(request: HttpRequest) -> str:
    return f"{request.origin.scheme}://{request.origin.host_header}"


def _closing(request: HttpRequest) -> Request:
    return Request(method=request.method, path=request.target, headers={**request.headers, "Connection": "close"})


def _is_httpx(transport: object) -> bool:
    import httpx  # noqa: PLC0415  # as above

    # Not isinstance: a subclass may send before it raises, or raise what it likes.
    return type(transport) in {httpx.HTTPTransport, httpx.AsyncHTTPTransport}


def _is_write(event: str, details: Mapping[str, Any]) -> bool:
    """Whether httpcore is about to write the request; a CONNECT to a proxy is none."""
    return event.endswith(".send_request_headers.started") and details["request"].method != b"CONNECT"


def _failure(error: "httpx.HTTPError", handover: _Handover | _AsyncHandover) -> OSError:
    """The exception in words, as evidence has them; takes note where it proves that nothing has left."""
    import httpx  # noqa: PLC0415  # as above

    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    if _is_httpx(handover.transport) and isinstance(error, unsent) and not handover.is_written:
        handover.transmission.may_have_left = False
    kind = TimeoutError if isinstance(error, httpx.TimeoutException) else ConnectionError
    return kind(f"{type(error).__name__}: {error}".removesuffix(": "))
