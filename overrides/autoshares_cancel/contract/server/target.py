"""Chooses the server under test: CONTRACT_BASE_URL and CONTRACT_SCENARIOS name it.

CONTRACT_OPEN_ORDERS has the orders that this run may cancel, in place of those of the file.
Without an address the suite tests the mock of the fixture `mock_server` (autoshares_cancel.mock.pytest_plugin).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

from attrs import evolve, frozen

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import check_base_url
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.clients import CLIENT_KINDS, TLS
from autoshares_cancel.contract.server.mock_control import ask_mock
from autoshares_cancel.contract.server.raw import NoReplyError, RawRequest, send
from autoshares_cancel.contract.server.sacrifices import VARIABLE, read_numbers, replace_open
from autoshares_cancel.contract.server.scenario_table import UNKNOWN, Table, TableError, read_table
from autoshares_cancel.contract.server.specification import DOCUMENTED, OPERATIONS

MOCK_TABLE = Path(__file__).with_name("mock.toml")


@frozen(kw_only=True)
class Target:
    """The server under test, known when tests are collected. Without an address each test gets a new mock."""

    base_url: str | None
    table: Table
    controlled: bool
    environment: dict[str, str]
    open_orders: tuple[int, ...] = ()
    """The orders given for this run alone; empty if the orders are those of the table."""

    @property
    def client_kinds(self) -> tuple[str, ...]:
        """Every kind of client at a mock; elsewhere, where each kind uses up orders, only sync and asyncio."""
        return CLIENT_KINDS if self.controlled else CLIENT_KINDS[:2]

    def aim(self, base_url: str) -> Aim:
        """Make the object with which tests use the server at this address."""
        return Aim(base_url, self.table, self.environment, controlled=self.controlled)

    def sacrificing(self, numbers: Sequence[int]) -> Target:
        """Return the same target with these open orders. Raises TargetError at a mock, which has its own orders."""
        if self.controlled:
            raise TargetError("a mock has its own orders to cancel: name none and list none")
        return evolve(self, table=replace_open(self.table, numbers, VARIABLE), open_orders=tuple(numbers))


class TargetError(Exception):
    """The server can't be judged; the message is one line with the reason."""


def variables(**chosen: str) -> dict[str, str]:
    """Return the environment variables that name users and servers; `chosen` replaces some of them."""
    given = {name: value for name, value in os.environ.items() if name.startswith(("AUTOSHARES_", "CONTRACT_"))}
    return given | chosen


def find_target(environment: dict[str, str]) -> Target:
    """Find the server, and whether it is a mock. Sends requests to it. Raises TargetError if it can't be judged."""
    try:
        base_url = check_base_url(environment["CONTRACT_BASE_URL"]) if environment.get("CONTRACT_BASE_URL") else None
        given = environment.get("CONTRACT_SCENARIOS")
        own = _read(Path(given)) if given else None
        named = environment.get(VARIABLE, "")
        numbers = read_numbers(VARIABLE, named) if named else []
        if numbers:
            replace_open(own, numbers, VARIABLE)  # refused before anything is sent
        controlled = base_url is None or _is_mock(base_url)
        if base_url is not None:
            _must_have_log_in(base_url)
        table = own or (read_table(MOCK_TABLE) if controlled else UNKNOWN)
    except (ConfigurationError, TableError) as problem:
        raise TargetError(str(problem)) from problem
    except NoReplyError as problem:
        base_url = environment["CONTRACT_BASE_URL"]
        raise TargetError(f"{base_url} does not answer ({problem}): start the server, or correct BASE_URL") from problem
    target = Target(base_url=base_url, table=table, controlled=controlled, environment=environment)
    return target.sacrificing(numbers) if numbers else target


def _read(path: Path) -> Table:
    """Read a table. Raises TableError for a scenario or gap that the specification does not document."""
    table = read_table(path)
    for shown in (*(scenario.documented for scenario in table.scenarios), *table.gaps):
        if shown not in DOCUMENTED:
            raise TableError(f"{path}: the specification documents no {' '.join(map(str, shown)).strip()}")
    return table


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
