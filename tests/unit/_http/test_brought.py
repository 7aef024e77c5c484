"""What the caller's transport receives, and what the client reads of its response."""

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.raw_server import RawServer, raw_server, says, then_close
from support.transports import Answering, Clock, Pieces, attempt, of_httpx, request_to, sent_through

from autoshares_cancel._http.request import preconnect
from autoshares_cancel._http.response import REPLY_LIMIT
from autoshares_cancel._values.evidence import Reply

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Answers every request with 204."""
    with raw_server(says(GONE)) as running:
        yield running


@pytest.mark.parametrize("method", ["DELETE", "POST", "OPTIONS"])
def test_exactly_our_headers_are_sent_and_connection_close(client_kind: str, server: RawServer, method: str) -> None:
    """Law 10: httpx adds and changes no header, and the connection is not used again."""
    request = request_to(server.base_url, method)
    request = preconnect(request.origin) if method == "OPTIONS" else request
    transmission = attempt()
    assert sent_through(client_kind, of_httpx(client_kind), request, transmission) == Reply(status_code=204)
    assert transmission.may_have_left
    assert server.requests == [request.raw().removesuffix(b"\r\n\r\n") + b"\r\nConnection: close"]


def test_what_is_remembered_of_a_reply(client_kind: str) -> None:
    """A reply has status, body and kept headers, as with the client's own connections."""
    headers = [("retry-after", "5"), ("Date", "now"), ("Retry-After", "6"), ("X-Other", "x"), ("cf-ray", "1")]
    transport = Answering(lambda _: httpx.Response(503, headers=headers, content=b"{}"))
    reply = sent_through(client_kind, transport, request_to(), attempt())
    assert reply == Reply(status_code=503, body=b"{}", headers={"Retry-After": "5, 6", "Date": "now", "CF-Ray": "1"})
    assert str(transport.requests[0].url) == "https://broker.example/api/v1/accounts/6303/orders/73552"


def test_the_time_out_is_what_is_left_of_the_deadline(client_kind: str) -> None:
    """Law 7: the rest of the deadline is the time-out of every step of httpx."""
    transport = Answering(lambda _: httpx.Response(204))
    sent_through(client_kind, transport, request_to(), attempt(7.5, Clock()))
    assert transport.requests[0].extensions["timeout"] == dict.fromkeys(("connect", "read", "write", "pool"), 7.5)


def test_after_the_deadline_nothing_is_handed_over(client_kind: str) -> None:
    """Laws 4 and 7: the transport is not called, so nothing has left."""
    transport, transmission = Answering(lambda _: httpx.Response(204)), attempt(0, Clock())
    with pytest.raises(TimeoutError, match="the deadline is over"):
        sent_through(client_kind, transport, request_to(), transmission)
    assert (transport.requests, transmission.may_have_left) == ([], False)


def test_no_cookie_is_kept(client_kind: str) -> None:
    """Law 5: a cookie is sent with no later request."""
    transport = Answering(lambda _: httpx.Response(204, headers={"Set-Cookie": "session=1; Path=/"}))
    for _ in range(2):
        sent_through(client_kind, transport, request_to(), attempt())
    assert ["Cookie" in request.headers for request in transport.requests] == [False, False]


