"""Transports for Unix sockets and SOCKS proxies, which the package's own connections do not support."""

from collections.abc import Iterator

import pytest
from support.raw_server import RawServer, raw_server, says
from support.socks_server import REFUSED, leaking, socks_server
from support.transports import Clock, attempt, of_httpx, request_to, sent_through, unix_listener

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Answers every request with 204."""
    with raw_server(says(GONE)) as running:
        yield running


def test_a_unix_socket(client_kind: str) -> None:
    """A request goes to a socket of this machine; its Host is the broker's."""
    with unix_listener() as (listener, path), raw_server(says(GONE), listener=listener) as server:
        transport = of_httpx(client_kind, uds=path)
        reply = sent_through(client_kind, transport, request_to("http://localhost/api"), attempt())
    assert reply.status_code == 204
    assert b"Host: localhost\r\n" in server.requests[0]


def test_a_socks_proxy(client_kind: str, server: RawServer) -> None:
    """The proxy gets the destination, and forwards the request."""
    with socks_server(server.port) as proxy:
        transport = of_httpx(client_kind, proxy=proxy.url)
        reply = sent_through(client_kind, transport, request_to("http://localhost/api"), attempt())
    assert reply.status_code == 204
    assert proxy.asked == [("localhost", 80)]
    assert len(server.requests) == 1


def test_a_socks_proxy_that_refuses_proves_that_nothing_left(client_kind: str, server: RawServer) -> None:
    """Law 4: a refusal of the proxy comes before the request."""
    transmission = attempt()
    with leaking(), socks_server(server.port, reply_code=REFUSED) as proxy:
        transport = of_httpx(client_kind, proxy=proxy.url)
        with pytest.raises(ConnectionError, match=r"."):
            sent_through(client_kind, transport, request_to("http://localhost/api"), transmission)
        del transport
    assert not transmission.may_have_left
    assert server.requests == []


@pytest.mark.parametrize("client_kind", ["asyncio", "uvloop", "trio"])
def test_a_socks_proxy_that_is_silent_is_left_at_the_deadline(client_kind: str, server: RawServer) -> None:
    """Law 7: httpx has no time-out during a SOCKS handshake; AsyncClient cancels it."""
    with leaking(), socks_server(server.port, reply_code=None) as proxy:
        transport = of_httpx(client_kind, proxy=proxy.url)
        with pytest.raises(TimeoutError):
            sent_through(client_kind, transport, request_to("http://localhost/api"), attempt(0.05, Clock()))
        del transport


def test_a_tunnel_that_is_refused_proves_that_nothing_left(client_kind: str) -> None:
    """Law 4: a CONNECT to an HTTP proxy does not count as the request."""
    transmission = attempt()
    with raw_server(says(b"HTTP/1.1 407 Who Are You\r\nContent-Length: 0\r\n\r\n")) as proxy:
        transport = of_httpx(client_kind, proxy=f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(ConnectionError, match=r"^407"):
            sent_through(client_kind, transport, request_to(), transmission)
    assert not transmission.may_have_left
    assert [request.split(b" ")[0] for request in proxy.requests] == [b"CONNECT"]
