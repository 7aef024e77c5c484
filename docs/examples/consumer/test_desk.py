"""Tests of your code against the mock. pytest finds the fixtures by itself."""

import pytest
from desk import Next, withdraw

from autoshares_cancel import Client, RetryPolicy, TokenCredentials
from autoshares_cancel.mock import MockServer

ACCOUNT, OPEN, FILLED = 6303, 73552, 73562


def test_an_open_order_is_cancelled(mock_client: Client, mock_server: MockServer) -> None:
    """The exchange has the last word on what happened."""
    assert withdraw(mock_client, ACCOUNT, OPEN) is Next.GO_ON
    assert mock_server.order(OPEN).status == "Canceled"
    mock_server.cancels.assert_called_once_with(account_id=ACCOUNT, order_id=OPEN)


def test_a_filled_order_is_over(mock_client: Client) -> None:
    """It can't be cancelled, and needs nothing."""
    assert withdraw(mock_client, ACCOUNT, FILLED) is Next.GO_ON


def test_trouble_that_passes_costs_nothing(mock_client: Client, mock_server: MockServer) -> None:
    """The client tries again, and reads the order first where the server may have acted."""
    mock_server.on_cancel(OPEN).respond(429, undocumented=True).then(500)
    assert withdraw(mock_client, ACCOUNT, OPEN) is Next.GO_ON
    assert mock_server.order(OPEN).status == "Canceled"


def test_a_lost_reply_is_found_out(mock_client: Client, mock_server: MockServer) -> None:
    """The cancel was carried out, and its reply was lost: the client reads the order."""
    mock_server.on_cancel(OPEN).fault("close", when="after")
    assert withdraw(mock_client, ACCOUNT, OPEN) is Next.GO_ON
    mock_server.cancels.assert_called_once_with(account_id=ACCOUNT, order_id=OPEN)


@pytest.mark.usefixtures("mock_environment")
def test_an_order_that_cannot_be_read_is_unknown(mock_server: MockServer) -> None:
    """No reply to the cancel, and none to the readings."""
    mock_server.on_cancel(OPEN).fault("close", when="after")
    mock_server.on_read(OPEN).fault("close", times=2)
    with Client.from_env(retry=RetryPolicy(attempts=2)) as client:
        assert withdraw(client, ACCOUNT, OPEN) is Next.ASK_A_PERSON


def test_a_server_that_is_gone_got_nothing() -> None:
    """Nothing left this machine, so the order is as it was."""
    with MockServer() as server:
        base_url = server.base_url
    token = TokenCredentials(app_key="demo-app-key", token="any-token")
    with Client(base_url=base_url, credentials=token, retry=RetryPolicy(attempts=1)) as client:
        assert withdraw(client, ACCOUNT, OPEN) is Next.TRY_LATER
