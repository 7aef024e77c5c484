"""Faults before any byte of the request is sent: refused, unknown and untrusted hosts, with every kind of client."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from conftest import MakeCaller
from support.ports import lasting_port
from support.raw_server import TlsServer

from autoshares_cancel import AppKeyRejected, NotSent, TokenCredentials
from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer

BOUND_SECONDS = 60
"""Below the two minutes for which the operating system tries without a deadline."""
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def test_refused_is_not_sent(make_caller: MakeCaller, token: TokenCredentials, client_kind: str, cell: Cell) -> None:
    """Law 4: a refused connection is NotSent; once a server listens, the same client reaches it."""
    cell("faults", row="refused connection", column=client_kind, note="NotSent")
    port = lasting_port()
    caller = make_caller(base_url=f"http://127.0.0.1:{port}/api", credentials=token)
    outcome = caller.cancel(6303, 73552)
    assert type(outcome) is NotSent
    assert outcome.attempts[0].status_code is None
    with MockServer(port=port):
        assert type(caller.cancel(6303, 73552)) is AppKeyRejected


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 64 + ".invalid", "-.invalid"])
def test_an_unknown_host_is_not_sent(
    make_caller: MakeCaller, token: TokenCredentials, client_kind: str, host: str, cell: Cell
) -> None:
    """Law 4: a host name that is unknown or invalid is NotSent."""
    cell("faults", row="unknown host", column=client_kind, note="NotSent")
    outcome = make_caller(base_url=f"https://{host}/api", credentials=token, deadline=5.0).cancel(6303, 73552)
    assert type(outcome) is NotSent


def test_a_connection_that_is_never_made_is_not_sent(
    make_caller: MakeCaller, token: TokenCredentials, client_kind: str, cell: Cell
) -> None:
    """Laws 4 and 7: if the server accepts no connection, the deadline ends the wait with NotSent."""
    cell("faults", row="connect time-out", column=client_kind, note="NotSent")
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        outcome = make_caller(base_url=f"http://127.0.0.1:{port}", credentials=token, deadline=0.2).cancel(6303, 73552)
    assert type(outcome) is NotSent
    assert outcome.attempts[0].seconds < BOUND_SECONDS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def certified(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@pytest.mark.parametrize("fault", ["TLS: unknown CA", "TLS: wrong name", "TLS: expired"])
def test_a_certificate_that_does_not_fit_is_not_sent(
    make_caller: MakeCaller, token: TokenCredentials, client_kind: str, authority: trustme.CA, fault: str, cell: Cell
) -> None:
    """Laws 4 and 10: an unfit certificate ends the handshake, and no credential is sent."""
    cell("faults", row=fault, column=client_kind, note="NotSent")
    trusted = ssl.create_default_context()
    if fault != "TLS: unknown CA":
        authority.configure_trust(trusted)
    name = "other.example" if fault == "TLS: wrong name" else "localhost"
    expires = YESTERDAY if fault == "TLS: expired" else None
    server = TlsServer(certified(authority.issue_cert(name, not_after=expires)))
    caller = make_caller(base_url=f"https://localhost:{server.port}", credentials=token, verify=trusted)
    outcome = caller.cancel(6303, 73552)
    server.join()
    assert type(outcome) is NotSent
    assert "certificate" in (outcome.detail or "").lower()
    assert not any(server.heard)
