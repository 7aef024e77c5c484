"""How a connection gets to the server: directly, over TLS, and through a proxy; in memory."""

import ssl

import pytest
from support.memory_streams import MemoryNetwork, request, transmission
from support.tls_peer import TlsPeer

from autoshares_cancel._engine.run import run
from autoshares_cancel._http.pool import ConnectionPool
from autoshares_cancel._http.proxy import Proxy
from autoshares_cancel._http.request import Origin
from autoshares_cancel._values.evidence import Reply

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def send(pool: ConnectionPool) -> Reply:
    """Send one request with a time limit of its own."""
    return run(pool.send(request(), transmission()))


BROKER = Origin.of("https://broker.example:8443/api")


def test_over_https_the_certificate_is_checked_and_http_1_is_spoken() -> None:
    """Law 10: the request is written after the TLS handshake, which selects HTTP/1.1."""
    peer = TlsPeer(GONE)
    network = MemoryNetwork([peer.stream])
    pool = ConnectionPool(BROKER, peer.trusted, None, lambda: network)
    assert send(pool).status_code == 204
    assert network.connected == [("broker.example", 8443)]
    assert peer.heard == request().raw()
    assert peer.tls.selected_alpn_protocol() == "http/1.1"


def test_another_name_closes_the_connection() -> None:
    """Laws 4 and 10: a certificate for another name closes the connection before anything is written."""
    peer, attempt = TlsPeer(GONE), transmission()
    pool = ConnectionPool(Origin.of("https://other.example"), peer.trusted, None, lambda: MemoryNetwork([peer.stream]))
    with pytest.raises(ssl.SSLCertVerificationError):
        run(pool.send(request(), attempt))
    assert (peer.heard, peer.stream.is_closed, attempt.may_have_left) == (b"", True, False)


def test_through_a_proxy_the_handshake_is_with_the_server() -> None:
    """Law 10: the client connects to the proxy, which learns only the name of the server."""
    peer = TlsPeer(GONE)
    peer.stream.through_proxy(b"HTTP/1.1 200 OK\r\n\r\n")
    network = MemoryNetwork([peer.stream])
    pool = ConnectionPool(BROKER, peer.trusted, Proxy("proxy", 3128, None, None), lambda: network)
    assert send(pool).status_code == 204
    assert network.connected == [("proxy", 3128)]
    where = b"broker.example:8443"
    assert peer.stream.written == b"CONNECT " + where + b" HTTP/1.1\r\nHost: " + where + b"\r\n\r\n"
    assert peer.heard == request().raw()


def test_a_proxy_that_refuses_is_closed() -> None:
    """Law 4: a refused tunnel closes the connection, and nothing of the request has left."""
    peer, attempt = TlsPeer(GONE), transmission()
    peer.stream.through_proxy(b"HTTP/1.1 407 Who Are You\r\nContent-Length: 0\r\n\r\n")
    proxy = Proxy("proxy", 3128, None, None)
    pool = ConnectionPool(BROKER, peer.trusted, proxy, lambda: MemoryNetwork([peer.stream]))
    with pytest.raises(ConnectionError, match="407"):
        run(pool.send(request(), attempt))
    assert (peer.heard, peer.stream.is_closed, attempt.may_have_left) == (b"", True, False)
