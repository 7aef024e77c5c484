"""A pytest fixture for tests against the mock.

Put this into the `conftest.py` at the root of the tests:

    pytest_plugins = ["autoshares_cancel.mock.pytest_plugin"]
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autoshares_cancel.mock import MockServer


@pytest.fixture
def mock_server() -> Iterator[MockServer]:
    """Serve a new mock to one test, at a free port."""
    # It starts and stops in milliseconds; tests that share a server can cost more.
    with MockServer() as server:
        yield server
