"""A mock exchange for each test, and a client of it."""

from collections.abc import Iterator

import pytest

from autoshares_cancel import Client, PasswordCredentials, RetryPolicy
from autoshares_cancel.mock import MockServer

pytest_plugins = ["autoshares_cancel.mock.pytest_plugin"]  # the fixture `mock_server`


@pytest.fixture
def client(mock_server: MockServer) -> Iterator[Client]:
    """Log in as the trader of the mock. It gives up soon, so that tests of failures are quick."""
    credentials = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")
    retry = RetryPolicy(attempts=1)
    with Client(base_url=mock_server.base_url, credentials=credentials, deadline=10.0, retry=retry) as client:
        yield client
