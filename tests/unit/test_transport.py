"""A client with the caller's transport has the same outcomes as with its own connections."""

import logging
from typing import Any

import anyio
import httpx
import pytest
from conftest import MakeCaller
from support.clients import BACKENDS
from support.ports import nowhere
from support.raw_server import raw_server, says
from support.socks_server import socks_server
from support.transports import Answering, Clock, of_httpx, raising, unix_listener

from autoshares_cancel import (
    AsyncClient,
    Cancelled,
    Client,
    ConfigurationError,
    NoReply,
    NotSent,
    OrderConflict,
    PasswordCredentials,
    TokenCredentials,
    TokenUnavailable,
    UndocumentedStatus,
)
from autoshares_cancel.mock import create_app

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
BROKER = "https://broker.example/api"


def answering(status_code: int, **options: Any) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status_code, **options))


@pytest.mark.parametrize(
    ("status_code", "kind"), [(204, Cancelled), (200, Cancelled), (409, OrderConflict), (299, UndocumentedStatus)]
)
def test_a_recorded_reply_has_its_outcome(
    make_caller: MakeCaller, token: TokenCredentials, status_code: int, kind: Any
) -> None:
    """Laws 1 and 2: the response of the transport decides the outcome."""
    caller = make_caller(base_url=BROKER, credentials=token, transport=answering(status_code), verify=True)
    outcome: Any = caller.cancel(6303, 73552)
    assert type(outcome) is kind
    assert [attempt.status_code for attempt in outcome.attempts] == [status_code]


@pytest.mark.parametrize("client_kind", BACKENDS)
def test_an_application_in_this_process(make_caller: MakeCaller, trader: PasswordCredentials) -> None:
    """Log-in, cancel, read and listing go to the mock without a socket."""
    app = create_app()
    transport = httpx.ASGITransport(app)
    caller = make_caller(base_url="http://localhost/api", credentials=trader, transport=transport, verify=True)
    caller.warm_up()
    assert type(caller.cancel(6303, 73552, confirm=True)) is Cancelled
    assert type(caller.cancel(6303, 73562)) is OrderConflict
    ended: Any = caller.cancel_all(6303)
    assert ended.outcomes
    assert caller.open_orders(6303) == ()
    assert app.state.exchange.orders[73552].status == "Canceled"


def test_a_unix_socket(make_caller: MakeCaller, client_kind: str, token: TokenCredentials) -> None:
    """A client reaches a server of this machine by its Unix socket."""
    with unix_listener() as (listener, path), raw_server(says(GONE), listener=listener) as server:
        transport = of_httpx(client_kind, uds=path)
        caller = make_caller(base_url="http://localhost/api", credentials=token, transport=transport, verify=True)
        assert type(caller.cancel(6303, 73552)) is Cancelled
    assert server.requests[0].startswith(b"DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1\r\nHost: localhost\r\n")


def test_a_socks_proxy(make_caller: MakeCaller, client_kind: str, token: TokenCredentials) -> None:
    """A SOCKS proxy needs only the extra `socks`."""
    with raw_server(says(GONE)) as server, socks_server(server.port) as proxy:
        transport = of_httpx(client_kind, proxy=proxy.url)
        caller = make_caller(base_url="http://localhost/api", credentials=token, transport=transport, verify=True)
        assert type(caller.cancel(6303, 73552)) is Cancelled
    assert proxy.asked == [("localhost", 80)]


def test_nothing_is_sent_where_nothing_listens(
    make_caller: MakeCaller, client_kind: str, token: TokenCredentials
) -> None:
    """Law 4: a failed connect of httpx's own transport is NotSent."""
    base_url = nowhere()
    transport = of_httpx(client_kind)
    caller = make_caller(base_url=base_url, credentials=token, transport=transport, verify=True)
    assert type(caller.cancel(6303, 73552)) is NotSent


class OursBlocking(httpx.HTTPTransport):
    """A blocking transport that may have sent before it raises."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")


class OursAsync(httpx.AsyncHTTPTransport):
    """An asynchronous transport that may have sent before it raises."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")


def test_a_subclass_of_an_httpx_transport_proves_nothing(
    make_caller: MakeCaller, client_kind: str, token: TokenCredentials
) -> None:
    """Law 4: a ConnectError of a subclass is NoReply."""
    transport = OursBlocking() if client_kind == "sync" else OursAsync()
    caller = make_caller(base_url=BROKER, credentials=token, transport=transport, verify=True)
    outcome = caller.cancel(6303, 73552)
    assert type(outcome) is NoReply
    assert outcome.detail == "no route"


