"""Fixtures of the tests that judge a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract.server.aim import Aim
from contract.server.chosen import TARGET


@pytest.fixture(scope="session")
def _aimed() -> Iterator[Aim]:
    with TARGET.aim() as aim:
        yield aim


@pytest.fixture
def aim(_aimed: Aim) -> Aim:
    """The server under test; a mock is reset for each test."""
    _aimed.fresh()
    return _aimed


@pytest.fixture(params=TARGET.client_kinds)
def client_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of client for this server, in turn."""
    name: str = request.param
    return name
