"""Reads all pages of a listing, one after the other: coroutines over a backend. No I/O of their own.

A listing is complete only if it was read to its end and has as many orders as the server counts.
"""

from typing import Final

from attrs import frozen

from autoshares_cancel._retry.backend import ListingBackend
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.order import Order, OrderPage, State
from autoshares_cancel.errors import AuthenticationError

MOST_PAGES: Final = 10_000
OPEN: Final = {State.WORKING, State.PENDING, State.UNKNOWN}
"""States of an order that may still be executed."""


@frozen(kw_only=True)
class Listing:
    """The orders of a listing, as far as it could be read."""

    orders: tuple[Order, ...]
    evidence: Evidence | None = None
    """The evidence of the unreadable page."""
    problem: str | None = None
    """Why the listing is incomplete; None if it is complete."""
    failed: AuthenticationError | None = None
    """The error of the failed log-in."""
    moved: bool = False
    """Whether orders came or went between two pages: the next listing may be complete."""

    @property
    def open(self) -> tuple[Order, ...]:
        """The orders that may still be executed."""
        return tuple(order for order in self.orders if order.state in OPEN)


async def list_orders(backend: ListingBackend, status_filter: str | None) -> Listing:
    """Read all pages. Never raises: a problem is in the Listing."""
    seen, total = dict[int, Order](), None
    for number in range(MOST_PAGES):
        try:
            evidence, page = await backend.page(number, status_filter)
        except AuthenticationError as error:
            return Listing(orders=(*seen.values(),), problem=str(error), failed=error)
        if page is None:
            return Listing(orders=(*seen.values(),), evidence=evidence, problem="the orders can't be listed")
        known, total = len(seen), page.total if number == 0 else total
        seen.update((order.order_id, order) for order in page.orders)
        if _is_last(page, len(seen)):
            if page.total is None or len(seen) >= page.total:
                return Listing(orders=(*seen.values(),))
            problem = f"the server counts {page.total} orders and shows {len(seen)}"
            # Orders leave a listing by status between two pages. A listing of all orders grows, and so does its total.
            moved = number > 0 and (status_filter is not None or page.total != total)
            return Listing(orders=(*seen.values(),), problem=problem, moved=moved)
        if len(seen) == known:
            return Listing(orders=(*seen.values(),), problem="a page of the listing brought nothing new")
    return Listing(orders=(*seen.values(),), problem="the listing has no end")


async def list_settled(backend: ListingBackend, status_filter: str | None, most: int) -> Listing:
    """Read all pages; again while orders come and go, up to `most` times in all."""
    found = await list_orders(backend, status_filter)
    for _ in range(most - 1):
        if not found.moved:
            break
        found = await list_orders(backend, status_filter)
    return found


def _is_last(page: OrderPage, seen: int) -> bool:
    if not page.orders or page.next_link == "":
        return True
    return page.next_link is None and page.total is not None and seen >= page.total
