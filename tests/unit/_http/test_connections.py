"""The connections of every kind of client: which one is used next, how many exist, and what closing does to them."""

import gc
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

import pytest
import trustme
from conftest import MakeCaller
from support.fake_backend import PATIENCE_SECONDS, once_each, orders, until
from support.fake_clock import FakeClock
from support.raw_server import TlsServer, nothing, raw_server, says

from autoshares_cancel import (
    AutosharesError,
    Cancelled,
    ConfigurationError,
    NoReply,
    OrderConflict,
    RetryPolicy,
    TokenCredentials,
)

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_batch_needs_no_more_connections_than_it_has_slots(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Connections are used again: 200 orders in four slots open at most four."""
    with raw_server(says(GONE)) as server:
        results = make_caller(base_url=server.base_url, credentials=token).batch(orders(200), concurrency=4)
        assert len(server.connections) <= 4
    assert once_each(orders(200), results)
    assert {type(outcome) for _, outcome in results} == {Cancelled}


def test_calls_in_turn_use_the_connection_that_was_used_last(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Of five open connections only the last used one carries requests; the others can reach their age limit."""
    ports = list[int]()

    def answer(connection: socket.socket, _: bytes) -> None:
        ports.append(connection.getpeername()[1])
        connection.sendall(GONE)

    with raw_server(answer) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        caller.warm_up(connections=5)
        opened = len(server.connections)
        ports.clear()
        for order_id in range(1, 8):
            assert type(caller.cancel(1, order_id)) is Cancelled
        assert len(server.connections) == opened
    assert len({*ports}) == 1


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nconnection:keep-alive, Close\r\n\r\n",
        b"HTTP/1.1 409 Conflict\r\nX: y\r\nConnection: CLOSE\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.0 204 No Content\r\n\r\n",
    ],
    ids=str,
)
def test_a_connection_that_ends_or_may_not_be_trusted_is_not_used_again(
    make_caller: MakeCaller, token: TokenCredentials, reply: bytes
) -> None:
    """Laws 1 and 8: a connection is not used again after Connection: close, or after a reply that is not plain."""
    with raw_server(says(reply)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        outcomes = {type(caller.cancel(1, order_id)) for order_id in range(1, 5)}
        assert outcomes == {Cancelled if b" 204 " in reply else OrderConflict}
        assert len(server.connections) == 4


def test_what_looks_like_close_elsewhere_ends_nothing(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Only the header Connection counts, and only its own value."""
    body = b"\r\nConnection: close\r\n\r\n"
    reply = b"HTTP/1.1 409 Conflict\r\nX-Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with raw_server(says(reply)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        assert {type(caller.cancel(1, order_id)) for order_id in range(1, 4)} == {OrderConflict}
        assert len(server.connections) == 1


def test_an_address_of_ipv6_can_be_named(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """An IPv6 address has brackets in the URL and in Host, but not in the address of the connection."""
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    port, heard = listener.getsockname()[1], list[bytes]()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(65536))
            connection.sendall(GONE)

    with listener, ThreadPoolExecutor(1) as threads:
        served = threads.submit(serve)
        caller = make_caller(base_url=f"http://[::1]:{port}/api", credentials=token)
        assert type(caller.cancel(1, 2)) is Cancelled
        served.result(PATIENCE_SECONDS)
    assert b"\r\nHost: [::1]:%d\r\n" % port in heard[0]


def test_idle_connections_that_the_server_closes_cost_no_order(
    make_caller: MakeCaller, token: TokenCredentials
) -> None:
    """Law 4: the client notices the close before it writes, so each order is sent once and cancelled."""
    with raw_server(says(GONE)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        for order_id in range(1, 6):
            assert type(caller.cancel(1, order_id)) is Cancelled
            server.connections[-1].shutdown(socket.SHUT_RDWR)
        assert len(server.requests) == len(server.connections) == 5


@pytest.mark.parametrize("calls", [1, 6])
def test_closing_a_client_with_calls_under_way_leaves_nothing_open(
    make_caller: MakeCaller, token: TokenCredentials, client_kind: str, calls: int
) -> None:
    """Laws 3 and 4: calls end with their connections, have true outcomes, and open no further connection."""
    clock = FakeClock()
    patient: dict[str, Any] = {"retry": RetryPolicy(attempts=5), "resolve": True, "clock": clock}
    patient["sleep"] = clock.advance if client_kind == "sync" else clock.sleep
    with raw_server(nothing) as server, ThreadPoolExecutor(calls) as threads:
        caller = make_caller(base_url=server.base_url, credentials=token, **patient)
        ending = [threads.submit(caller.cancel, 1, order_id) for order_id in range(1, calls + 1)]
        until(lambda: len(server.requests) >= calls)
        caller.close()
        opened = len(server.connections)
        for each in server.connections:
            with suppress(OSError):  # the client may have closed it already
                each.shutdown(socket.SHUT_RDWR)
        outcomes = [each.result(PATIENCE_SECONDS) for each in ending]
        assert {type(outcome) for outcome in outcomes} == {NoReply}
        assert len(server.connections) == opened == calls
        with pytest.raises(ConfigurationError):
            raise cast(AutosharesError, caller.cancel(1, 99))
    gc.collect()


def served(authority: trustme.CA) -> TlsServer:
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(own)
    return TlsServer(own, GONE)


def test_tls_with_every_kind(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 8: every kind of client sends the same request over TLS to a trusted server."""
    authority, trusted = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusted)
    server = served(authority)
    caller = make_caller(base_url=f"https://localhost:{server.port}/api", credentials=token, verify=trusted)
    assert type(caller.cancel(1, 2)) is Cancelled
    server.join()
    assert server.heard[0].startswith(
        b"DELETE /api/v1/accounts/1/orders/2 HTTP/1.1\r\nHost: localhost:%d\r\n" % server.port
    )
