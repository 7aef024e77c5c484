"""The choice of the server under test: CONTRACT_BASE_URL and CONTRACT_SCENARIOS name it; else it is a mock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
from attrs import frozen
from contract.server.aim import Aim, variables
from contract.server.mock_control import ask_mock
from contract.server.raw import NoReplyError, RawRequest, send
from contract.server.scenario_table import UNKNOWN, Table, TableError, read_table
from contract.server.specification import OPERATIONS
from support.clients import CLIENT_KINDS, TLS

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import check_base_url
from autoshares_cancel.mock import MockServer

MOCK_TABLE = Path(__file__).with_name("mock.toml")


@frozen(kw_only=True)
class Target:
    """The server under test, known when tests are collected; without an address it is a mock of the suite's."""

    base_url: str | None
    table: Table
    controlled: bool
    environment: dict[str, str]

    @property
    def client_kinds(self) -> tuple[str, ...]:
        """Every kind of client at a mock; elsewhere, where each cancels orders, the blocking one and asyncio."""
        return CLIENT_KINDS if self.controlled else CLIENT_KINDS[:2]

    @contextmanager
    def aim(self) -> Iterator[Aim]:
        """Open it."""
        if self.base_url is not None:
            yield Aim(self.base_url, self.table, self.environment, controlled=self.controlled)
            return
        with MockServer() as server:
            yield Aim(server.base_url, self.table, self.environment, controlled=True)


def find_target() -> Target:
    """Read the environment, and check whether a named server is a mock. Ends the session if it can't be used."""
    environment = variables()
    try:
        base_url = check_base_url(environment["CONTRACT_BASE_URL"]) if environment.get("CONTRACT_BASE_URL") else None
        given = environment.get("CONTRACT_SCENARIOS")
        own = read_table(Path(given)) if given else None
        controlled = base_url is None or _is_mock(base_url)
        if base_url is not None:
            _must_have_log_in(base_url)
        table = own or (read_table(MOCK_TABLE) if controlled else UNKNOWN)
    except (ConfigurationError, TableError) as problem:
        raise pytest.UsageError(str(problem)) from problem
    except NoReplyError as problem:
        base_url = environment["CONTRACT_BASE_URL"]
        raise pytest.UsageError(
            f"{base_url} does not answer ({problem}): start the server, or correct BASE_URL"
        ) from problem
    return Target(base_url=base_url, table=table, controlled=controlled, environment=environment)


def _must_have_log_in(base_url: str) -> None:
    operation = OPERATIONS["getToken"]
    request = RawRequest(method=operation.method, target=operation.path, headers=(("Content-Length", "0"),))
    if send(base_url, request, TLS).status == HTTPStatus.NOT_FOUND:
        raise ConfigurationError(f"there is no /token below {base_url}: does BASE_URL end in /api?")


def _is_mock(base_url: str) -> bool:
    try:
        return "ledger" in ask_mock(base_url, "GET", "/_mock/state")
    except (TypeError, ValueError):
        return False
