"""Hooks and checks that Schemathesis runs on every case that it generates."""

import os
from http.client import HTTPConnection
from typing import Any, TypeGuard
from urllib.parse import parse_qs, parse_qsl, urlsplit

import schemathesis

from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.chosen import TARGET
from autoshares_cancel.contract.server.differential import LISTS, Raw, about_clients
from autoshares_cancel.contract.server.raw import Response

DOCUMENTED = {200, 202, 401}
OK = 200
INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
AIM = Aim(os.environ["CONTRACT_URL"], TARGET.table, TARGET.environment, controlled=False)
# Schemathesis uses http.client, too, which would take a 103 for the final reply.
HTTPConnection.response_class = Response
# Orders of the trader's account: with random numbers every reply would be about another user's account.
BOOK = [*TARGET.table.orders["open"], *TARGET.table.orders["filled"]]
TELLING = [*BOOK, 9_000_200, 9_000_204, 9_000_401, 9_000_409]


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> Any:
    """Replace every other generated id by the trader's account and one of its orders."""
    given = path_parameters or {}
    account, order = given.get("accountId"), given.get("orderId")
    if not AIM.table.fuzz or not _is_from(account, INT32_MIN, INT32_MAX):
        return path_parameters
    if "orderId" not in given and account % 2:
        return {**given, "accountId": AIM.account}
    if _is_from(order, INT32_MIN, INT32_MAX) and order % 2:
        orders = BOOK if context.operation is not None and context.operation.method == "get" else TELLING
        return {**given, "accountId": AIM.account, "orderId": orders[order // 2 % len(orders)]}
    return path_parameters


@schemathesis.hook
def map_query(context: schemathesis.HookContext, query: dict[str, Any] | None) -> Any:
    """Replace most generated queries by valid ones: a filter by status, a sort field, or a query of the clients."""
    given = dict(query or {})
    if _is_of_schema(given) and given["pageSize"] % 3 == 1:
        own = list(LISTS)[given["pageSize"] // 3 % 2]
        return dict(parse_qsl(own[1:]))
    if isinstance(given.get("filter"), str) and len(given["filter"]) % 4:
        given["filter"] = f"Status in ({len(given['filter']) % 16},0)"
    if isinstance(given.get("sortField"), str) and len(given["sortField"]) % 4:
        given["sortField"] = "Date" if len(given["sortField"]) % 2 else "Id"
    return given if query else query


def _is_of_schema(query: dict[str, Any]) -> bool:
    # A query that breaks the schema on purpose must not be replaced, or its acceptance is reported as a fault.
    texts = [query.get("filter", ""), query.get("sortField", "")]
    return (
        _is_from(query.get("pageNumber"), 0, INT32_MAX)
        and _is_from(query.get("pageSize"), 1, 100)
        and all(isinstance(text, str) for text in texts)
        and isinstance(query.get("desc", False), bool)
    )


def _is_from(value: object, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


@schemathesis.check
def a_good_list_is_a_page(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """A 200 has at most `pageSize` orders, and none of another account."""
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
    """Every status of /token is documented, except the 403 for a missing or wrong application key."""
    if case.operation.definition.raw.get("operationId") != "getToken" or case.method != "POST":
        return
    key = response.request.headers.get("Et-App-Key")
    expected = DOCUMENTED if key == os.environ["CONTRACT_APP_KEY"] else {403}
    assert response.status_code in expected, f"/token answered {response.status_code}, expected one of {expected}"


@schemathesis.check
def clients_agree(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Law 8: Client and AsyncClient return the outcome of the server's reply to the same request."""
    sent = response.request
    headers = {name: str(value) for name, value in sent.headers.items()}
    raw = Raw(method=str(sent.method), url=str(sent.url), headers=headers, status=response.status_code)
    complaints = list(about_clients(AIM, raw))
    assert not complaints, "; ".join(complaints)
