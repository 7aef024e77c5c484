"""Fixtures of the tests that plant faults."""

import pytest
from faults.own_time import OwnTime

from autoshares_cancel._http import pool

LONG_SECONDS = 600.0


@pytest.fixture(autouse=True)
def _connections_stay_young(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections don't expire, however long a busy machine takes between two calls."""
    monkeypatch.setattr(pool, "KEEP_SECONDS", LONG_SECONDS)


@pytest.fixture
def own_time() -> OwnTime:
    """The clock of client and exchange."""
    return OwnTime()
