"""Lists of orders as they stand on the wire: every documented reply, and pages that together are the account's orders.

No client lists orders by itself: the requests are the generated ones, sent as they are, and generated code reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from contract.server.aim import Aim, not_shown
from contract.server.checks import about_reply, is_quirk
from contract.server.chosen import TABLE_NAME, TARGET
from contract.server.lists import NUMBERS, Pages, about_filter, about_orders, about_pages, about_sorting, orders_on
from contract.server.raw import RawRequest
from contract.server.reproduce import NO_CLIENT_CODE, as_curl
from contract.server.specification import DOCUMENTED, OPERATIONS
from contract.server.table import Documented, Scenario
from report.plugin import Cell, Finding

from autoshares_openapi import UnreadableBody
from autoshares_openapi.api.orders import list_orders
from autoshares_openapi.models import OrderPageReply

TABLE = TARGET.table
LISTED = [documented for documented in DOCUMENTED if documented[0] == "listOrders"]
FIRST = OPERATIONS["listOrders"].query
ARGUMENTS = {"pageNumber": "page_number", "pageSize": "page_size", "filter": "filter_", "sortField": "sort_field"}
FILTERS = [*((number,) for number in NUMBERS), (0, 1, 6), (2, 4, 8, 12), tuple(NUMBERS)]
MOST_PAGES = 200
ONE_OF_EACH = [
    {"order_id": 101 + number, "account_id": TABLE.account, "status": status, "placed_at": (7 * number) % 5}
    for number, status in NUMBERS.items()
]


def list_request(
    aim: Aim,
    query: Mapping[str, Any],
    account_id: int | None = None,
    key: str = "right",
    token: str = "right",
    headers: Mapping[str, str] | None = None,
) -> RawRequest:
    """A generated request with its credentials; `query` is told by the names of its parameters."""
    account = aim.account if account_id is None else account_id
    arguments = {ARGUMENTS.get(name, name): value for name, value in query.items()}
    request = list_orders.request(account_id=account, **arguments)
    credentials = {"Et-App-Key": aim.key(key) or "", "Authorization": f"Bearer {aim.token(token)}"}
    fields = tuple({**credentials, **(headers or {})}.items())
    return RawRequest(method=request.method, target=request.path, headers=fields)


def read(status: int, body: bytes) -> OrderPageReply | UnreadableBody | None:
    """What generated code makes of a reply; None where it reads no body."""
    try:
        return list_orders.parse(status_code=status, content=body) if list_orders.is_documented(status) else None
    except UnreadableBody as unreadable:
        return unreadable


def all_pages(aim: Aim, size: int, **query: Any) -> Pages:
    """Every page of a list."""
    pages: list[OrderPageReply] = []
    for number in range(MOST_PAGES):
        reply = aim.send(list_request(aim, {"pageNumber": number, "pageSize": size, **query}))
        page = read(reply.status, reply.body)
        if not isinstance(page, OrderPageReply):
            pytest.fail(f"page {number} of a list was answered with {reply.status}, and is no page", pytrace=False)
        pages.append(page)
        if (number + 1) * size >= (page.total_count or 0):
            break
    else:
        not_shown(f"the account has more than {MOST_PAGES} pages of {size} orders")
    return pages


def must_be_known(aim: Aim) -> None:
    """Leave an unknown server alone, whose account nobody knows; give a mock an order in each status."""
    if aim.unknown:
        not_shown("an unknown server: CONTRACT_SCENARIOS names its account")
    if aim.controlled:
        aim.control("POST", "/_mock/seed", {"orders": ONE_OF_EACH})


def tell(aim: Aim, finding: Finding, complaints: list[str], query: Mapping[str, Any]) -> None:
    """One line for all that is wrong, and how to see it again."""
    if complaints:
        curl = as_curl(aim.base_url, list_request(aim, {**FIRST, **query}))
        finding(f"a list of orders: {'; '.join(complaints)}", client=NO_CLIENT_CODE, curl=curl)


@pytest.mark.parametrize("variant", TABLE.variants, ids=lambda variant: "-".join(variant.values()) or "as it is")
@pytest.mark.parametrize("documented", LISTED, ids=lambda documented: " ".join(map(str, documented)).strip())
def test_every_documented_list_is_seen_and_read(
    aim: Aim, documented: Documented, variant: dict[str, str], cell: Cell, finding: Finding
) -> None:
    """Laws 1 and 2: no documented reply without a scenario, and each is read as exactly what it must be."""
    operation, status, media_type = documented
    cell("statuses", f"{operation} {status}", f"{media_type or 'no body'} · raw")
    scenarios = [scenario for scenario in TABLE.scenarios if scenario.documented == documented]
    if documented in TABLE.gaps:
        not_shown(TABLE.gaps[documented])
    if not scenarios and aim.unknown:
        not_shown("an unknown server: CONTRACT_SCENARIOS names its account")
    if not scenarios:
        finding(f"nothing shows {documented}: add a scenario, or a reason under not_shown, to {TABLE_NAME}")
    for scenario in scenarios:
        aim.fresh(**variant)
        _play(aim, scenario, cell, finding)


def _play(aim: Aim, scenario: Scenario, cell: Cell, finding: Finding) -> None:
    query, headers = scenario.query or FIRST, scenario.headers
    request = list_request(aim, query, scenario.account, scenario.key, scenario.token, headers)
    before = aim.book()
    reply = aim.send(request)
    outcome = read(reply.status, reply.body)
    if is_quirk(reply, "listOrders"):
        cell("quirks", f"a {reply.status} has a body", "raw", note="as the vendor's guides show; its table says none")
    complaints = list(about_reply(reply, "listOrders", aim.secrets()))
    if (reply.status, reply.media_type if scenario.media_type else "") != (scenario.status, scenario.media_type):
        complaints.append(f"the server answered {reply.status} {reply.media_type}".rstrip())
    if type(outcome).__name__ not in scenario.outcome.split("|"):
        complaints.append(f"generated code reads {type(outcome).__name__}, not {scenario.outcome}")
    if isinstance(outcome, OrderPageReply):
        complaints += about_orders([outcome], aim.account)
    if aim.changed(before):
        complaints.append(f"the book has changed by {aim.changed(before)}")
    if complaints:
        curl = as_curl(aim.base_url, request, key=scenario.key, token=scenario.token)
        finding(f"{scenario}: {'; '.join(complaints)}", client=NO_CLIENT_CODE, curl=curl)


@pytest.mark.parametrize("size", [3, 7, 100])
def test_the_pages_are_the_accounts_orders(aim: Aim, size: int, cell: Cell, finding: Finding) -> None:
    """Law 1: what is not on any page is not cancelled, and what is there twice, or another's, is cancelled wrongly."""
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
    """Law 1: a list of what is open has every order that is open, and none that is not."""
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
    """Over all pages, filtered or not; a page turned round is another list."""
    cell("lists", f"sorted by {field}", "downwards" if desc else "upwards")
    must_be_known(aim)
    query = {"sortField": field, "desc": desc}
    for more in ({}, {"filter": "Status in (0,1,2,3)"}):
        pages = all_pages(aim, 4, **query, **more)
        complaints = [*about_sorting(pages, field, desc=desc), *about_pages(pages, 4)]
        tell(aim, finding, complaints, {**query, **more})


def test_a_cancelled_order_is_no_longer_listed_as_open(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 1: the list follows the book: whoever waits for an empty list of what is open must see it shrink."""
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
