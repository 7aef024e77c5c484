"""GET of an account's orders: what is shown, page by page, and to which user."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.orders import STATUSES, Order

ALL = list(range(73552, 73565))
"""The numbers of the trader's orders at start."""
FIRST = "pageNumber=0&pageSize=100"
NUMBERS = {
    "New": 0,
    "PartiallyFilled": 1,
    "Filled": 2,
    "DoneForDay": 3,
    "Canceled": 4,
    "Replaced": 5,
    "PendingCancel": 6,
    "Stopped": 7,
    "Rejected": 8,
    "Suspended": 9,
    "PendingNew": 10,
    "Calculated": 11,
    "Expired": 12,
    "AcceptedForBidding": 13,
    "PendingReplace": 14,
    "Error": 15,
}


def page(caller: HttpCaller, query: str = FIRST, *, account: int = 6303, user: str = "trader") -> dict[str, Any]:
    """Request one page, which must be found."""
    password = "battery-staple" if user == "other" else "correct-horse"
    reply = caller.list_orders(caller.log_in(user, password), query=query, account=account)
    assert reply.status_code == 200
    shown: dict[str, Any] = reply.json()
    return shown


def numbers(shown: dict[str, Any]) -> list[int]:
    """The numbers of the orders on a page."""
    return [order["Id"] for order in shown["Result"]]


@pytest.mark.parametrize("accept", ["application/json", "text/json"])
def test_a_list_has_the_form_that_the_vendor_shows(caller: HttpCaller, accept: str) -> None:
    """A list has orders as a read shows them, links and a count, in the media type of the Accept header."""
    headers = caller.log_in() | {"Accept": accept}
    reply = caller.list_orders(headers)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, accept)
    shown = reply.json()
    assert list(shown) == ["Result", "NextPageLink", "PreviousPageLink", "TotalCount"]
    assert shown["Result"] == [caller.read(number, headers).json() for number in ALL]
    assert (shown["NextPageLink"], shown["PreviousPageLink"], shown["TotalCount"]) == ("", "", 13)
    assert caller.server.exchange.ledger == ()


def test_an_account_has_its_own_orders_alone(caller: HttpCaller) -> None:
    """Orders of other accounts are neither shown nor counted."""
    shown = page(caller, account=6400, user="other")
    assert (numbers(shown), shown["TotalCount"]) == ([73600], 1)


