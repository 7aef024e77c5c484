"""Pytest fixtures for tests of your own service against the mock. They are there without a line in `conftest.py`.

`mock_server` is a mock of its own for one test, `mock_client` a `Client` that is logged in there, and
`mock_environment` sets the variables that `Client.from_env()` and the command line read:

    def test_an_order_is_cancelled(mock_server, mock_client):
        mock_client.cancel_order(account_id=6303, order_id=73552)
        assert mock_server.exchange.orders[73552].status == "Canceled"

The fixtures need the extra `mock`: `pip install 'autoshares-cancel[mock]'`. Nothing of the mock is imported before a
test uses one of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from autoshares_cancel import Client
    from autoshares_cancel.mock import MockServer

_APP_KEY, _USERNAME, _PASSWORD = "demo-app-key", "trader", "correct-horse"
_VARIABLES = "AUTOSHARES_"


@pytest.fixture
def mock_server() -> Iterator[MockServer]:
    """Serve a new mock to one test, at a free port."""
    try:
        from autoshares_cancel.mock import MockServer  # noqa: PLC0415 - every run of pytest loads this module
    except ImportError as missing:
        pytest.fail(str(missing), pytrace=False)
    # It starts and stops in milliseconds; tests that share a server can cost more.
    with MockServer() as server:
        yield server


@pytest.fixture
def mock_client(mock_server: MockServer) -> Iterator[Client]:
    """Give a client that is logged in at `mock_server` as `trader`, the owner of account 6303."""
    from autoshares_cancel import Client, PasswordCredentials  # noqa: PLC0415 - as above

    credentials = PasswordCredentials(app_key=_APP_KEY, username=_USERNAME, password=_PASSWORD)
    with Client(base_url=mock_server.base_url, credentials=credentials) as client:
        client.warm_up()
        yield client


@pytest.fixture
def mock_environment(mock_server: MockServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set the variables of `mock_server` and its user `trader`, remove all other `AUTOSHARES_` ones, and give them."""
    for name in [name for name in os.environ if name.startswith(_VARIABLES)]:
        monkeypatch.delenv(name)
    user = {"APP_KEY": _APP_KEY, "USERNAME": _USERNAME, "PASSWORD": _PASSWORD}
    variables = {_VARIABLES + name: value for name, value in ({"BASE_URL": mock_server.base_url} | user).items()}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables
