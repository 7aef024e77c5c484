"""Tests of your code against the mock."""

import httpx
import pytest
from desk import Next, withdraw

from autoshares_cancel import Client, RetryPolicy, TokenCredentials
from autoshares_cancel.mock import MockServer

ACCOUNT, OPEN, FILLED = 6303, 73552, 73562


def test_an_open_order_is_cancelled(client: Client, mock_server: MockServer) -> None:
    """The exchange has the last word on what happened."""
    assert withdraw(client, ACCOUNT, OPEN) is Next.GO_ON
    assert mock_server.exchange.orders[OPEN].status == "Canceled"


def test_a_filled_order_is_over(client: Client) -> None:
    """It can't be cancelled, and needs nothing."""
    assert withdraw(client, ACCOUNT, FILLED) is Next.GO_ON


@pytest.mark.parametrize(("status", "expected"), [(500, Next.ASK_A_PERSON), (418, Next.ASK_A_PERSON)])
def test_a_status_on_request(client: Client, status: int, expected: Next) -> None:
    """Order 9000NNN is answered with status NNN."""
    assert withdraw(client, ACCOUNT, 9_000_000 + status) is expected


def test_a_lost_reply_is_found_out(client: Client, mock_server: MockServer) -> None:
    """The cancel was carried out, and its reply was lost: the client reads the order."""
    break_connections(mock_server, fault="close-without-reply", order_id=OPEN, method="DELETE", when="after")
    assert withdraw(client, ACCOUNT, OPEN) is Next.GO_ON


def test_an_order_that_cannot_be_read_is_unknown(client: Client, mock_server: MockServer) -> None:
    """No reply to the cancel, and none to the readings."""
    break_connections(mock_server, fault="close-without-reply", order_id=OPEN, times=100)
    assert withdraw(client, ACCOUNT, OPEN) is Next.ASK_A_PERSON


def test_a_server_that_is_gone_got_nothing() -> None:
    """Nothing left this machine, so the order is as it was."""
    with MockServer() as server:
        base_url = server.base_url
    token = TokenCredentials(app_key="demo-app-key", token="any-token")
    with Client(base_url=base_url, credentials=token, retry=RetryPolicy(attempts=1)) as client:
        assert withdraw(client, ACCOUNT, OPEN) is Next.TRY_LATER


def break_connections(server: MockServer, **fault: object) -> None:
    """Arm one fault of the mock."""
    httpx.post(f"{server.origin}/_mock/faults", json={"faults": [fault]}).raise_for_status()