@pytest.mark.parametrize("size", [1, 2, 5, 6, 12, 13, 100])
def test_the_pages_are_the_list(caller: HttpCaller, size: int) -> None:
    """Every order is on exactly one page, sorted; every page but the last is full; each has the count of all."""
    shown = [page(caller, f"pageNumber={number}&pageSize={size}") for number in range(-(-13 // size) + 1)]
    assert [number for one in shown for number in numbers(one)] == ALL
    assert {len(one["Result"]) for one in shown[:-2]} <= {size}
    assert [one["TotalCount"] for one in shown] == [13] * len(shown)
    assert [bool(one["NextPageLink"]) for one in shown] == [*[True] * (len(shown) - 2), False, False]
    assert [bool(one["PreviousPageLink"]) for one in shown] == [False, *[True] * (len(shown) - 1)]


def test_the_links_lead_from_page_to_page(caller: HttpCaller) -> None:
    """The links lead forwards to the end and back to the start, under the host name that the caller uses."""
    headers = caller.log_in()
    query = f"pageSize=3&desc=true&filter={quote('Status in (0,1)')}&pageNumber=0"
    first: dict[str, Any] = caller.list_orders(headers, query=query).json()
    shown, walked = first, numbers(first)
    while shown["NextPageLink"]:
        assert shown["NextPageLink"].startswith(f"{caller.server.base_url}/v1/accounts/6303/orders?")
        shown = caller.client.get(shown["NextPageLink"], headers=headers).json()
        walked += numbers(shown)
    assert walked == [73563, *range(73561, 73551, -1)]
    while shown["PreviousPageLink"]:
        shown = caller.client.get(shown["PreviousPageLink"], headers=headers).json()
    assert numbers(shown) == numbers(first)


def test_orders_placed_between_two_pages_come_last(caller: HttpCaller) -> None:
    """The list is sorted by number, so the orders of a page stay on it."""
    before = page(caller, "pageNumber=0&pageSize=10")
    placed = [caller.server.exchange.place(6303).order_id for _ in range(10)]
    assert numbers(page(caller, "pageNumber=0&pageSize=10")) == numbers(before)
    assert numbers(page(caller, "pageNumber=1&pageSize=10")) == [*ALL[10:], *placed[:7]]
    assert page(caller)["TotalCount"] == 23


@pytest.mark.parametrize(("status", "number"), NUMBERS.items())
def test_a_filter_names_statuses_by_number(caller: HttpCaller, status: str, number: int) -> None:
    """A filter has the vendor's numbers of statuses; other orders are neither shown nor counted."""
    orders = [Order(order_id=index, account_id=6303, status=name) for index, name in enumerate(STATUSES, 1)]
    caller.server.exchange.seed(orders=orders)
    shown = page(caller, f"{FIRST}&filter={quote(f'Status in ({number})')}")
    assert {order["Status"] for order in shown["Result"]} == {status}
    assert shown["Result"][0]["Id"] == 1 + STATUSES.index(status)
    assert shown["TotalCount"] == len(shown["Result"])


def test_an_order_moves_to_another_filter_with_its_status(caller: HttpCaller) -> None:
    """After cancels and fills, and once a delayed cancel is due, the list agrees with the order book."""
    exchange = caller.server.exchange
    caller.control("settings", {"cancel_delay": 60})
    exchange.cancel(6303, 73552)
    exchange.fill(73553, 1)
    exchange.fill(73554)
    caller.cancel(73555, caller.log_in())

    def listed(number: int) -> list[int]:
        return numbers(page(caller, f"{FIRST}&filter=Status+in+({number})"))

    assert [listed(0), listed(1), listed(2)] == [[*range(73556, 73562)], [73553, 73563], [73554, 73562]]
    assert [listed(4), listed(6)] == [[73552, 73564], [73555]]
    exchange.advance(60)
    assert [listed(4), listed(6)] == [[73552, 73555, 73564], []]


def test_an_order_is_placed_only_in_an_account_with_an_owner(exchange: Exchange) -> None:
    """Nothing is placed, listed or recorded for an account without an owner."""
    before = exchange.orders
    with pytest.raises(ValueError, match="order 73673 is of account 1, which no user owns"):
        exchange.place(1)
    assert (exchange.orders, exchange.ledger) == (before, ())


def test_a_reset_lists_what_is_known_at_start(caller: HttpCaller) -> None:
    """After a reset, placed orders are gone and cancelled orders are open."""
    caller.server.exchange.place(6303)
    caller.server.exchange.cancel(6303, 73552)
    caller.control("reset")
    assert numbers(page(caller)) == ALL
    assert page(caller, f"{FIRST}&filter=Status+in+(0)")["TotalCount"] == 10


def test_a_seeded_order_leaves_the_list_of_its_old_account(caller: HttpCaller) -> None:
    """A seeded order is in the list of its new account only."""
    caller.control("seed", {"orders": [{"order_id": 73552, "account_id": 6400, "status": "Filled"}]})
    assert 73552 not in numbers(page(caller))
    assert numbers(page(caller, account=6400, user="other")) == [73552, 73600]


@pytest.mark.parametrize(
    ("sorting", "expected"),
    [
        ("", [1, 2, 3, 4]),
        ("&desc=false", [1, 2, 3, 4]),
        ("&desc=TRUE", [4, 3, 2, 1]),
        ("&sortField=Id&desc=true", [4, 3, 2, 1]),
        ("&sortField=Date", [3, 1, 2, 4]),
        ("&sortField=Date&desc=true", [4, 2, 1, 3]),
    ],
)
def test_a_list_is_sorted_as_it_is_wanted(caller: HttpCaller, sorting: str, expected: list[int]) -> None:
    """A list is sorted by number or by date, equal dates by number, ascending or descending."""
    times = {1: 5.0, 2: 5.0, 3: 0.0, 4: 9.0}
    orders = [Order(order_id=n, account_id=6303, placed_at=at, status="Stopped") for n, at in times.items()]
    caller.server.exchange.seed(orders=orders)
    only = "pageSize=3&filter=Status+in+(7)" + sorting
    shown = [page(caller, f"pageNumber={number}&{only}") for number in (0, 1, 2)]
    assert [numbers(one) for one in shown] == [expected[:3], expected[3:], []]