def test_a_fault_of_a_transport_is_no_reply_and_is_logged(
    make_caller: MakeCaller, token: TokenCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Laws 3, 4 and 5: the log has the fault's traceback, without the token that its message repeats."""
    transport = raising(LookupError(f"no reply to Bearer {token.token.reveal()}"))
    caller = make_caller(base_url=BROKER, credentials=token, transport=transport, verify=True)
    outcome = caller.cancel(6303, 73552)
    assert type(outcome) is NoReply
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "LookupError: no reply to Bearer ****" in record.getMessage()
    assert "Traceback" in record.getMessage()
    assert token.token.reveal() not in caplog.text + repr(outcome) + str(outcome)


def test_a_failure_of_the_network_is_not_logged_as_a_fault(
    make_caller: MakeCaller, token: TokenCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Law 3: failures of the network are expected, so none is logged as an error."""
    transport = raising(httpx.ReadError("reset"))
    caller = make_caller(base_url=BROKER, credentials=token, transport=transport, verify=True)
    assert type(caller.cancel(6303, 73552)) is NoReply
    assert [each for each in caplog.records if each.levelno == logging.ERROR] == []


def test_a_redirect_is_not_followed(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 1: a 302 is UndocumentedStatus, and its Location is not requested."""
    transport = Answering(lambda _: httpx.Response(302, headers={"Location": "/elsewhere"}))
    caller = make_caller(base_url=BROKER, credentials=token, transport=transport, verify=True)
    assert type(caller.cancel(6303, 73552)) is UndocumentedStatus
    assert [request.url.path for request in transport.requests] == ["/api/v1/accounts/6303/orders/73552"]


def test_no_cookie_goes_from_one_call_to_the_next(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 5: a cookie is not sent again, not even to the same server."""
    transport = Answering(lambda _: httpx.Response(204, headers={"Set-Cookie": "session=1"}))
    caller = make_caller(base_url=BROKER, credentials=token, transport=transport, verify=True)
    assert [type(caller.cancel(6303, order_id)) for order_id in (1, 2)] == [Cancelled, Cancelled]
    assert not any("Cookie" in request.headers for request in transport.requests)


class Hanging:
    """A transport that never answers."""

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError("sleep_forever has returned")


@pytest.mark.parametrize("client_kind", BACKENDS)
def test_a_transport_that_hangs_ends_with_the_deadline(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Laws 3 and 7: AsyncClient cancels it, and the order is unknown."""
    caller = make_caller(base_url=BROKER, credentials=token, transport=Hanging(), verify=True, clock=Clock())
    assert type(caller.cancel(6303, 73552, deadline=0.1)) is NoReply


@pytest.mark.parametrize("client_kind", ["sync"])
def test_a_late_reply_counts(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Laws 1 and 7: Client can't interrupt a transport: the call ends with it, and the late reply counts."""
    clock = Clock()

    def late(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"]["read"] == 5
        clock.now += 3600
        return httpx.Response(204)

    caller = make_caller(base_url=BROKER, credentials=token, transport=Answering(late), verify=True, clock=clock)
    assert type(caller.cancel(6303, 73552, deadline=5)) is Cancelled


def test_warming_up_only_logs_in(make_caller: MakeCaller, trader: PasswordCredentials) -> None:
    """warm_up opens no connection, because those of a transport are not used again."""
    token = {"State": "Succeeded", "Token": "an-access-token"}
    transport = Answering(lambda _: httpx.Response(200, json=token))
    caller = make_caller(base_url=BROKER, credentials=trader, transport=transport, verify=True)
    caller.warm_up(connections=8)
    assert [request.method for request in transport.requests] == ["POST"]


def test_a_log_in_that_fails_is_no_cancel(make_caller: MakeCaller, trader: PasswordCredentials) -> None:
    """Law 4: a log-in that fails is TokenUnavailable, because no order was touched."""
    caller = make_caller(base_url=BROKER, credentials=trader, transport=raising(OSError("gone")), verify=True)
    assert type(caller.cancel(6303, 73552)) is TokenUnavailable


def test_a_closed_client_leaves_the_transport_open(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """The caller closes the transport; a closed client sends nothing more."""
    transport = Answering(lambda _: httpx.Response(204))
    caller = make_caller(base_url=BROKER, credentials=token, transport=transport, verify=True)
    caller.cancel(6303, 73552)
    caller.close()
    assert type(caller.cancel(6303, 73553)) is ConfigurationError
    assert (len(transport.requests), transport.closed) == (1, 0)


def test_the_proxies_of_the_environment_are_not_looked_at(
    make_caller: MakeCaller, token: TokenCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 10: the transport decides about proxies, so those of the environment are ignored."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    caller = make_caller(base_url=BROKER, credentials=token, transport=answering(204), verify=True)
    assert type(caller.cancel(6303, 73552)) is Cancelled


@pytest.mark.parametrize(
    ("client", "arguments", "words"),
    [
        (Client, {"transport": httpx.HTTPTransport}, "not the class HTTPTransport"),
        (Client, {"transport": httpx.ASGITransport(create_app())}, "is one for AsyncClient"),
        (AsyncClient, {"transport": httpx.HTTPTransport()}, "is one for Client"),
        (AsyncClient, {"transport": "socks5://127.0.0.1:9"}, "must be an httpx transport"),
        (Client, {"transport": answering(204), "verify": False}, "give verify to the transport"),
        (AsyncClient, {"transport": answering(204), "verify": "ca.pem"}, "give verify to the transport"),
        (Client, {"transport": answering(204), "base_url": "http://broker.example"}, "must begin with https://"),
    ],
)
def test_wrong_arguments_are_refused(
    client: Any, arguments: dict[str, Any], words: str, token: TokenCredentials
) -> None:
    """Laws 3 and 10: wrong arguments are refused when the client is made, before any I/O."""
    with pytest.raises(ConfigurationError, match=words):
        client(**{"base_url": BROKER, "credentials": token, **arguments})
