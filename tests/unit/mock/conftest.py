"""A mock server and its caller, new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from support.clients import TLS
from support.http_caller import HttpCaller

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.exchange import Exchange


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture
def caller(server: MockServer, plain_client: httpx.Client) -> HttpCaller:
    return HttpCaller(server, plain_client)


@pytest.fixture
def bodiless_caller(plain_client: httpx.Client) -> Iterator[HttpCaller]:
    """A caller of a server with bodies="none", as in the vendor's table."""
    with MockServer(bodies="none") as server:
        yield HttpCaller(server, plain_client)


@pytest.fixture(scope="session")
def plain_client() -> Iterator[httpx.Client]:
    """An httpx client without proxies, redirects or a default Accept header."""
    with httpx.Client(trust_env=False, timeout=60, verify=TLS) as client:
        del client.headers["Accept"]
        yield client


@pytest.fixture
def exchange() -> Exchange:
    """An exchange with a fixed clock."""
    return Exchange(clock=lambda: 1000.0)
