"""A mock with its own clock, and a client that reads an order back when its reply was lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import MakeCaller
from faults.own_time import OwnTime
from faults.silence import PATIENT, heard
from support.clients import Caller

from autoshares_cancel import PasswordCredentials, RetryPolicy
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.exchange import Exchange

DEADLINE_SECONDS = 600.0
"""Long enough for all silences together: each silence moves the clock for all orders in flight."""


@pytest.fixture
def mock_server(own_time: OwnTime) -> Iterator[MockServer]:
    """A mock whose silence costs no real time."""
    with MockServer(exchange=Exchange(clock=own_time)) as server, heard(server, own_time=own_time):
        yield server


@pytest.fixture
def caller(
    make_caller: MakeCaller,
    client_kind: str,
    mock_server: MockServer,
    trader: PasswordCredentials,
    own_time: OwnTime,
    retry: RetryPolicy,
) -> Caller:
    """A client that retries by the module's policy, and reads orders back."""
    options: dict[str, Any] = {"retry": retry, "resolve": True, "timeouts": PATIENT, "deadline": DEADLINE_SECONDS}
    options |= own_time.settings(client_kind)
    return make_caller(base_url=mock_server.base_url, credentials=trader, **options)
