"""The rules for a list of orders, page by page. Pure: each check yields its complaints, one line each.

1. Every order belongs to the account, and has its number and its status; a page has the count of all orders.
2. Every page but the last is full; no order comes twice, and TotalCount of each page is the number of all orders.
3. Every page but the last links to the next one; every page but the first links to the one before.
4. Orders are sorted as requested; two orders with the same date may come in either order.
5. A filter by status returns all orders that have it, and no other.
6. A client lists exactly the open orders of all pages: each once, with its number and status.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autoshares_cancel.contract.server.raw import RawReply
from autoshares_openapi import UnreadableBody
from autoshares_openapi.api.orders import list_orders
from autoshares_openapi.models import OrderPageReply, OrderReply

NUMBERS = {
    0: "New",
    1: "PartiallyFilled",
    2: "Filled",
    3: "DoneForDay",
    4: "Canceled",
    5: "Replaced",
    6: "PendingCancel",
    7: "Stopped",
    8: "Rejected",
    9: "Suspended",
    10: "PendingNew",
    11: "Calculated",
    12: "Expired",
    13: "AcceptedForBidding",
    14: "PendingReplace",
    15: "Error",
}
"""The vendor's number of each status, for filters."""
OPEN = {*(NUMBERS[number] for number in (0, 1, 6, 7, 9, 10, 13, 14)), "Held"}
FOR_TODAY = {NUMBERS[3], NUMBERS[11]}
"""Statuses after which an order may work again tomorrow, unless it ends with the session."""
SESSION = {"Day", "AtTheOpening", "ImmediateOrCancel", "FillOrKill", "GoodTillCrossing"}
PAGE = "?pageNumber={}&pageSize=100"
ONLY_OPEN = "&filter=Status%20in%20%280%2C1%2C3%2C6%2C7%2C9%2C10%2C11%2C13%2C14%29"
"""The filter that a client adds for open orders, byte for byte; Held has no number and can't be filtered for."""
SORT_KEYS = {"Id": "id", "Date": "date"}

Pages = Sequence[OrderPageReply]


def is_open(order: OrderReply) -> bool:
    """Whether the order may still be executed, today or tomorrow."""
    return order.status in OPEN or (order.status in FOR_TODAY and order.time_in_force not in SESSION)


def orders_on(pages: Pages) -> list[OrderReply]:
    """Return every order, page by page."""
    return [order for page in pages for order in page.result or ()]


def about_orders(pages: Pages, account_id: int) -> Iterator[str]:
    """Check rule 1."""
    for order in orders_on(pages):
        if not isinstance(order.id, int) or not isinstance(order.status, str):
            yield f"an order has the number {order.id!r} and the status {order.status!r}"
        if order.account_id != account_id:
            yield f"order {order.id!r} is of account {order.account_id!r}, not {account_id}"
    if not all(isinstance(page.total_count, int) for page in pages):
        yield "TotalCount is not a number"


def about_pages(pages: Pages, size: int) -> Iterator[str]:
    """Check rules 2 and 3, for all pages of a list."""
    sizes = [len(page.result or ()) for page in pages]
    if any(count != size for count in sizes[:-1]) or sizes[-1] > size or (len(pages) > 1 and not sizes[-1]):
        yield f"the pages have {sizes} orders, and the page size is {size}"
    numbers = [order.id for order in orders_on(pages)]
    if len(numbers) != len(set(numbers)):
        yield f"some orders are there twice: {numbers}"
    if {page.total_count for page in pages} != {len(numbers)}:
        yield f"TotalCount is {[page.total_count for page in pages]}, and there are {len(numbers)} orders"
    for number, page in enumerate(pages):
        yield from _about_link("NextPageLink", page.next_page_link, number + 1 if number + 1 < len(pages) else None)
        yield from _about_link("PreviousPageLink", page.previous_page_link, number - 1 if number else None)


def about_sorting(pages: Pages, field: str, *, desc: bool) -> Iterator[str]:
    """Check rule 4."""
    values: list[Any] = [getattr(order, SORT_KEYS[field]) for order in orders_on(pages)]
    if any(left < right if desc else left > right for left, right in pairwise(values)):
        yield f"sorted by {field}, {'downwards' if desc else 'upwards'}, the list has {values}"


def about_filter(pages: Pages, everything: Mapping[Any, Any], statuses: Collection[str]) -> Iterator[str]:
    """Check rule 5; `everything` maps each order of the account to its status."""
    found = {order.id: order.status for order in orders_on(pages)}
    wanted = {number: each for number, each in everything.items() if each in statuses}
    if found != wanted:
        yield f"a filter by {', '.join(statuses)} gives {found}, and the account has {wanted}"


def about_listed(outcome: Any, replies: Sequence[RawReply], account_id: int) -> Iterator[str]:
    """Check rules 1, 2, 3 and 6, for the outcome of a client and all its pages."""
    pages = [page for reply in replies if isinstance(page := read_page(reply), OrderPageReply)]
    yield from about_orders(pages, account_id)
    yield from about_pages(pages, 100) if len(pages) == len(replies) else ["a page can't be read"]
    right = [(account_id, order.id, order.status) for order in orders_on(pages) if is_open(order)]
    listed = [(order.account_id, order.order_id, order.status) for order in outcome]
    if listed != right:
        yield f"the client lists {listed}, and the pages have {right}"


def read_page(reply: RawReply) -> OrderPageReply | UnreadableBody | None:
    """Parse a page with the generated parser; None for a status without a documented body."""
    status = reply.status
    try:
        return list_orders.parse(status_code=status, content=reply.body) if list_orders.is_documented(status) else None
    except UnreadableBody as unreadable:
        return unreadable


def _about_link(name: str, link: object, number: int | None) -> Iterator[str]:
    if number is None:
        if link:
            yield f"{name} is {link!r}, and there is no such page"
    elif not isinstance(link, str) or parse_qs(urlsplit(link).query).get("pageNumber") != [str(number)]:
        yield f"{name} is {link!r}, and does not lead to page {number}"
