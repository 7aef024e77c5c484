"""GET of an account's orders: what is refused, in which order, and replies on request."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock.faults.armed import RandomFaults
from autoshares_cancel.mock.faults.catalogue import BY_NAME
from autoshares_cancel.mock.faults.request_target import Target, read_target

FIRST = "pageNumber=0&pageSize=100"
INVALID = "Validation error occured while processing entity"
LIST = "/api/v1/accounts/6303/orders"


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", ["pageNumber", "pageSize"]),
        ("pageNumber=0", ["pageSize"]),
        ("pageSize=100", ["pageNumber"]),
        ("pageNumber=-1&pageSize=100", ["pageNumber"]),
        ("pageNumber=2147483648&pageSize=100", ["pageNumber"]),
        ("pageNumber=1.0&pageSize=100", ["pageNumber"]),
        ("pageNumber=&pageSize=100", ["pageNumber"]),
        ("pageNumber=0&pageNumber=0&pageSize=100", ["pageNumber"]),
        ("pageNumber=0&pageSize=0", ["pageSize"]),
        ("pageNumber=0&pageSize=101", ["pageSize"]),
        ("pageNumber=0&pageSize=-1", ["pageSize"]),
        ("pageNumber=0&pageSize=ten", ["pageSize"]),
        ("pagenumber=0&PAGESIZE=100", ["pageNumber", "pageSize"]),
        (f"{FIRST}&sortField=Quantity", ["sortField"]),
        (f"{FIRST}&sortField=", ["sortField"]),
        (f"{FIRST}&desc=1", ["desc"]),
        (f"{FIRST}&desc=", ["desc"]),
        ("pageNumber=x&pageSize=x&sortField=x&desc=x&filter=x", ["pageNumber", "pageSize", "sortField", "desc"]),
    ],
)
def test_wrong_page_parameters_are_invalid(caller: HttpCaller, query: str, wrong: list[str]) -> None:
    """Wrong parameters of a page get 422 that names them; they are checked before the filter."""
    reply = caller.list_orders(caller.log_in(), query=query)
    assert (reply.status_code, reply.json()["Message"]) == (422, INVALID)
    assert list(reply.json()["ModelState"]) == wrong


@pytest.mark.parametrize("query", ["pageNumber=2147483647&pageSize=1", "pageNumber=000&pageSize=0100", f"{FIRST}&x=y"])
def test_unusual_but_valid_page_parameters_are_accepted(caller: HttpCaller, query: str) -> None:
    """A page far behind the last one, leading zeros and unknown parameters are accepted."""
    assert caller.list_orders(caller.log_in(), query=query).json()["TotalCount"] == 13


@pytest.mark.parametrize(
    "filter_",
    [
        "",
        "Status",
        "Status in ()",
        "Status in (,)",
        "Status in (0,)",
        "Status in (0 1)",
        "Status in (16)",
        "Status in (-1)",
        "Status in (New)",
        "Status in 0",
        "Status not in (0)",
        "Status = 0",
        "Status in (0) or 1=1",
        "Statusin (0)",
        "Id in (73552)",
        "CreateDate > 2026-01-01",
    ],
)
def test_a_filter_that_is_not_understood_is_bad(caller: HttpCaller, filter_: str) -> None:
    """An unknown filter gets 400: an unfiltered list would be taken for a list of open orders."""
    reply = caller.list_orders(caller.log_in(), query=f"{FIRST}&filter={quote(filter_)}")
    assert (reply.status_code, reply.json()) == (400, {"Message": "The request is invalid."})


def test_two_filters_are_bad(caller: HttpCaller) -> None:
    """Two filters get 400, since it is unclear which one applies."""
    query = f"{FIRST}&filter=Status+in+(0)&filter=Status+in+(1)"
    assert caller.list_orders(caller.log_in(), query=query).status_code == 400


@pytest.mark.parametrize("filter_", ["Status in (0,1)", " status  IN( 1 , 0 ) ", "Status in (0,1,1,00)"])
def test_a_filter_may_be_written_in_several_ways(caller: HttpCaller, filter_: str) -> None:
    """A filter may have blanks, letters of any case, and numbers in any order and more than once."""
    shown = caller.list_orders(caller.log_in(), query=f"{FIRST}&filter={quote(filter_)}").json()
    assert [order["Id"] for order in shown["Result"]] == [*range(73552, 73562), 73563]


def test_without_bodies_a_refused_list_has_none(bodiless_caller: HttpCaller) -> None:
    """With bodies="none" a refused list has no body, and a list that is shown has its own."""
    headers = bodiless_caller.log_in()
    refused = [bodiless_caller.list_orders(headers, query=query) for query in ("", f"{FIRST}&filter=x")]
    assert [(reply.status_code, reply.content) for reply in refused] == [(422, b""), (400, b"")]
    assert bodiless_caller.list_orders(headers).json()["TotalCount"] == 13


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"key", "token", "version", "id", "account", "prefer", "page", "filter"}, 403),
        ({"token", "version", "id", "account", "prefer", "page", "filter"}, 401),
        ({"version", "id", "account", "prefer", "page", "filter"}, 404),
        ({"id", "account", "prefer", "page", "filter"}, 422),
        ({"account", "prefer", "page", "filter"}, 401),
        ({"prefer", "page", "filter"}, 418),
        ({"page", "filter"}, 422),
        ({"filter"}, 400),
    ],
)
def test_the_rules_of_the_cancel_hold(caller: HttpCaller, wrong: set[str], status: int) -> None:
    """The rules apply in this order: key, token, version, account number, owner, preference, page, filter."""
    headers = caller.log_in()
    headers |= {"Et-App-Key": "wrong"} if "key" in wrong else {}
    headers |= {"Authorization": "Bearer wrong"} if "token" in wrong else {}
    headers |= {"Prefer": "code=418"} if "prefer" in wrong else {}
    account = "abc" if "id" in wrong else "6400" if "account" in wrong else "6303"
    filter_ = "x" if "filter" in wrong else "Status+in+(0)"
    query = f"pageNumber=0&pageSize={101 if 'page' in wrong else 100}&filter={filter_}"
    reply = caller.list_orders(headers, query=query, account=account, version="2" if "version" in wrong else "1")
    assert reply.status_code == status
    assert caller.state()["counters"]["order_requests"] == 1


def test_an_account_that_is_no_number_is_named(caller: HttpCaller) -> None:
    """The 422 names only the account: a list has no order number."""
    reply = caller.list_orders(caller.log_in(), account="abc", query="")
    assert reply.json()["ModelState"] == {"accountId": ["accountId is not an int32"]}


@pytest.mark.parametrize("status", [204, 304, 401, 409, 418, 500, 503, 599])
def test_any_status_can_be_had(caller: HttpCaller, status: int) -> None:
    """A preference gives any status, as with a cancel."""
    assert caller.list_orders(caller.log_in() | {"Prefer": f"code={status}"}).status_code == status


def test_a_200_on_request_carries_a_page(caller: HttpCaller) -> None:
    """A 200 on request has the page that the request names, or the first page of all orders."""
    headers = caller.log_in() | {"Prefer": "code=200"}
    assert len(caller.list_orders(headers, query="pageNumber=1&pageSize=10").json()["Result"]) == 3
    assert len(caller.list_orders(headers, query="filter=x").json()["Result"]) == 13


def test_requests_for_lists_are_recorded(caller: HttpCaller) -> None:
    """A request for a list is recorded with its undecoded query and its status."""
    caller.list_orders(caller.log_in(), query=f"{FIRST}&filter=Status%20in%20(0)")
    seen = caller.state()["requests"][-1]
    assert (seen["method"], seen["path"], seen["status"]) == ("GET", f"{LIST}?{FIRST}&filter=Status%20in%20(0)", 200)


def is_lost(caller: HttpCaller, headers: dict[str, str]) -> bool:
    """Request a list, and return whether the reply was lost."""
    try:
        caller.list_orders(headers)
    except httpx.RemoteProtocolError:
        return True
    return False


@pytest.mark.parametrize("method", ["GET", None])
def test_a_fault_is_armed_for_lists_alone(caller: HttpCaller, method: str | None) -> None:
    """A fault for lists does not strike the read of an order, nor does one for orders strike a list."""
    headers = caller.log_in()
    armed: dict[str, Any] = {"fault": "close-without-reply", "endpoint": "list", "method": method}
    shown = caller.control("faults", {"faults": [armed]}).json()["faults"]
    assert shown == [armed | {"when": "after", "times": 1, "order_id": None}]
    assert caller.read(73552, headers).status_code == 200
    assert [is_lost(caller, headers) for _ in range(2)] == [True, False]
    caller.control("faults", {"faults": [armed | {"endpoint": "orders"}]})
    assert is_lost(caller, headers) is False


def test_a_list_asks_for_a_fault_by_header(caller: HttpCaller) -> None:
    """The header X-Mock-Fault strikes a list, as any other request."""
    assert is_lost(caller, caller.log_in() | {"X-Mock-Fault": "close-without-reply"})


@pytest.mark.parametrize(("methods", "lost"), [(None, True), (["GET"], True), (["DELETE"], False)])
def test_chance_strikes_lists_too(caller: HttpCaller, methods: list[str] | None, lost: bool) -> None:  # noqa: FBT001 - a case
    """At a rate of 1 every list gets a fault, unless its method is excluded."""
    drawn: dict[str, Any] = {"rate": 1, "faults": ["close-without-reply"], "methods": methods}
    caller.control("faults", {"random": drawn})
    assert is_lost(caller, caller.log_in()) is lost


def test_random_faults_of_lists_are_drawn_per_account() -> None:
    """The faults of one account's lists do not depend on another's, nor on an order with the same number."""
    chance = RandomFaults(rate=0.5, seed=1, faults=(BY_NAME["stall"],))
    targets = [read_target("GET", path) for path in (LIST, LIST.replace("6303", "6400"), f"{LIST}/6303")]
    draws = {
        tuple(chance.draw(target.drawn_as, "GET", nth) is None for nth in range(20))
        for target in targets
        if target is not None and target.drawn_as is not None
    }
    assert len(draws) == 3


@pytest.mark.parametrize(
    ("path", "account_id"),
    [
        (LIST, 6303),
        (f"{LIST}?pageNumber=0", 6303),
        ("/api/v1/accounts/006303/orders", 6303),
        ("/api/v1/accounts/0-5/orders", None),
        ("/api/v1/accounts/-5/orders", -5),
        ("/api/v1/accounts/abc/orders", None),
        ("/api/v1/accounts/6303/syncorders", None),
        (f"{LIST}/", None),
    ],
)
def test_lists_are_found_by_their_path(path: str, account_id: int | None) -> None:
    """Only the path of an account's orders is a list."""
    expected = None if account_id is None else Target(endpoint="list", method="GET", account_id=account_id)
    assert read_target("GET", path) == expected
