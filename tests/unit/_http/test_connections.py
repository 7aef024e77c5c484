"""The connections that a client of any kind keeps: which is used next, how many, and what closing does to them."""

import gc
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

import anyio
import httpcore
import pytest
import trustme
from conftest import MakeCaller
from support.clients import TLS
from support.fake_clock import FakeClock
from support.fake_wire import PATIENCE_SECONDS, once_each, orders, until
from support.raw_server import TlsServer, nothing, raw_server, says

from autoshares_cancel import AutosharesError, Cancelled, ConfigurationError, NoReply, RetryPolicy, TokenCredentials
from autoshares_cancel._http import connections as kept
from autoshares_cancel._http.connections import AsyncConnections, Connections
from autoshares_cancel._http.request import Origin

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
ORIGIN = Origin.of("http://127.0.0.1:9")


def test_a_batch_needs_no_more_connections_than_it_has_slots(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Each is used again and again: 200 orders, four slots, four connections at most."""
    with raw_server(says(GONE)) as server:
        came_out = make_caller(base_url=server.base_url, credentials=token).batch(orders(200), concurrency=4)
        assert len(server.connections) <= 4
    assert once_each(orders(200), came_out)
    assert {type(outcome) for _, outcome in came_out} == {Cancelled}


def test_one_after_the_other_share_the_connection_that_was_used_last(
    make_caller: MakeCaller, token: TokenCredentials
) -> None:
    """Of five that are open, four are left to grow old."""
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


@pytest.mark.parametrize("said", [b"close", b"Close", b"keep-alive, close"])
def test_connection_close_is_honoured(make_caller: MakeCaller, token: TokenCredentials, said: bytes) -> None:
    """Law 8: no client writes to a connection whose end was announced, even if the server leaves it open."""
    reply = b"HTTP/1.1 204 No Content\r\nConnection: " + said + b"\r\n\r\n"
    with raw_server(says(reply)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        assert {type(caller.cancel(1, order_id)) for order_id in range(1, 5)} == {Cancelled}
        assert len(server.connections) == 4


def test_idle_connections_that_the_server_closes_cost_no_order(
    make_caller: MakeCaller, token: TokenCredentials
) -> None:
    """Law 4: it is seen before anything is written, so each order is asked for once and cancelled."""
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
    """Laws 3 and 4: they end as their connections do, say what is true, and open no other one until their deadline."""
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
            with suppress(OSError):  # it is closed already, where the client does that
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
    """Law 8: the same request, to a server whose certificate is trusted."""
    authority, trusted = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusted)
    server = served(authority)
    caller = make_caller(base_url=f"https://localhost:{server.port}/api", credentials=token, verify=trusted)
    assert type(caller.cancel(1, 2)) is Cancelled
    server.join()
    assert server.heard[0].startswith(
        b"DELETE /api/v1/accounts/1/orders/2 HTTP/1.1\r\nHost: localhost:%d\r\n" % server.port
    )


class Fake:
    """Stands in for a connection of httpcore, of either kind."""

    def __init__(self, **_: Any) -> None:
        self.expired = self.closed = False
        self.available = True

    def has_expired(self) -> bool:
        return self.expired

    def is_available(self) -> bool:
        return self.available

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


class Blocking:
    """AsyncConnections, called as Connections is."""

    def __init__(self, connections: AsyncConnections) -> None:
        self._connections = connections

    def take(self, seconds: float) -> Any:
        return anyio.run(self._connections.take, seconds)

    def give_back(self, connection: Any) -> None:
        anyio.run(self._connections.give_back, connection)

    def close(self) -> None:
        anyio.run(self._connections.aclose)


@pytest.fixture(params=["threads", "tasks"])
def pool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(kept, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(httpcore, "HTTPConnection", Fake)
    monkeypatch.setattr(httpcore, "AsyncHTTPConnection", Fake)
    return Connections(ORIGIN, TLS) if request.param == "threads" else Blocking(AsyncConnections(ORIGIN, TLS))


def test_the_last_one_given_back_is_the_first_one_taken(pool: Any) -> None:
    """So that those which are not needed grow old."""
    first, second = pool.take(PATIENCE_SECONDS), pool.take(PATIENCE_SECONDS)
    pool.give_back(first)
    pool.give_back(second)
    assert pool.take(PATIENCE_SECONDS) is second
    assert pool.take(PATIENCE_SECONDS) is first
    assert pool.take(PATIENCE_SECONDS) not in {first, second}


@pytest.mark.parametrize("why", ["expired", "not available"])
def test_one_that_can_not_be_used_any_more_is_closed(pool: Any, why: str) -> None:
    """When it is given back, or when its time has come while it was idle."""
    connection = pool.take(PATIENCE_SECONDS)
    connection.available = why == "expired"
    pool.give_back(connection)
    connection.expired = why == "expired"
    assert pool.take(PATIENCE_SECONDS) is not connection
    assert connection.closed


def test_no_more_are_taken_than_allowed(pool: Any) -> None:
    """PoolTimeout for the next one, until one is given back; whether that one can be used again or not."""
    taken = [pool.take(PATIENCE_SECONDS) for _ in range(3)]
    for broken in (True, False):
        with pytest.raises(httpcore.PoolTimeout):
            pool.take(0.001)
        taken[0].available = broken
        pool.give_back(taken[0])
        taken[0] = pool.take(PATIENCE_SECONDS)


def test_closed_means_closed(pool: Any) -> None:
    """What is idle is closed at once, what is in use when it is given back, and nothing is opened any more."""
    idle, used = pool.take(PATIENCE_SECONDS), pool.take(PATIENCE_SECONDS)
    pool.give_back(idle)
    pool.close()
    assert (idle.closed, used.closed) == (True, False)
    pool.give_back(used)
    assert used.closed
    with pytest.raises(httpcore.ConnectError, match="closed"):
        pool.take(PATIENCE_SECONDS)
