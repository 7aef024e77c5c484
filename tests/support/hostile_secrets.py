"""Secrets that equal parts of a reply, a server with such replies, and the facts that must not depend on them."""

import json
from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen
from support.clients import Caller
from support.fake_backend import ACCOUNT, FakeBackend

from autoshares_cancel import (
    AllCancelled,
    AutosharesError,
    Cancelled,
    Credentials,
    Order,
    PasswordCredentials,
    TokenCredentials,
)
from autoshares_cancel._cli.report import EXIT_CODES, as_object
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply

HOSTILE = (
    *("ted", "id", "order", "a", "celed", "Canceled", "Filled", "Result", "Status", "Succeeded"),
    *("73552", "6303", "204", "1", "true", "null", '"', "\\", '":', "*", "\\u0041"),
)
ORDINARY = "an-ordinary-secret"
ROLES = ("app_key", "username", "password", "pin_code", "code", "interim", "access", "token")
ORDER_ID = 73552
TOKEN_STEPS = ("VerificationCode", "SecutityPin")

ORDER: dict[str, Any] = {
    "Id": ORDER_ID,
    "AccountId": ACCOUNT,
    "Symbol": "ABCD",
    "Side": "Buy",
    "Type": "Limit",
    "Status": "Canceled",
    "ExecutionStatus": "Canceled",
    "Quantity": 100,
    "ExecutedQuantity": 1,
    "LeavesQuantity": 0,
    "AveragePrice": 10.5,
    "Description": "Canceled by the user",
    "Date": "2026-01-02T15:04:05Z",
    "TimeInForce": "Day",
    "Price": 204,
    "ParentId": -1,
    "IsExternal": True,
    "Link": "/orders?by=%74%65%64&%69%64=%61 or \\u0061",
    "Legs": [{"Id": 1, "Status": "Canceled", "Side": "Sell"}],
}


def says(status_code: int, content: object = None) -> Reply:
    return Reply(status_code=status_code, body=b"" if content is None else json.dumps(content).encode())


def an_order(status: str) -> Reply:
    return says(200, ORDER | {"Status": status, "ExecutionStatus": status})


def a_page(*statuses: str, link: str = "", total: int | None = None) -> Reply:
    count = len(statuses) if total is None else total
    orders = [ORDER | {"Status": status, "Id": ORDER_ID + (count > 1 and not link)} for status in statuses]
    return says(200, {"Result": orders, "NextPageLink": link, "PreviousPageLink": "", "TotalCount": count})


@frozen
class Scenario:
    """One call, and the replies to each kind of request; the last reply is repeated."""

    call: str
    cancel: tuple[Reply, ...] = (says(204),)
    read: tuple[Reply, ...] = (an_order("Canceled"),)
    pages: tuple[Reply, ...] = ()
    log_in: int = 200
    options: dict[str, Any] = field(factory=dict[str, Any])


OBJECT = says(409, {"Id": ORDER_ID, "Status": "Canceled"})
ORDERS = (a_page("New", link="more", total=2), a_page("PartiallyFilled", total=2))
SCENARIOS = {
    # Failed log-ins come first, because a client with a token does not log in.
    "refused": Scenario("cancel", log_in=401),
    "log-in fails": Scenario("cancel", log_in=500),
    "cancel": Scenario("cancel"),
    "resolve, cancelled": Scenario("cancel", cancel=(says(500, {"message": "An error"}),)),
    "resolve, filled": Scenario("cancel", cancel=(says(500),), read=(an_order("Filled"),)),
    "resolve, unheard of": Scenario("cancel", cancel=(says(500),), read=(an_order("Frozen"),)),
    "confirm": Scenario("cancel", read=(an_order("PendingCancel"), an_order("Canceled")), options={"confirm": True}),
    "conflict": Scenario("cancel", cancel=(OBJECT,)),
    "busy": Scenario("cancel", cancel=(Reply(status_code=429, headers={"Retry-After": "1"}), says(204))),
    "read": Scenario("read"),
    "unreadable": Scenario("read", read=(says(422, {"ModelState": {"Id": ["Id is 1"]}}),)),
    "open orders": Scenario("open_orders", pages=ORDERS, options={"held": True}),
    "no list": Scenario("open_orders", pages=(says(400, {"Message": "The filter is invalid"}),)),
    "cancel all": Scenario("cancel_all", pages=(a_page("New"), a_page("Canceled"), a_page("Canceled"))),
}


