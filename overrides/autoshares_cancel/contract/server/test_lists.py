"""Lists of orders: all pages together have the account's orders, filtered and sorted as requested.

Clients send only two queries, so these tests use requests and parsers of the generated package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from autoshares_cancel.contract.report.fixture_types import Cell, Finding
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.chosen import TARGET
from autoshares_cancel.contract.server.lists import (
    NUMBERS,
    Pages,
    about_filter,
    about_orders,
    about_pages,
    about_sorting,
    orders_on,
    read_page,
)
from autoshares_cancel.contract.server.raw import RawRequest
from autoshares_cancel.contract.server.reproduce import NO_CLIENT_CODE, as_curl
from autoshares_cancel.contract.server.specification import OPERATIONS
from autoshares_openapi.api.orders import list_orders
from autoshares_openapi.models import OrderPageReply

TABLE = TARGET.table
FIRST = OPERATIONS["listOrders"].query
ARGUMENTS = {"pageNumber": "page_number", "pageSize": "page_size", "filter": "filter_", "sortField": "sort_field"}
FILTERS = [*((number,) for number in NUMBERS), (0, 1, 6), (2, 4, 8, 12), tuple(NUMBERS)]
MOST_PAGES = 200
ONE_OF_EACH = [
    {"order_id": 101 + number, "account_id": TABLE.account, "status": status, "placed_at": (7 * number) % 5}
    for number, status in NUMBERS.items()
]


def list_request(aim: Aim, query: Mapping[str, Any]) -> RawRequest:
    """Make a request for a list, with credentials; `query` has values by the names of the parameters."""
    arguments = {ARGUMENTS.get(name, name): value for name, value in query.items()}
    request = list_orders.request(account_id=aim.account, **arguments)
    credentials = {"Et-App-Key": aim.key("right") or "", "Authorization": f"Bearer {aim.token('right')}"}
    return RawRequest(method=request.method, target=request.path, headers=tuple(credentials.items()))


def all_pages(aim: Aim, size: int, **query: Any) -> Pages:
    """Request every page of a list."""
    pages: list[OrderPageReply] = []
    for number in range(MOST_PAGES):
        reply = aim.send(list_request(aim, {"pageNumber": number, "pageSize": size, **query}))
        page = read_page(reply)
        if not isinstance(page, OrderPageReply):
            pytest.fail(f"page {number} of a list was answered with {reply.status}, and is not a page", pytrace=False)
        pages.append(page)
        if (number + 1) * size >= (page.total_count or 0):
            break
    else:
        not_shown(f"the account has more than {MOST_PAGES} pages of {size} orders")
    return pages


def must_be_known(aim: Aim) -> None:
    """Skip the test at an unknown server; seed a mock with an order in each status."""
    if aim.unknown:
        not_shown("an unknown server: --scenarios names its account")
    if aim.controlled:
        aim.control("POST", "/_mock/seed", {"orders": ONE_OF_EACH})


def tell(aim: Aim, finding: Finding, complaints: list[str], query: Mapping[str, Any]) -> None:
    """Fail with all complaints in one line, and the reproduction."""
    if complaints:
        curl = as_curl(aim.base_url, list_request(aim, {**FIRST, **query}))
        finding(f"a list of orders: {'; '.join(complaints)}", client=NO_CLIENT_CODE, curl=curl)


@pytest.mark.parametrize("size", [3, 7, 100])
def test_the_pages_are_the_accounts_orders(aim: Aim, size: int, cell: Cell, finding: Finding) -> None:
    """Law 1: the pages have every order of the account, and none of another: callers cancel what is listed."""
    cell("lists", "every order once", f"pages of {size}")
    must_be_known(aim)
    pages = all_pages(aim, size)
    complaints = [*about_orders(pages, aim.account), *about_pages(pages, size)]
    found = {order.id for order in orders_on(pages)}
    named: set[Any] = {number for kind, numbers in TABLE.orders.items() if kind != "absent" for number in numbers}
    if aim.controlled:
        named = {order["order_id"] for order in ONE_OF_EACH} | named
    if not named <= found or found & set(TABLE.orders.get("absent", ())) or (aim.controlled and found != named):
        complaints.append(f"the orders {found} are there, and not {named}")
    tell(aim, finding, complaints, {"pageSize": size})


@pytest.mark.parametrize("numbers", FILTERS, ids=str)
def test_a_filter_leaves_what_it_names(aim: Aim, numbers: tuple[int, ...], cell: Cell, finding: Finding) -> None:
    """Law 1: a list of open orders has every open order, and no other."""
    statuses = [NUMBERS[number] for number in numbers]
    cell("lists", "a filter by status", " ".join(statuses))
    must_be_known(aim)
    everything = {order.id: order.status for order in orders_on(all_pages(aim, 100))}
    query = {"filter": f"Status in ({','.join(map(str, numbers))})"}
    pages = all_pages(aim, 100, **query)
    complaints = [*about_filter(pages, everything, statuses), *about_pages(pages, 100)]
    tell(aim, finding, complaints, query)


@pytest.mark.parametrize("desc", [False, True], ids=["upwards", "downwards"])
@pytest.mark.parametrize("field", ["Id", "Date"])
def test_a_list_is_sorted_as_it_is_asked_for(
    aim: Aim,
    field: str,
    desc: bool,  # noqa: FBT001 - a case
    cell: Cell,
    finding: Finding,
) -> None:
    """The order is that of the whole list, filtered or not, and not only that within each page."""
    cell("lists", f"sorted by {field}", "downwards" if desc else "upwards")
    must_be_known(aim)
    query = {"sortField": field, "desc": desc}
    for more in ({}, {"filter": "Status in (0,1,2,3)"}):
        pages = all_pages(aim, 4, **query, **more)
        complaints = [*about_sorting(pages, field, desc=desc), *about_pages(pages, 4)]
        tell(aim, finding, complaints, {**query, **more})


def test_a_cancelled_order_is_no_longer_listed_as_open(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 1: a cancelled order leaves the list of open orders: callers wait until that list is empty."""
    cell("lists", "a cancelled order", "is no longer open")
    must_be_known(aim)
    if not aim.controlled:
        not_shown("only at the mock are orders to spare")
    order_id = aim.take("open")
    target = OPERATIONS["cancelOrder"].target(version="1", accountId=aim.account, orderId=order_id)
    headers = list_request(aim, FIRST).headers
    listed = [{order.id for order in orders_on(all_pages(aim, 100, filter="Status in (0,1,6)"))}]
    aim.send(RawRequest(method="DELETE", target=target, headers=headers))
    listed.append({order.id for order in orders_on(all_pages(aim, 100, filter="Status in (0,1,6)"))})
    complaints = [f"order {order_id} is open in {listed}"] if listed[0] - listed[1] != {order_id} else []
    tell(aim, finding, complaints, {"filter": "Status in (0,1,6)"})
