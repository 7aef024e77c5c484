"""What comes of a request on the wire, in every colour: real sockets, raw bytes, no HTTP library on the other side."""

import socket
import threading

import pytest
from conftest import MakeCaller
from raw_server import Answer, close, nothing, raw_server, reset, says, then_close

from autoshares_cancel import (
    AsyncClient,
    Cancelled,
    Client,
    ConfigurationError,
    NoReply,
    NotSent,
    OrderConflict,
    Timeouts,
    TokenCredentials,
    UndocumentedStatus,
)

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
CLOSING = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
DEADLINE = 0.6
"""Seconds; long enough for a busy machine to get a request out."""
IMPATIENT = Timeouts(read=0.2)
"""For servers that say nothing more: only waiting for bytes is short."""


def drip(data: bytes, gap: threading.Event, at_once: bytes = b"") -> Answer:
    """One byte after the other, with a pause before each, until the gap is closed."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(at_once)
        for byte in data:
            if gap.wait(0.05):
                return
            connection.sendall(bytes([byte]))

    return answer


def test_the_request_is_the_template_filled_in(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Laws 9 and 10: one DELETE of exactly that path, each credential once, no body, no cookie."""
    with raw_server(says(b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n")) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, api_version="1.0")
        for _ in range(2):
            assert type(caller.cancel(6303, -(2**31))) is Cancelled
        host = f"Host: 127.0.0.1:{server.port}"
    for request in server.requests:
        first, *headers = request.decode("ascii").split("\r\n")
        assert first == f"DELETE /api/v1.0/accounts/6303/orders/{-(2**31)} HTTP/1.1"
        assert sorted(headers) == sorted(
            [
                host,
                "Accept: application/json, text/json",
                "Accept-Encoding: identity",
                "User-Agent: autoshares-cancel",
                "Et-App-Key: an-app-key",
                "Authorization: Bearer an-access-token",
            ]
        )
    assert len(server.requests) == 2
    assert len(server.connections) == 1


NO_USABLE_REPLY: dict[str, Answer] = {
    "reset": reset,
    "closed": close,
    "silence": nothing,
    "garbage": says(b"garbage\r\n\r\n"),
    "HTTP/0.9": says(b"<html>204</html>\r\n\r\n"),
    "status 2x4": says(b"HTTP/1.1 2x4 No Content\r\n\r\n"),
    "status 1000": says(b"HTTP/1.1 1000 Too Many\r\n\r\n"),
    "cut in the status line": then_close(b"HTTP/1.1 204 No Con"),
    "cut in the headers": then_close(b"HTTP/1.1 204 No Content\r\nX: y"),
    "100 and no more": then_close(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "two lengths": says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
    "a megabyte of headers": says(b"HTTP/1.1 204 No Content\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n"),
}


@pytest.mark.parametrize("answer", NO_USABLE_REPLY.values(), ids=NO_USABLE_REPLY)
def test_sent_and_no_usable_reply_is_no_reply(make_caller: MakeCaller, token: TokenCredentials, answer: Answer) -> None:
    """Laws 3 and 4: whatever the bytes, the order may be cancelled, and the next call works."""
    with raw_server(answer) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, timeouts=IMPATIENT)
        outcome = caller.cancel(6303, 73552)
        assert type(outcome) is NoReply
        assert outcome.status_code is None
        assert outcome.detail
        assert len(server.requests) == 1
        server._answer = says(GONE)
        assert type(caller.cancel(6303, 73553)) is Cancelled


OK = b"HTTP/1.1 200 OK\r\n"
BROKEN_BODY: dict[str, Answer] = {
    "204 with a body": says(b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\nunwelcome"),
    "100 and 103 before it": says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + GONE),
    "shorter than said": then_close(OK + b"Content-Length: 100\r\n\r\n{"),
    "never complete": says(OK + b"Content-Length: 100\r\n\r\n{"),
    "broken chunks": then_close(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "false gzip": says(OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
    "unknown encoding": says(OK + b"Content-Encoding: martian\r\nContent-Length: 2\r\n\r\n{}"),
    "longer than is read": says(OK + b"Content-Length: 100000000\r\n\r\n" + b"x" * 200_000),
    "bad content type": says(OK + b"Content-Type: \xff\r\nContent-Length: 0\r\n\r\n"),
    "HTTP/1.0": then_close(b"HTTP/1.0 200 OK\r\n\r\n{}"),
}


@pytest.mark.parametrize("answer", BROKEN_BODY.values(), ids=BROKEN_BODY)
def test_a_broken_body_never_hides_a_status(make_caller: MakeCaller, token: TokenCredentials, answer: Answer) -> None:
    """Laws 1 and 3: the status line has come, and it counts."""
    with raw_server(answer) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, timeouts=IMPATIENT)
        assert type(caller.cancel(6303, 73552)) is Cancelled
        server._answer = says(GONE)
        assert type(caller.cancel(6303, 73552)) is Cancelled


@pytest.mark.parametrize("status_code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(make_caller: MakeCaller, token: TokenCredentials, status_code: int) -> None:
    """Laws 1 and 10: a 200 behind a redirect is no cancel, and no credential goes to another place."""
    with raw_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as other:
        moved = f"HTTP/1.1 {status_code} Moved\r\nLocation: {other.base_url}\r\nContent-Length: 0\r\n\r\n"
        with raw_server(says(moved.encode())) as server:
            outcome = make_caller(base_url=server.base_url, credentials=token).cancel(6303, 73552)
    assert type(outcome) is UndocumentedStatus
    assert outcome.status_code == status_code
    assert other.requests == []


CONFLICT = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"
FOLLOWED = {
    "a second reply": CONFLICT + GONE,
    "half a reply": CONFLICT + GONE[:-3],
    "a reply behind chunks": b"HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GONE,
    "a reply behind a body": b"HTTP/1.1 409 Conflict\r\ncontent-length:2\r\n\r\n{}" + GONE,
}


@pytest.mark.parametrize("data", FOLLOWED.values(), ids=FOLLOWED)
def test_what_follows_a_reply_answers_nothing(make_caller: MakeCaller, token: TokenCredentials, data: bytes) -> None:
    """Law 1: the second of two replies to one request is not taken for the reply to the next."""
    with raw_server(says(data, CONFLICT)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        for order_id in (73552, 73553, 73554):
            assert type(caller.cancel(6303, order_id)) is OrderConflict
    assert len(server.requests) == 3
    assert len(server.connections) == 2


def test_the_deadline_holds_against_a_slow_server(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Laws 3 and 7: a byte now and then does not keep the call alive; the outcome says that nothing is known."""
    gap = threading.Event()
    with raw_server(drip(b"HTTP/1.1 204 No Content\r\nX-Padding: " + b"x" * 1000, gap)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, deadline=DEADLINE)
        outcome = caller.cancel(6303, 73552)
        gap.set()
    assert type(outcome) is NoReply
    assert DEADLINE <= outcome.attempts[0].seconds < 10 * DEADLINE


def test_the_deadline_holds_against_a_slow_body(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Laws 3 and 7: the status has come; the rest of the body is not waited for beyond the deadline."""
    gap = threading.Event()
    headers = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with raw_server(drip(b"x" * 1000, gap, at_once=headers)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, deadline=DEADLINE)
        outcome = caller.cancel(6303, 73552)
        gap.set()
    assert type(outcome) is Cancelled
    assert DEADLINE <= outcome.attempts[0].seconds < 10 * DEADLINE


def test_refused_is_not_sent(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 4: where nobody listens, nothing left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = make_caller(base_url=f"http://127.0.0.1:{port}", credentials=token).cancel(6303, 73552)
    assert type(outcome) is NotSent
    assert outcome.attempts[0].status_code is None


def test_an_unknown_host_is_not_sent(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 4: a name that nobody knows, and one that can't even be asked for."""
    for host in ("nobody.invalid", "a" * 64 + ".invalid", "-.invalid"):
        outcome = make_caller(base_url=f"https://{host}/api", credentials=token, deadline=5.0).cancel(6303, 73552)
        assert type(outcome) is NotSent


def test_a_connection_that_is_never_made_is_not_sent(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Laws 4 and 7: a full backlog takes no connection; the deadline ends the wait and nothing has left."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        outcome = make_caller(base_url=f"http://127.0.0.1:{port}", credentials=token, deadline=0.3).cancel(6303, 73552)
    assert type(outcome) is NotSent


def test_a_closed_client_says_so() -> None:
    """Law 3: calling a closed client is a mistake of the program: nothing is sent."""
    client = Client(base_url="http://127.0.0.1:1", credentials=TokenCredentials(app_key="key", token="token"))
    client.close()
    with pytest.raises(ConfigurationError, match="the client is closed"):
        client.cancel_order(account_id=6303, order_id=73552)


@pytest.mark.anyio
async def test_a_closed_async_client_says_so(anyio_backend: str) -> None:
    """Law 3: the same for the other colour."""
    client = AsyncClient(base_url="http://127.0.0.1:1", credentials=TokenCredentials(app_key="key", token="token"))
    await client.aclose()
    with pytest.raises(ConfigurationError, match="the client is closed"):
        await client.cancel_order(account_id=6303, order_id=73552)
