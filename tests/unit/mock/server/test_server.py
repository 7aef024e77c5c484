"""The server: it is ready when entered, and gone when left."""

from __future__ import annotations

import errno
import gc
import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.fake_backend import until
from support.http_caller import HttpCaller
from support.ports import lasting_port

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.server.mock_server import listen


def is_refused(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def descriptors() -> int:
    gc.collect()  # objects that other tests dropped are not counted
    return len(list(Path("/dev/fd").iterdir()))


def test_it_serves_as_soon_as_it_is_entered_and_no_longer_than_that(plain_client: httpx.Client) -> None:
    """The first request after entering is answered; after leaving the port is closed."""
    with MockServer() as server:
        assert plain_client.get(f"{server.origin}/_mock/state").status_code == 200
    assert is_refused(server.port)


def test_the_addresses(server: MockServer) -> None:
    """A server has its port, its origin, and the base URL for a client."""
    assert server.port > 0
    assert server.origin == f"http://127.0.0.1:{server.port}"
    assert server.base_url == f"http://127.0.0.1:{server.port}/api"


def test_two_servers_have_a_port_and_a_book_of_their_own() -> None:
    """Two servers share neither their port nor their orders."""
    with MockServer() as one, MockServer() as two:
        assert one.port != two.port
        one.exchange.cancel(6303, 73552)
        assert two.exchange.orders[73552].status == "New"


def test_the_exchange_is_the_one_that_is_served(caller: HttpCaller) -> None:
    """A cancel over the wire changes the exchange, and the other way round."""
    headers = caller.log_in()
    caller.cancel(73552, headers)
    assert caller.server.exchange.orders[73552].status == "Canceled"
    caller.server.exchange.fill(73553)
    assert caller.cancel(73553, headers).status_code == 409


def test_the_exchange_can_be_prepared_before_and_read_after() -> None:
    """The exchange lives as long as the instance."""
    server = MockServer()
    server.exchange.place(6303, order_id=1)
    with server:
        server.exchange.cancel(6303, 1)
    assert server.exchange.orders[1].status == "Canceled"


def test_a_port_can_be_chosen_and_taken_again_at_once(plain_client: httpx.Client) -> None:
    """Connections of the former server don't block the port."""
    with MockServer(port=lasting_port()) as first:
        plain_client.get(f"{first.origin}/_mock/state")
    with MockServer(port=first.port) as second:
        assert second.port == first.port
        assert plain_client.get(f"{second.origin}/_mock/state").status_code == 200


def test_a_restart_keeps_the_book_and_forgets_the_tokens(plain_client: httpx.Client) -> None:
    """A server with an earlier one's exchange keeps orders, ledger and clock; callers log in again."""
    with MockServer(port=lasting_port()) as first:
        headers = HttpCaller(first, plain_client).log_in()
        HttpCaller(first, plain_client).cancel(73552, headers)
        first.exchange.advance(60)
    with MockServer(port=first.port, exchange=first.exchange) as second:
        caller = HttpCaller(second, plain_client)
        assert caller.cancel(73553, headers).status_code == 401
        assert caller.cancel(73552, caller.log_in()).status_code == 409
        assert second.exchange.ledger == first.exchange.ledger
        assert [event.order_id for event in second.exchange.ledger] == [73552]
        assert second.exchange.now() >= 60


def test_a_port_in_use_is_named(server: MockServer) -> None:
    """A port in use raises OSError with the address and the reason."""
    second = MockServer(port=server.port)
    with pytest.raises(OSError, match=f"can't listen at 127.0.0.1:{server.port}: Address already in use") as caught:
        second.__enter__()
    assert caught.value.errno == errno.EADDRINUSE


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    """A port out of range raises ValueError before anything starts."""
    with pytest.raises(ValueError, match=f"port must be from 0 to 65535, not {port}"):
        MockServer(port=port)


@pytest.mark.parametrize("attribute", ["port", "origin", "base_url"])
def test_the_address_is_not_known_before_entering(attribute: str) -> None:
    """The attributes raise RuntimeError, which says what to do."""
    with pytest.raises(RuntimeError, match="enter it first"):
        getattr(MockServer(), attribute)


def test_it_is_not_entered_twice(server: MockServer) -> None:
    """A second entering raises RuntimeError, and the running server keeps serving."""
    with pytest.raises(RuntimeError, match="was entered before"):
        server.__enter__()
    assert not is_refused(server.port)


def test_it_is_not_entered_again_after_leaving() -> None:
    """An instance serves once."""
    with MockServer() as server:
        pass
    with pytest.raises(RuntimeError, match="make another one"):
        server.__enter__()


@pytest.mark.parametrize("bodies", ["guides", "", None])
def test_bodies_are_guide_or_none(bodies: Any) -> None:
    """Any other value raises ValueError."""
    with pytest.raises(ValueError, match="bodies must be one of guide, none"):
        MockServer(bodies=bodies)


def test_nothing_is_left_behind() -> None:
    """No thread and no file descriptor is left, and open connections are closed."""
    with MockServer():
        pass  # what is loaded and opened once does not count as a leak
    threads, files = set(threading.enumerate()), descriptors()
    for _ in range(10):
        with MockServer() as server, socket.create_connection(("127.0.0.1", server.port)):
            pass
    assert set(threading.enumerate()) <= threads
    assert descriptors() <= files


def has_ended(connection: socket.socket) -> bool:
    """Whether the server has closed, with or without a reset, and sent nothing before."""
    try:
        return connection.recv(4096) == b""
    except ConnectionResetError:
        return True


def test_answers_are_sent_without_delay() -> None:
    """The listener names TCP, or asyncio leaves Nagle's algorithm on and bodies wait for 40 ms."""
    with listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"DELETE /api/v1/acc",
        b"POST /_mock/seed HTTP/1.1\r\nHost: mock\r\nContent-Length: 10\r\n\r\n{",
        b"POST /_mock/reset HTTP/1.1\r\nHost: mock\r\n\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "a request, and kept alive"],
)
def test_leaving_cuts_open_connections(sent: bytes) -> None:
    """Every open connection ends at once, whatever was sent."""
    server = MockServer()
    with server, socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(sent)
        if b"reset" in sent:
            assert connection.recv(4096).startswith(b"HTTP/1.1 204")
        server.__exit__(None, None, None)  # which raises RuntimeError where it takes too long
        assert has_ended(connection)
    assert is_refused(server.port)


def test_leaving_cuts_a_stalled_request() -> None:
    """A request that waits for 30 seconds does not delay leaving."""
    server = MockServer()
    with server, httpx.Client(trust_env=False, timeout=60) as client:
        client.post(f"{server.origin}/_mock/settings", json={"token_delay": 30})
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(b"POST /api/token HTTP/1.1\r\nHost: mock\r\n\r\n")
            until(lambda: client.get(f"{server.origin}/_mock/state").json()["counters"]["token_requests"])
            server.__exit__(None, None, None)
            assert has_ended(connection)


def test_leaving_cuts_an_answer_that_the_client_does_not_read() -> None:
    """A full send buffer does not delay leaving."""
    server = MockServer()
    with server, httpx.Client(trust_env=False, timeout=60) as client:
        answer = {"status": 200, "body": "x" * 8_000_000}
        client.post(f"{server.origin}/_mock/settings", json={"token_answer": answer})
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(b"POST /api/token HTTP/1.1\r\nHost: mock\r\nEt-App-Key: demo-app-key\r\n\r\n")
            assert connection.recv(10).startswith(b"HTTP/1.1")
            server.__exit__(None, None, None)
