"""Checks of ours that run inside Schemathesis, on every case that it generates."""

import os
from collections.abc import Callable
from typing import Any, TypeGuard
from urllib.parse import parse_qs, parse_qsl, urlsplit

import schemathesis
from contract.server.aim import Aim
from contract.server.chosen import TARGET
from contract.server.differential import LISTS, Raw, about_clients

DOCUMENTED = {200, 202, 401}
OK = 200
AIM = Aim(os.environ["CONTRACT_URL"], TARGET.table, TARGET.environment, controlled=False)
# Orders that are answered with more than "another user's account", which is all that random numbers get.
BOOK = [*TARGET.table.orders["open"], *TARGET.table.orders["filled"]]
TELLING = [*BOOK, 9_000_200, 9_000_204, 9_000_401, 9_000_409]


def _is_within(value: object, least: int, most: int) -> TypeGuard[int]:
    return type(value) is int and least <= value <= most


def _is_id(value: object) -> TypeGuard[int]:
    return _is_within(value, -(2**31), 2**31 - 1)


QUERY: dict[str, Callable[[object], bool]] = {
    "pageNumber": lambda value: _is_within(value, 0, 2**31 - 1),
    "pageSize": lambda value: _is_within(value, 1, 100),
    "filter": lambda value: isinstance(value, str),
    "sortField": lambda value: isinstance(value, str),
    "desc": lambda value: isinstance(value, bool),
}
"""What the specification allows: the hooks never make a good request of a bad one, which the server has to refuse."""


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> Any:
    """Ask for an order of the trader's every other time; what is no number stays what it is."""
    given = path_parameters or {}
    account = given.get("accountId")
    if "orderId" not in given and _is_id(account) and account % 2 and AIM.table.fuzz:
        return {**given, "accountId": AIM.account}
    order = given.get("orderId")
    if _is_id(order) and _is_id(account) and order % 2 and AIM.table.fuzz:
        orders = BOOK if context.operation is not None and context.operation.method == "get" else TELLING
        return {**given, "accountId": AIM.account, "orderId": orders[order // 2 % len(orders)]}
    return path_parameters


@schemathesis.hook
def map_query(context: schemathesis.HookContext, query: dict[str, Any] | None) -> Any:
    """Ask mostly for what can be had: statuses in a filter, a field by which lists are sorted, and what clients ask."""
    given = dict(query or {})
    is_good = all(name in QUERY and QUERY[name](value) for name, value in given.items())
    if is_good and {"pageNumber", "pageSize"} <= given.keys() and given["pageSize"] % 3 == 1:
        own = list(LISTS)[given["pageSize"] // 3 % 2]
        return dict(parse_qsl(own[1:]))
    if isinstance(given.get("filter"), str) and len(given["filter"]) % 4:
        given["filter"] = f"Status in ({len(given['filter']) % 16},0)"
    if isinstance(given.get("sortField"), str) and len(given["sortField"]) % 4:
        given["sortField"] = "Date" if len(given["sortField"]) % 2 else "Id"
    return given if query else query


@schemathesis.check
def a_good_list_is_a_page(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """A 200 has no more orders than were asked for, and none of another account."""
    if case.operation.definition.raw.get("operationId") != "listOrders" or response.status_code != OK:
        return
    orders, sent = response.json()["Result"], urlsplit(str(response.request.url))
    sizes = [size for size in parse_qs(sent.query).get("pageSize", []) if size.isdecimal()]
    assert len(orders) <= min(map(int, sizes), default=100), f"{len(orders)} orders on a page of {sizes}"
    account = int(sent.path.split("/")[-2])
    assert {order["AccountId"] for order in orders} <= {account}, f"orders of other accounts than {account}"


@schemathesis.check
def documented_or_key_refused(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Every status of /token is documented, but for the 403 of a missing or wrong application key."""
    if case.operation.definition.raw.get("operationId") != "getToken" or case.method != "POST":
        return
    key = response.request.headers.get("Et-App-Key")
    expected = DOCUMENTED if key == os.environ["CONTRACT_APP_KEY"] else {403}
    assert response.status_code in expected, f"/token answered {response.status_code}, expected one of {expected}"


@schemathesis.check
def clients_agree(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Law 8: what Client and AsyncClient make of the same request is what the server said to it."""
    sent = response.request
    headers = {name: str(value) for name, value in sent.headers.items()}
    raw = Raw(method=str(sent.method), url=str(sent.url), headers=headers, status=response.status_code)
    complaints = list(about_clients(AIM, raw))
    assert not complaints, "; ".join(complaints)
