"""The transports that a caller may bring: two protocols, which httpx's transports satisfy, and their check. No I/O."""

from collections.abc import Awaitable
from typing import Any, Protocol

from autoshares_cancel.errors import ConfigurationError


class Transport(Protocol):
    """The type of Client's argument `transport`, such as httpx.HTTPTransport or httpx.MockTransport.

    It gets each request once, with Connection: close and the rest of the deadline as its time-out. `verify` belongs to
    it, and the caller closes it. What it returns counts as the reply to that request. An exception is NotSent only if
    the transport is exactly an httpx.HTTPTransport that could not connect, and NoReply otherwise. Client can't
    interrupt a transport that ignores its time-out: the call ends when the transport does, and a late reply counts.
    After a fork, give the child a transport of its own.
    """

    def handle_request(self, request: Any, /) -> Any:
        """Send an httpx.Request once, and return its httpx.Response."""
        ...


class AsyncTransport(Protocol):
    """The type of AsyncClient's argument `transport`, such as httpx.AsyncHTTPTransport or httpx.ASGITransport."""

    def handle_async_request(self, request: Any, /) -> Awaitable[Any]:
        """Send an httpx.Request once, and return its httpx.Response."""
        ...


def check_transport(transport: object, *, asynchronous: bool, verify: object = True) -> None:
    """Raise ConfigurationError for a transport that this kind of client can't use. Does no I/O."""
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
