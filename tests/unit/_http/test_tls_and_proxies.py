"""Law 10: credentials go to the configured origin only. TLS and proxies, with every kind of client."""

import ssl
from pathlib import Path

import certifi
import pytest
import trustme
from conftest import MakeCaller
from support.fake_backend import until
from support.raw_server import TlsServer, close, nothing, raw_server, says

from autoshares_cancel import Cancelled, NotSent, Timeouts, TokenCredentials
from autoshares_cancel._http.tls import tls_context

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
CLOSING = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("kind", ["context", "file", "environment"])
def test_a_private_ca_is_trusted_when_it_is_given(
    make_caller: MakeCaller,
    token: TokenCredentials,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Law 10: a CA is trusted as a context, as a file, or through SSL_CERT_FILE."""
    verify: object = True
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    if kind == "environment":
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    elif kind == "file":
        verify = tmp_path / "ca.pem"
    else:
        verify = ssl.create_default_context()
        authority.configure_trust(verify)

    server = TlsServer(context, CLOSING)
    caller = make_caller(base_url=f"https://localhost:{server.port}", credentials=token, verify=verify)
    assert type(caller.cancel(6303, 73552)) is Cancelled
    server.join()
    assert server.heard[0].startswith(b"DELETE /v1/accounts/6303/orders/73552 ")


def test_the_usual_authorities_are_trusted_unless_others_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SSL_CERT_FILE, the trusted authorities are those of certifi's bundle."""
    assert len(tls_context(verify=True).get_ca_certs()) == 1
    monkeypatch.delenv("SSL_CERT_FILE")
    bundle = ssl.create_default_context(cafile=certifi.where())
    assert tls_context(verify=True).get_ca_certs() == bundle.get_ca_certs()


def test_loopback_http_never_goes_through_a_proxy(
    make_caller: MakeCaller, token: TokenCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 10: over http a proxy of the environment would read the credentials."""
    with raw_server(says(GONE)) as proxy, raw_server(says(GONE)) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        caller = make_caller(base_url=server.base_url, credentials=token)
        assert type(caller.cancel(6303, 73552)) is Cancelled
    assert proxy.requests == []


IMPATIENT = {"timeouts": Timeouts(read=0.2)}
FAILING = {"407": says(b"HTTP/1.1 407 Who Are You\r\nContent-Length: 0\r\n\r\n"), "closed": close, "silence": nothing}


@pytest.mark.parametrize("how", FAILING)
def test_a_proxy_that_fails_is_not_sent(
    make_caller: MakeCaller, token: TokenCredentials, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Laws 4 and 10: over https the proxy opens a tunnel, and sees no credential."""
    with raw_server(FAILING[how]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        options = IMPATIENT if how == "silence" else {}
        outcome = make_caller(base_url="https://broker.example/api", credentials=token, **options).cancel(6303, 73552)
        until(lambda: proxy.requests)
    assert type(outcome) is NotSent
    assert [request.split(b"\r\n")[0] for request in proxy.requests] == [b"CONNECT broker.example:443 HTTP/1.1"]
    assert b"an-app-key" not in proxy.requests[0]
