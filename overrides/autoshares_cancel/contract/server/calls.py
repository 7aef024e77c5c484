"""Makes one call through a client of any kind, and records the bytes it sends and receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import pytest
from attrs import field, frozen

from autoshares_cancel import PasswordCredentials, TokenCredentials
from autoshares_cancel._http.request import HEADERS
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.clients import Call, open_client
from autoshares_cancel.contract.server.limits import LIMITED, MOST_WAITS, is_limited
from autoshares_cancel.contract.server.raw import NoReplyError, RawReply, RawRequest, parse_reply, parse_request
from autoshares_cancel.contract.server.scenario_table import Scenario
from autoshares_cancel.contract.server.tap import Seen, tapped

Credentials = TokenCredentials | PasswordCredentials
CODE = {
    "cancelOrderAtVenue": "cancel_order(account_id={0}, order_id={1}, venue=True)",
    "getOrder": "read_order(account_id={0}, order_id={1})",
    "listOrders": "open_orders(account_id={0}, held={2})",
}
"""The client code for each operation; the others use cancel_order."""


@frozen(kw_only=True)
class Called:
    """A call: its arguments, its outcome, and the bytes."""

    client_kind: str
    account_id: int
    order_id: int
    operation: str = "cancelOrder"
    held: bool = True
    """Whether a list includes held orders."""
    outcome: Any
    seen: list[Seen] = field(repr=False)

    @property
    def code(self) -> str:
        """The call as client code."""
        code = CODE.get(self.operation, "cancel_order(account_id={0}, order_id={1})")
        return code.format(self.account_id, self.order_id, self.held)

    @property
    def requests(self) -> list[RawRequest]:
        """The requests that the client sent, parsed."""
        return [parse_request(exchange.sent) for exchange in self.seen]

    def reply(self, number: int = 0) -> RawReply:
        """Parse the reply to one of the requests, counted from 0."""
        return parse_reply(self.seen[number].received, self.requests[number].method)


def call(
    aim: Aim,
    client_kind: str,
    credentials: Credentials,
    account_id: int,
    order_id: int,
    headers: Mapping[str, str] | None = None,
    operation: str = "cancelOrder",
    *,
    held: bool = True,
) -> Called:
    """Cancel or read one order, or list the orders. `headers` replace headers that the client sends by itself."""
    ids = {"account_id": account_id, "order_id": order_id}
    method, arguments = {
        "listOrders": ("open_orders", {"account_id": account_id, "held": held}),
        "getOrder": ("read_order", ids),
    }.get(operation, ("cancel_order", {**ids, "venue": operation == "cancelOrderAtVenue"}))
    outcome, seen = calling(aim, client_kind, credentials, lambda client: client(method, **arguments), headers)
    return Called(client_kind=client_kind, **ids, operation=operation, held=held, outcome=outcome, seen=seen)


def calling(
    aim: Aim,
    client_kind: str,
    credentials: Credentials,
    use: Callable[[Call], Any],
    headers: Mapping[str, str] | None = None,
) -> tuple[Any, list[Seen]]:
    """Use a new client, and return the outcome and the bytes. After a 429 it waits and repeats the call."""
    for _ in range(MOST_WAITS):
        with (
            pytest.MonkeyPatch.context() as patch,
            open_client(client_kind, base_url=aim.base_url, credentials=credentials) as client,
            tapped() as seen,
        ):
            for name, value in (headers or {}).items():
                patch.setitem(HEADERS, name, value)
            outcome = use(client)
        if isinstance(credentials, PasswordCredentials):
            aim.forget_tokens()
        if getattr(outcome, "status_code", None) != HTTPStatus.TOO_MANY_REQUESTS:
            return outcome, [each for each in seen if not _is_limited(each)]
        aim.wait_for(parse_reply(seen[-1].received, "GET"))
    return not_shown(LIMITED)


def _is_limited(exchange: Seen) -> bool:
    try:
        return is_limited(parse_reply(exchange.received, parse_request(exchange.sent).method))
    except NoReplyError:
        return False


def play(aim: Aim, client_kind: str, scenario: Scenario) -> Iterator[Called]:
    """Play a scenario: once, or for a list twice, with and without held orders."""
    account_id = aim.account if scenario.account is None else scenario.account
    credentials = credentials_for(aim, scenario)
    is_list = scenario.operation == "listOrders"
    order_id = 0 if is_list else aim.take(scenario.order)
    for held in (True, False) if is_list else (True,):
        yield call(aim, client_kind, credentials, account_id, order_id, scenario.headers, scenario.operation, held=held)


def credentials_for(aim: Aim, scenario: Scenario) -> Credentials:
    """Return the credentials that a scenario uses."""
    if scenario.operation == "getToken":
        username, password = aim.user(scenario.user)
        return PasswordCredentials(app_key=aim.key(scenario.key) or "", username=username, password=password)
    return TokenCredentials(app_key=aim.key(scenario.key) or "", token=aim.token(scenario.token) or "")
