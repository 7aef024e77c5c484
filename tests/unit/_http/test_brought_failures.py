"""What the exceptions of a transport prove, and how the call ends at the deadline."""

import traceback
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpcore
import httpx
import pytest
from support.ports import nowhere
from support.raw_server import close, raw_server
from support.transports import Answering, Clock, Pieces, attempt, of_httpx, raising, request_to, sent_through

from autoshares_cancel._values.evidence import Reply


def test_a_body_that_drips_ends_at_the_deadline() -> None:
    """Law 7: reading from a blocking transport stops between two pieces."""
    clock = Clock()

    def one_second() -> None:
        clock.now += 1

    transport = Answering(lambda _: httpx.Response(200, stream=Pieces(endless=b"x", on_piece=one_second)))
    reply = sent_through("sync", transport, request_to(), attempt(5, clock))
    assert (reply.status_code, reply.body) == (200, b"xxxxx")


def test_a_late_reply_of_a_transport_that_ignores_its_time_out_counts() -> None:
    """Laws 1 and 7: Client can't interrupt a transport: the call ends with it, and the late reply counts."""
    clock = Clock()

    def late(_: httpx.Request) -> httpx.Response:
        clock.now += 3600
        return httpx.Response(204)

    assert sent_through("sync", Answering(late), request_to(), attempt(5, clock)) == Reply(status_code=204)


class Hanging:
    """Never answers, or never ends its body. Records how it was ended."""

    def __init__(self, *, status_code: int | None = None) -> None:
        self._status_code = status_code
        self.ended_by: BaseException | None = None

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        if self._status_code is None:
            await self._hang()
        return httpx.Response(self._status_code or 0, content=self._body())

    async def _body(self) -> AsyncIterator[bytes]:
        yield b"begun"
        await self._hang()

    async def _hang(self) -> None:
        try:
            await anyio.sleep_forever()
        except BaseException as error:
            self.ended_by = error
            raise


@pytest.mark.parametrize("client_kind", ["asyncio", "uvloop", "trio"])
def test_a_transport_that_hangs_is_cancelled_at_the_deadline(client_kind: str) -> None:
    """Laws 4 and 7: it may have sent, and does not outlive the call."""
    transport, transmission = Hanging(), attempt(0.05, Clock())
    with pytest.raises(TimeoutError, match="cancelled at the deadline"):
        sent_through(client_kind, transport, request_to(), transmission)
    assert transport.ended_by is not None
    assert transmission.may_have_left


@pytest.mark.parametrize("client_kind", ["asyncio", "uvloop", "trio"])
def test_a_body_that_hangs_is_cancelled_at_the_deadline(client_kind: str) -> None:
    """Laws 3 and 7: the status that came counts."""
    transport = Hanging(status_code=409)
    reply = sent_through(client_kind, transport, request_to(), attempt(0.05, Clock()))
    assert (reply.status_code, reply.body) == (409, b"begun")
    assert transport.ended_by is not None


FAILURES: dict[str, tuple[type[Exception], bool]] = {
    "ConnectError": (ConnectionError, False),
    "ConnectTimeout": (TimeoutError, False),
    "PoolTimeout": (TimeoutError, False),
    "ProxyError": (ConnectionError, False),
    "ReadError": (ConnectionError, True),
    "ReadTimeout": (TimeoutError, True),
    "WriteError": (ConnectionError, True),
    "WriteTimeout": (TimeoutError, True),
    "RemoteProtocolError": (ConnectionError, True),
    "LocalProtocolError": (ConnectionError, True),
    "UnsupportedProtocol": (ConnectionError, True),
}
"""Exceptions of httpx's own transports, the resulting errors, and whether something may have left."""


class FailingPool:
    """Replaces httpcore's pool, and reports the events of httpcore."""

    def __init__(self, error: Exception, *events: str) -> None:
        self._error, self._events = error, events

    def handle_request(self, request: httpcore.Request) -> None:
        for event in self._events:
            request.extensions["trace"](event, {"request": request})
        raise self._error

    async def handle_async_request(self, request: httpcore.Request) -> None:
        for event in self._events:
            await request.extensions["trace"](event, {"request": request})
        raise self._error


