"""The proxy of the environment: which one is used, what it learns, and which one is refused."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from conftest import MakeCaller
from support.clients import TLS
from support.raw_server import RawServer, raw_server, says
from support.tunnels import AUTHORIZATION, tunnels

from autoshares_cancel import Cancelled, Client, ConfigurationError, NotSent, TokenCredentials
from autoshares_cancel._http.proxy import Proxy, proxy_for
from autoshares_cancel._http.request import Origin

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
BROKER = Origin.of("https://broker.example:8443/api")
FOUND = {
    "http://proxy:3128": ("proxy", 3128, None),
    "proxy:3128": ("proxy", 3128, None),
    "http://proxy": ("proxy", 80, None),
    "http://[::1]:3128": ("::1", 3128, None),
    "http://user:p%40ss%3A@proxy:3128": ("proxy", 3128, "Basic dXNlcjpwQHNzOg=="),
    "http://user@proxy:3128": ("proxy", 3128, "Basic dXNlcjo="),
}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("value", FOUND)
def test_a_proxy_is_found(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy has its port, user and password."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    found = proxy_for(BROKER)
    assert found is not None
    assert (found.host, found.port, found.authorization) == FOUND[value]
    assert "Basic" not in repr(found)


def test_an_https_proxy_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An https proxy has a TLS context of its own, with the default certificates."""
    monkeypatch.setenv("https_proxy", "https://proxy")
    found = proxy_for(BROKER)
    assert found is not None
    assert (found.host, found.port, type(found.tls)) == ("proxy", 443, ssl.SSLContext)


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, None),
        ({"HTTP_PROXY": "http://other"}, None),
        ({"ALL_PROXY": "http://all"}, "all"),
        ({"ALL_PROXY": "http://all", "HTTPS_PROXY": "http://https"}, "https"),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": "broker.example"}, None),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": ".example"}, None),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": "broker.example:8443"}, None),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": "broker.example:443"}, "https"),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": "roker.example"}, "https"),
    ],
    ids=str,
)
def test_the_standard_variables_decide(
    variables: dict[str, str], host: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY overrides ALL_PROXY, and NO_PROXY overrides both."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(BROKER)
    assert (None if found is None else found.host) == host


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("socks5://user:geheim@proxy:1080", "transport="),
        ("SOCKS5H://proxy", "transport="),
        ("ftp://user:geheim@proxy", "check HTTPS_PROXY"),
        ("http://user:geheim@proxy:99999", "check HTTPS_PROXY"),
        ("http://[::1:geheim", "check HTTPS_PROXY"),
        ("http://:geheim@", "check HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_can_not_be_used_is_refused(
    token: TokenCredentials, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 5: such a proxy is refused before any I/O; the message says what to do, and shows no password."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ConfigurationError, match=words) as refused:
        Client(base_url="https://broker.example/api", credentials=token, verify=TLS)
    assert "geheim" not in f"{refused.value} {refused.value.__context__!r}"


class Secure:
    """The TLS context of a server and a proxy. The environment trusts its CA."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        authority = trustme.CA()
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(self.tls)
        authority.cert_pem.write_to_path(folder / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Secure:
    """A TLS context for servers, whose CA is trusted."""
    return Secure(tmp_path, monkeypatch)


@pytest.fixture
def broker(secure: Secure) -> Iterator[RawServer]:
    """The server behind the proxy."""
    with raw_server(says(GONE), secure.tls) as server:
        yield server


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_order_goes_through_the_tunnel(
    make_caller: MakeCaller,
    token: TokenCredentials,
    secure: Secure,
    broker: RawServer,
    scheme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Laws 8 and 10: the proxy learns the name of the server and its own password; the tunnel is used again."""
    with tunnels(broker.port, secure.tls if scheme == "https" else None) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://trader%40firm:p%3Ass@localhost:{proxy.port}")
        caller = make_caller(base_url=broker.base_url, credentials=token, verify=True)
        for order_id in (1, 2):
            assert type(caller.cancel(6303, order_id)) is Cancelled
        caller.close()
    where = b"127.0.0.1:%d" % broker.port
    head = [b"CONNECT " + where + b" HTTP/1.1", b"Host: " + where, AUTHORIZATION]
    assert proxy.asked == [b"\r\n".join([*head, b"\r\n"])]
    assert len(broker.requests) == 2
    assert not any(b"Proxy-" in request for request in broker.requests)


def test_bytes_after_the_proxys_reply_are_not_a_reply_of_the_server(
    make_caller: MakeCaller,
    token: TokenCredentials,
    broker: RawServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Laws 1 and 4: a TLS server never sends first, so bytes after the proxy's reply are no reply of the server."""
    with tunnels(broker.port, extra=GONE) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://localhost:{proxy.port}")
        caller = make_caller(base_url=broker.base_url, credentials=token, verify=True)
        assert type(caller.cancel(6303, 1)) is NotSent
        caller.close()
    assert broker.requests == []


def test_a_proxy_prints_no_password() -> None:
    """Law 5: the repr of a proxy has no password."""
    assert "geheim" not in repr(Proxy("proxy", 80, None, "geheim"))


def test_an_https_proxy_that_is_not_trusted_learns_nothing(
    make_caller: MakeCaller, token: TokenCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 10: a proxy without a trusted certificate learns nothing, not even the server's name."""
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(own)
    with tunnels(9, own) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
        caller = make_caller(base_url="https://broker.example/api", credentials=token)
        assert type(caller.cancel(6303, 1)) is NotSent
    assert proxy.asked == []