@pytest.mark.parametrize("location", ["https://elsewhere.example/", "/", "http://[", "\x00"])
@pytest.mark.parametrize("status_code", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_status_and_is_not_followed(client_kind: str, status_code: int, location: str) -> None:
    """Laws 1 and 3: a redirect gives its status, even if httpx can't parse its Location."""
    transport = Answering(lambda _: httpx.Response(status_code, headers={"Location": location}))
    assert sent_through(client_kind, transport, request_to(), attempt()).status_code == status_code
    assert len(transport.requests) == 1


@pytest.mark.parametrize("encoding", ["gzip", "br, zstd", "identity"])
def test_a_body_is_the_bytes_as_they_came(client_kind: str, encoding: str) -> None:
    """Law 3: a wrong or unrequested Content-Encoding changes nothing."""
    stream = Pieces(b'{"a"', b": 1}")
    transport = Answering(lambda _: httpx.Response(200, stream=stream, headers={"Content-Encoding": encoding}))
    assert sent_through(client_kind, transport, request_to(), attempt()).body == b'{"a": 1}'
    assert stream.closed == 1


class ByAnotherClient:
    """A transport that sends with an httpx client of its own, which reads and decodes the body."""

    def __init__(self, answer: Any) -> None:
        self._transport = httpx.MockTransport(answer)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with httpx.Client(transport=self._transport) as http:
            return http.send(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport) as http:
            return await http.send(request)


def test_a_body_that_the_transport_has_read_is_not_lost(client_kind: str) -> None:
    """Law 1: an empty body would make a good 200, but the real one may be about another order."""
    transport = ByAnotherClient(lambda _: httpx.Response(200, stream=Pieces(b'{"Id"', b": 7}")))
    assert sent_through(client_kind, transport, request_to(), attempt()).body == b'{"Id": 7}'


@pytest.mark.parametrize("error", [httpx.ReadError("reset"), ValueError("odd"), OSError("gone")], ids=repr)
def test_a_broken_body_does_not_hide_the_status(client_kind: str, error: Exception) -> None:
    """Law 3: the reply has the bytes that were read."""
    stream = Pieces(b"be", b"gun", error)
    transport = Answering(lambda _: httpx.Response(500, stream=stream))
    reply = sent_through(client_kind, transport, request_to(), attempt())
    assert (reply.status_code, reply.body, stream.closed) == (500, b"begun", 1)


def test_a_connection_that_breaks_in_the_body_does_not_hide_the_status(client_kind: str) -> None:
    """Law 3: on a real connection, too, the reply has its status and the bytes that came."""
    with raw_server(then_close(b"HTTP/1.1 422 No\r\nContent-Length: 100\r\n\r\nbegun")) as server:
        reply = sent_through(client_kind, of_httpx(client_kind), request_to(server.base_url), attempt())
    assert (reply.status_code, reply.body) == (422, b"begun")


def test_a_long_body_is_cut_off(client_kind: str) -> None:
    """Law 3: an endless body fills no memory, and its status counts."""
    stream = Pieces(endless=b"x" * 1000)
    transport = Answering(lambda _: httpx.Response(409, stream=stream))
    reply = sent_through(client_kind, transport, request_to(), attempt())
    assert (reply.status_code, reply.body, stream.closed) == (409, b"x" * REPLY_LIMIT, 1)
    assert stream.given <= 2 * REPLY_LIMIT // 1000 + 1


def test_a_long_body_of_a_real_server_is_cut_off(client_kind: str) -> None:
    """Law 3: the body of a real server is cut off, too, and its status counts."""
    with raw_server(says(b"HTTP/1.1 409 Conflict\r\n\r\n" + b"x" * REPLY_LIMIT * 4)) as server:
        reply = sent_through(client_kind, of_httpx(client_kind), request_to(server.base_url), attempt())
    assert (reply.status_code, len(reply.body)) == (409, REPLY_LIMIT)


def test_the_servers_words_do_not_get_into_the_log_of_httpx(client_kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Law 5: httpx logs the reason phrase at INFO, and a server may repeat a credential in it."""
    caplog.set_level(logging.INFO)
    with raw_server(says(b"HTTP/1.1 204 Bearer an-access-token\r\n\r\n")) as server:
        sent_through(client_kind, of_httpx(client_kind), request_to(server.base_url), attempt())
    assert "204 No Content" in caplog.text
    assert "an-access-token" not in caplog.text


def test_the_callers_transport_is_never_closed(client_kind: str) -> None:
    """The caller closes it, and may use it further."""
    transport = Answering(lambda _: httpx.Response(204))
    sent_through(client_kind, transport, request_to(), attempt())
    assert transport.closed == 0