@pytest.mark.parametrize("name", FAILURES)
def test_what_httpx_raises_before_it_writes_proves_that_nothing_left(client_kind: str, name: str) -> None:
    """Law 4: only four exceptions of httpx's own transports prove that nothing has left."""
    transport: Any = of_httpx(client_kind)
    transport._pool = FailingPool(getattr(httpcore, name)("as it came"))
    kind, may_have_left = FAILURES[name]
    transmission = attempt()
    with pytest.raises(kind, match=r"^as it came$"):
        sent_through(client_kind, transport, request_to(), transmission)
    assert transmission.may_have_left is may_have_left


@pytest.mark.parametrize("version", ["http11", "http2"])
def test_a_request_that_was_handed_back_has_left(client_kind: str, version: str) -> None:
    """Law 4: HTTP/2 repeats a request that the server has not processed, and the next connection may fail."""
    transport: Any = of_httpx(client_kind)
    events = [f"{version}.send_request_headers.started", f"{version}.send_request_headers.complete"]
    transport._pool = FailingPool(httpcore.ConnectError("refused"), *events)
    transmission = attempt()
    with pytest.raises(ConnectionError, match=r"^refused$"):
        sent_through(client_kind, transport, request_to(), transmission)
    assert transmission.may_have_left


class OursBlocking(httpx.HTTPTransport):
    """A transport that may do anything before it raises."""


class OursAsync(httpx.AsyncHTTPTransport):
    """An asynchronous transport that may do anything before it raises."""


@pytest.mark.parametrize("name", FAILURES)
def test_no_exception_of_another_transport_proves_anything(client_kind: str, name: str) -> None:
    """Law 4: it may have sent before it raised, even if its class inherits from httpx's."""
    subclassed: Any = OursBlocking() if client_kind == "sync" else OursAsync()
    subclassed._pool = FailingPool(getattr(httpcore, name)("as it came"))
    mocked = httpx.MockTransport(raising(getattr(httpx, name)("as it came")).handle_request)
    for transport in (subclassed, mocked):
        transmission = attempt()
        with pytest.raises(FAILURES[name][0], match=r"^as it came$"):
            sent_through(client_kind, transport, request_to(), transmission)
        assert transmission.may_have_left


def test_a_port_where_nothing_listens_proves_that_nothing_left(client_kind: str) -> None:
    """Law 4: a refused connection on a real network proves that nothing has left."""
    base_url = nowhere()
    transmission = attempt()
    with pytest.raises(ConnectionError, match=r"(?i)refused|attempts"):
        sent_through(client_kind, of_httpx(client_kind), request_to(base_url), transmission)
    assert not transmission.may_have_left


def test_a_connection_that_is_closed_proves_nothing(client_kind: str) -> None:
    """Law 4: the request was written, so it may have taken effect."""
    with raw_server(close) as server:
        transmission = attempt()
        with pytest.raises(ConnectionError):
            sent_through(client_kind, of_httpx(client_kind), request_to(server.base_url), transmission)
    assert transmission.may_have_left


@pytest.mark.parametrize("error", [RuntimeError("boom"), LookupError("odd"), OSError("own"), TimeoutError("late")])
def test_other_exceptions_come_through_as_they_are(client_kind: str, error: Exception) -> None:
    """Law 3: a bug of the transport reaches the engine, which logs it; something may have left."""
    transmission = attempt()
    with pytest.raises(type(error)) as caught:
        sent_through(client_kind, raising(error), request_to(), transmission)
    assert caught.value is error
    assert transmission.may_have_left


def test_an_interruption_comes_through() -> None:
    """Law 12: Ctrl-C inside of the transport stops the program, and something may have left."""
    transmission = attempt()
    with pytest.raises(KeyboardInterrupt):
        sent_through("sync", raising(KeyboardInterrupt()), request_to(), transmission)
    assert transmission.may_have_left


def test_no_frame_of_httpx_is_kept(client_kind: str) -> None:
    """Law 5: the frames of a foreign exception hold headers in clear text."""
    with pytest.raises(ConnectionError) as caught:
        sent_through(client_kind, raising(httpx.ReadError("reset")), request_to(), attempt())
    assert caught.value.__context__ is caught.value.__cause__ is None
    files = {frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)}
    assert not [name for name in files if "/httpx/" in name]
