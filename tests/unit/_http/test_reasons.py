"""The reason of a failure is the system's message, the same with every kind of client."""

import errno
import os
import socket
import ssl

import pytest
import trustme
from conftest import MakeCaller
from support.ports import lasting_port
from support.raw_server import TlsServer, close, raw_server

from autoshares_cancel import NoReply, NotSent, TokenCredentials
from autoshares_cancel._http.reasons import reason_of

REFUSED = os.strerror(errno.ECONNREFUSED)


def caused(error: OSError, cause: BaseException) -> OSError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), REFUSED),
        (OSError(f"Multiple exceptions: [Errno {errno.ECONNREFUSED}] a, [Errno {errno.ECONNREFUSED}] b"), REFUSED),
        (
            OSError(f"Multiple exceptions: [Errno {errno.ECONNREFUSED}] a, [Errno {errno.ENETUNREACH}] b"),
            f"{REFUSED}; {os.strerror(errno.ENETUNREACH)}",
        ),
        (caused(OSError("All attempts failed"), ConnectionRefusedError(errno.ECONNREFUSED, "no")), REFUSED),
        (
            caused(OSError("All attempts failed"), ExceptionGroup("", [OSError(errno.ECONNREFUSED, "")] * 2)),
            REFUSED,
        ),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (ssl.SSLError(1, "[SSL: BAD] a bad record (_ssl.c:2580)"), "a bad record"),
        (TimeoutError("timed out"), "timed out"),
        (caused(TimeoutError("timed out"), KeyError("of ours")), "timed out"),
        (TimeoutError(), "TimeoutError"),
    ],
    ids=[
        *("asyncio", "two addresses", "two reasons", "anyio", "anyio, two addresses", "a name", "TLS", "time"),
        *("time, with a cause", "no words"),
    ],
)
def test_a_reason_is_the_message_of_the_system(error: OSError, reason: str) -> None:
    """A reason has no name, number or file of Python; an error without a message gives its class name."""
    assert reason_of(error) == reason


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_refused_connection_says_so(make_caller: MakeCaller, token: TokenCredentials, host: str) -> None:
    """Law 8: the reason is the same with every kind of client, also if all addresses of a name refuse."""
    outcome = make_caller(base_url=f"http://{host}:{lasting_port()}", credentials=token).cancel(6303, 73552)
    assert isinstance(outcome, NotSent)
    assert outcome.detail == REFUSED


def test_a_certificate_that_is_not_trusted_says_so(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 8: the reason is OpenSSL's message, without the line of its source."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    server = TlsServer(context)
    outcome = make_caller(base_url=f"https://localhost:{server.port}", credentials=token).cancel(6303, 73552)
    assert isinstance(outcome, NotSent)
    assert (outcome.detail or "").startswith("certificate verify failed: ")
    assert "_ssl.c" not in (outcome.detail or "")


def test_a_connection_that_is_closed_says_so(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 8: the reason has no class name, whichever layer notices the close."""
    with raw_server(close) as server:
        outcome = make_caller(base_url=server.base_url, credentials=token, resolve=False).cancel(6303, 73552)
    assert isinstance(outcome, NoReply)
    assert "Error" not in (outcome.detail or "Error")
    assert "Errno" not in (outcome.detail or "Errno")
