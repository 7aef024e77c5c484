"""Pytest fixtures for tests of your own service against the mock. They need no line in `conftest.py`.

`mock_server` is a new mock for each test. `mock_client` is a `Client` that is logged in at it. `mock_environment` sets
the variables that `Client.from_env()` and the command line read. Three tests:

    import pytest
    from autoshares_cancel import Client, OrderConflict

    def test_a_lost_reply_is_no_lost_cancel(mock_server, mock_client):
        mock_server.on_cancel(73552).respond(500, takes_effect=True)
        assert mock_client.cancel_order(account_id=6303, order_id=73552).confirmed
        mock_server.cancels.assert_called_once_with(account_id=6303, order_id=73552)

    def test_a_fill_wins_while_the_cancel_is_pending(mock_server, mock_client):
        mock_server.on_cancel(73552).filled_while_pending(readings=1)
        with pytest.raises(OrderConflict) as conflict:
            mock_client.cancel_order(account_id=6303, order_id=73552, confirm=True)
        assert conflict.value.order.status == "Filled"

    def test_a_reset_before_the_cancel_is_tried_again(mock_server, mock_environment):
        mock_server.on_cancel(73552).fault("reset", when="before").then(204)
        with Client.from_env() as client:
            client.cancel_order(account_id=6303, order_id=73552)
        assert mock_server.order(73552).status == "Canceled"

A test that passed fails nevertheless if a step that it armed was not used, unless the step is `optional`. The fixtures
need the extra `mock`: `pip install 'autoshares-cancel[mock]'`. The mock is imported when a test first uses a fixture.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from autoshares_cancel import Client
    from autoshares_cancel.mock import MockServer

_APP_KEY, _USERNAME, _PASSWORD = "demo-app-key", "trader", "correct-horse"
_VARIABLES = "AUTOSHARES_"
_SERVER: pytest.StashKey[MockServer] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that passed if a step that it armed was not used."""
    # A failure in the fixture's teardown would count as an error of a test that passed.
    result = yield
    if _SERVER in item.stash:
        item.stash[_SERVER].assert_all_used()
    return result


@pytest.fixture
def mock_server(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """Serve a new mock to one test, at a free port."""
    try:
        from autoshares_cancel.mock import MockServer  # noqa: PLC0415 - every run of pytest loads this module
    except ImportError as missing:
        pytest.fail(str(missing), pytrace=False)
    # A server starts and stops in milliseconds, so each test can have its own.
    with MockServer() as server:
        request.node.stash[_SERVER] = server
        yield server
        server.disarm()


@pytest.fixture
def mock_client(mock_server: MockServer) -> Iterator[Client]:
    """Open a client that is logged in at `mock_server` as `trader`, the owner of account 6303.

    The client's log-in is not among the requests that the server has seen.
    """
    from autoshares_cancel import Client, PasswordCredentials  # noqa: PLC0415 - as above

    credentials = PasswordCredentials(app_key=_APP_KEY, username=_USERNAME, password=_PASSWORD)
    with Client(base_url=mock_server.base_url, credentials=credentials) as client:
        client.warm_up()
        mock_server.forget_requests()
        yield client


@pytest.fixture
def mock_environment(mock_server: MockServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set and return the variables of `mock_server` and its user `trader`; remove all other `AUTOSHARES_` variables."""
    for name in [name for name in os.environ if name.startswith(_VARIABLES)]:
        monkeypatch.delenv(name)
    user = {"APP_KEY": _APP_KEY, "USERNAME": _USERNAME, "PASSWORD": _PASSWORD}
    variables = {_VARIABLES + name: value for name, value in ({"BASE_URL": mock_server.base_url} | user).items()}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables
