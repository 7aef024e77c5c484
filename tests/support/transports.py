"""Transports that a caller brings, for every kind of client."""

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import httpx
from attrs import define, field
from support.clients import BACKENDS

from autoshares_cancel._http.brought import AsyncBroughtTransport, BroughtTransport
from autoshares_cancel._http.request import HttpRequest, Origin, prepare
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Reply
from autoshares_cancel._values.secret import Secret

PATIENCE_SECONDS = 60.0
KEY, TOKEN = Secret("an-app-key"), Secret("an-access-token")


@define
class Clock:
    """A clock that stands still until a test moves it."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def attempt(seconds: float = PATIENCE_SECONDS, clock: Callable[[], float] = time.monotonic) -> Transmission:
    """An attempt with this many seconds left."""
    return Transmission(Deadline.after(seconds, clock), Timeouts())


def request_to(base_url: str = "https://broker.example/api", method: str = "DELETE") -> HttpRequest:
    """A request for an order, with credentials."""
    path = "/v1/accounts/6303/orders/73552"
    return prepare(method, Origin.of(base_url), path, {}, app_key=KEY, bearer=TOKEN)


def sent_through(client_kind: str, transport: Any, request: HttpRequest, transmission: Transmission) -> Reply:
    """Send a request through the transport by this kind of client; return the reply or raise the error."""
    if client_kind != "sync":
        backend, options = BACKENDS[client_kind]

        async def send() -> Reply:
            with anyio.fail_after(PATIENCE_SECONDS):
                return await AsyncBroughtTransport(transport).send(request, transmission)

        return anyio.run(send, backend=backend, backend_options=options)
    blocking = BroughtTransport(transport).send(request, transmission)
    try:
        blocking.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a Reply
    raise AssertionError("the blocking transport suspended")


def of_httpx(client_kind: str, **options: Any) -> httpx.HTTPTransport | httpx.AsyncHTTPTransport:
    """The transport of httpx for this kind of client."""
    return httpx.HTTPTransport(**options) if client_kind == "sync" else httpx.AsyncHTTPTransport(**options)


@contextmanager
def unix_listener() -> Iterator[tuple[socket.socket, str]]:
    """A listening Unix socket and its path, outside of tmp_path, whose name may be too long for a socket."""
    with tempfile.TemporaryDirectory(prefix="broker-") as folder:
        path = f"{folder}/socket"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen()
        yield listener, path


@define
class Answering:
    """A transport for every kind of client that returns given replies and records requests."""

    answer: Callable[[httpx.Request], httpx.Response]
    requests: list[httpx.Request] = field(factory=list[httpx.Request])
    closed: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def raising(error: BaseException) -> Answering:
    """A transport that always raises this error."""

    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return Answering(answer)


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of these pieces, followed by `endless` again and again; it counts how often it was closed."""

    def __init__(self, *pieces: bytes | BaseException, endless: bytes = b"", on_piece: Callable[[], Any] = int) -> None:
        self._pieces, self._endless, self._on_piece = pieces, endless, on_piece
        self.given = 0
        self.closed = 0

    def __iter__(self) -> "Pieces":
        return self

    def __next__(self) -> bytes:
        self._on_piece()
        piece = self._pieces[self.given] if self.given < len(self._pieces) else self._endless
        self.given += 1
        if isinstance(piece, BaseException):
            raise piece
        if not piece:
            raise StopIteration
        return piece

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> bytes:
        try:
            return next(self)
        except StopIteration:
            raise StopAsyncIteration from None

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1