@define
class Server:
    """A server for a scenario, with these tokens."""

    scenario: Scenario
    tokens: dict[str, str]
    counts: dict[str, int] = field(factory=dict[str, int])

    def answer(self, request: HttpRequest) -> Evidence:
        if request.method == "POST":
            return self._log_in()
        kind = "cancel" if request.method == "DELETE" else "read" if "/orders/" in request.target else "pages"
        replies: tuple[Reply, ...] = getattr(self.scenario, kind)
        return replies[min(self._count(kind), len(replies) - 1)]

    def _log_in(self) -> Evidence:
        step = self._count("token")
        if step < len(TOKEN_STEPS):
            name, token = TOKEN_STEPS[step], self.tokens["interim"]
            return says(202, {"State": "Expecting", "Step": name, "Reason": "A code, please", "Token": token})
        if self.scenario.log_in != 200:
            return says(self.scenario.log_in, {"State": "Failed", "Reason": "Invalid credentials"})
        return says(200, {"State": "Succeeded", "Token": self.tokens["access"]})

    def _count(self, kind: str) -> int:
        self.counts[kind] = self.counts.get(kind, -1) + 1
        return self.counts[kind]


def secrets_of(secret: str, roles: tuple[str, ...]) -> dict[str, str]:
    """All secrets by role: this secret for the given roles, and an ordinary one for the others."""
    return {role: secret if role in roles else f"{ORDINARY}-{role}" for role in ROLES}


def credentials_of(values: dict[str, str], *, by_token: bool) -> Credentials:
    if by_token:
        return TokenCredentials(app_key=values["app_key"], token=values["token"])
    named: dict[str, Any] = {name: values[name] for name in ("app_key", "username", "password", "pin_code")}
    return PasswordCredentials(**named, second_factor=lambda: values["code"])


def play(caller: Caller, values: dict[str, str]) -> dict[str, list[object]]:
    """The facts of every scenario, one after the other with the same client."""
    return {name: facts(_played(caller, scenario, values)) for name, scenario in SCENARIOS.items()}


def _played(caller: Caller, scenario: Scenario, values: dict[str, str]) -> object:
    FakeBackend(caller.client, Server(scenario, values).answer)
    ids = (ACCOUNT, ORDER_ID) if scenario.call in {"cancel", "read"} else (ACCOUNT,)
    return getattr(caller, scenario.call)(*ids, **scenario.options)


def facts(came: Any) -> list[object]:
    """The facts that must not depend on the secrets: everything except the server's messages."""
    match came:
        case AllCancelled():
            return ["all", came.account_id, came.listings, *(facts(outcome) for outcome in came.outcomes.values())]
        case tuple():
            return [*map(facts, came)]
        case Order():
            return [*_facts_of_order(came)]
        case Cancelled() | AutosharesError():
            order = getattr(came, "order", None)
            ends = [(attempt.what, attempt.evidence) for attempt in getattr(came, "attempts", ())]
            return [type(came).__name__, getattr(came, "status_code", None), ends, order and facts(order), *_row(came)]
        case _:
            return [came]


def _facts_of_order(order: Order) -> Iterator[object]:
    yield from (order.account_id, order.order_id, order.named, order.state, order.placed_at)
    yield from (order.quantity, order.executed_quantity, order.leaves_quantity, order.average_price)
    yield from (order.side, order.type, order.status, order.execution_status)
    yield from (order.extra.get(name) for name in ("TimeInForce", "Price", "ParentId", "Legs"))


def _row(outcome: Any) -> list[object]:
    if type(outcome) not in EXIT_CODES:
        return []
    row = as_object(ACCOUNT, ORDER_ID, outcome)
    return [value for name, value in row.items() if name != "detail"]
