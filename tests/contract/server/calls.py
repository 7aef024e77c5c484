"""One call through a client of any colour, with all that it sent and got."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import field, frozen
from colours import TLS, open_caller
from contract.server.aim import Aim
from contract.server.raw import RawReply, RawRequest, parse_reply, parse_request
from contract.server.table import Scenario
from contract.server.tap import Seen, tapped

from autoshares_cancel import PasswordCredentials, TokenCredentials
from autoshares_cancel._request import HEADERS

Credentials = TokenCredentials | PasswordCredentials


@frozen(kw_only=True)
class Called:
    """A call: its arguments, what came of it, and the bytes."""

    colour: str
    account_id: int
    order_id: int
    outcome: Any
    seen: list[Seen] = field(repr=False)

    @property
    def requests(self) -> list[RawRequest]:
        """Every request that the client sent."""
        return [parse_request(exchange.sent) for exchange in self.seen]

    def reply(self, number: int = 0) -> RawReply:
        """The reply to one of them."""
        return parse_reply(self.seen[number].received, self.requests[number].method)


def call(
    aim: Aim,
    colour: str,
    credentials: Credentials,
    account_id: int,
    order_id: int,
    headers: Mapping[str, str] | None = None,
    operation: str = "cancelOrder",
) -> Called:
    """Cancel or read one order. `headers` take the place of those that the client sends by itself."""
    with (
        pytest.MonkeyPatch.context() as patch,
        open_caller(colour, base_url=aim.base_url, credentials=credentials, verify=TLS) as caller,
        tapped() as seen,
    ):
        for name, value in (headers or {}).items():
            patch.setitem(HEADERS, name, value)
        if operation == "getOrder":
            outcome: Any = caller.read(account_id, order_id)
        else:
            outcome = caller.cancel(account_id, order_id, venue=operation == "cancelOrderAtVenue")
    return Called(colour=colour, account_id=account_id, order_id=order_id, outcome=outcome, seen=seen)


def play(aim: Aim, colour: str, scenario: Scenario) -> Called:
    """Do what a scenario says."""
    account_id = aim.account if scenario.account is None else scenario.account
    credentials = credentials_for(aim, scenario)
    order_id = aim.take(scenario.order)
    return call(aim, colour, credentials, account_id, order_id, scenario.headers, scenario.operation)


def credentials_for(aim: Aim, scenario: Scenario) -> Credentials:
    """Give the credentials that a scenario calls with."""
    if scenario.operation == "getToken":
        username, password = aim.user(scenario.user)
        return PasswordCredentials(app_key=aim.key(scenario.key) or "", username=username, password=password)
    return TokenCredentials(app_key=aim.key(scenario.key) or "", token=aim.token(scenario.token) or "")
