"""The bytes of a request: the same for every kind of client, with credentials for one origin only."""

import pytest
from conftest import MakeCaller
from support.memory_streams import ORIGIN, MemoryStream, pool_over, request, transmission
from support.raw_server import raw_server, says

from autoshares_cancel import TokenCredentials, __version__
from autoshares_cancel._engine.run import run
from autoshares_cancel._http.request import HttpRequest, Origin, preconnect, prepare
from autoshares_cancel._values.secret import Secret

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
CANCEL = (
    b"DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1\r\n"
    b"Host: 127.0.0.1:%d\r\n"
    b"Accept: application/json, text/json\r\n"
    b"Accept-Encoding: identity\r\n"
    b"User-Agent: autoshares-cancel/" + __version__.encode() + b"\r\n"
    b"Et-App-Key: an-app-key\r\n"
    b"Authorization: Bearer an-access-token"
)
ORIGINS = {
    "https://broker.example/api": ("broker.example", 443, "broker.example", "/api"),
    "https://broker.example:443/api": ("broker.example", 443, "broker.example", "/api"),
    "https://broker.example:80": ("broker.example", 80, "broker.example:80", ""),
    "http://localhost/api": ("localhost", 80, "localhost", "/api"),
    "http://127.0.0.1:8080/api": ("127.0.0.1", 8080, "127.0.0.1:8080", "/api"),
    "http://127.0.0.1:443": ("127.0.0.1", 443, "127.0.0.1:443", ""),
    "http://[::1]:8080/api": ("::1", 8080, "[::1]:8080", "/api"),
    "https://[2001:db8::1]/x": ("2001:db8::1", 443, "[2001:db8::1]", "/x"),
}


@pytest.mark.parametrize("base_url", ORIGINS)
def test_where_requests_go(base_url: str) -> None:
    """Law 10: requests go to the host and port of the URL; Host omits the scheme's default port (RFC 9110, 4.2)."""
    host, port, header, path = ORIGINS[base_url]
    origin = Origin.of(base_url)
    assert (origin.host, origin.port, origin.host_header, origin.path) == (host, port, header, path)
    made = prepare("DELETE", origin, "/v1", {}, app_key=Secret("k"), bearer=None)
    assert made.headers.by_name["Host"] == header
    assert made.target == f"{path}/v1"
    assert made.url == f"{origin.scheme}://{header}{path}/v1"


def test_the_bytes_are_the_same_with_every_kind(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 8: the bytes do not show which kind of client sent them."""
    with raw_server(says(GONE)) as server:
        make_caller(base_url=server.base_url, credentials=token).cancel(6303, 73552)
        assert server.requests == [CANCEL % server.port]


@pytest.mark.parametrize("made", [request(), preconnect(ORIGIN)], ids=["a cancel", "a preconnect"])
def test_it_is_written_as_it_is_prepared(made: HttpRequest) -> None:
    """Law 8: the pool, which every kind of client shares, writes the prepared bytes."""
    stream = MemoryStream([GONE])
    run(pool_over(stream).send(made, transmission()))
    assert stream.written == made.raw()


def test_only_a_post_has_a_content_length() -> None:
    """POST /token needs Content-Length: 0; a DELETE with the header would have a body."""
    made = {
        method: prepare(method, ORIGIN, "/x", {"Username": "u"}, app_key=Secret("k"), bearer=None)
        for method in ("POST", "GET", "DELETE")
    }
    assert b"\r\nContent-Length: 0\r\n" in made["POST"].raw()
    assert all(b"Content-Length" not in made[method].raw() for method in ("GET", "DELETE"))
    assert all(
        each.raw().endswith(b"\r\nUsername: u\r\nEt-App-Key: k\r\n\r\n") for each in (made["GET"], made["DELETE"])
    )
    assert all(b"Authorization" not in each.raw() for each in made.values())


def test_a_preconnect_carries_no_credentials() -> None:
    """Law 5: a connection is opened without credentials."""
    raw = preconnect(ORIGIN).raw()
    assert raw.startswith(b"OPTIONS /api/token HTTP/1.1\r\nHost: 127.0.0.1:9\r\n")
    assert not any(secret in raw for secret in (b"Authorization", b"Et-App-Key", b"Username"))


def test_a_request_never_prints_its_headers() -> None:
    """Law 5: str and repr of a request show no credentials."""
    assert "Et-App-Key" not in repr(request())
    assert "Bearer" not in f"{request()} {request()!r}"
