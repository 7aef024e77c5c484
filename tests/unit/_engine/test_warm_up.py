"""warm_up: the next cancel is one request on an open connection, with every kind of client."""

from typing import Any

import httpx
import pytest
from conftest import MakeCaller
from support.clients import TLS
from support.ports import nowhere
from support.raw_server import raw_server, says

from autoshares_cancel import Cancelled, ConfigurationError, InvalidCredentials, PasswordCredentials, TokenCredentials
from autoshares_cancel.mock import MockServer

NOT_ALLOWED = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def seen(server: MockServer) -> dict[str, Any]:
    state: dict[str, Any] = httpx.get(f"{server.origin}/_mock/state", verify=TLS, timeout=60).json()
    return state


def test_a_warm_client_sends_one_request(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: after warm_up, a cancel is one DELETE on an open connection, without a log-in."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    caller.warm_up()
    before = seen(mock_server)
    known = {request["connection"] for request in before["requests"]}
    assert type(caller.cancel(6303, 73552)) is Cancelled
    after = seen(mock_server)
    (sent,) = after["requests"][len(before["requests"]) :]
    assert (sent["method"], sent["connection"] in known) == ("DELETE", True)
    assert after["counters"]["token_requests"] == 1


def test_as_many_connections_as_are_wanted(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 5: a request without credentials and without an order opens each connection."""
    with raw_server(says(NOT_ALLOWED)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        caller.warm_up(connections=3)
        assert 1 <= len(server.connections) <= 3
        openers = [request.split(b"\r\n") for request in server.requests]
        assert [lines[0] for lines in openers] == [b"OPTIONS /api/token HTTP/1.1"] * 3
        assert b"an-app-key" not in b"".join(server.requests)
        assert b"an-access-token" not in b"".join(server.requests)
        opened = len(server.connections)
        server._answer = says(GONE)
        assert type(caller.cancel(6303, 73552)) is Cancelled
        assert len(server.connections) == opened


def test_a_server_that_is_not_there_is_no_error_yet(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 3: warm_up only tries; the cancel reports the problem."""
    base_url = nowhere()
    make_caller(base_url=base_url, credentials=token).warm_up()


def test_a_log_in_that_fails_is_raised(make_caller: MakeCaller, mock_server: MockServer) -> None:
    """A wrong password is found before the first cancel."""
    wrong = PasswordCredentials(app_key="demo-app-key", username="trader", password="wrong")
    with pytest.raises(InvalidCredentials):
        make_caller(base_url=mock_server.base_url, credentials=wrong).warm_up()


@pytest.mark.parametrize("connections", [0, 257, True, "1"])
def test_a_wrong_number_of_connections_is_refused(
    make_caller: MakeCaller, token: TokenCredentials, connections: Any
) -> None:
    """A wrong number of connections raises ConfigurationError before any I/O."""
    with pytest.raises(ConfigurationError, match="connections must be a whole number from 1 to 256"):
        make_caller(base_url="http://127.0.0.1:1", credentials=token).warm_up(connections=connections)
