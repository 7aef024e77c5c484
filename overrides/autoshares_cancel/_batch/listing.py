"""Reads all pages of a listing, one after the other: coroutines over a backend. No I/O of their own.

A listing is complete only if it was read to its end and has as many orders as the server counts.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from attrs import evolve, frozen

from autoshares_cancel._retry.backend import ListingBackend
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.order import Order, OrderPage
from autoshares_cancel._values.status import State
from autoshares_cancel.errors import AuthenticationError

HELD: Final = "Held"
"""The status that has no number, so that no filter matches it."""
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
    chosen: frozenset[int] | None = None
    """The orders and legs that the caller's filter chooses, by number; None without a filter."""

    @property
    def open(self) -> tuple[Order, ...]:
        """Orders and legs, at any depth, that may still be executed: what is open in one place is open."""
        found = (each for order in self.orders for each in with_legs(order) if each.state in OPEN)
        return tuple({each.order_id: each for each in found}.values())

    @property
    def wanted(self) -> tuple[Order, ...]:
        """The open orders and legs that the call is about."""
        return self.open if self.chosen is None else tuple(each for each in self.open if each.order_id in self.chosen)

    @property
    def waiting_legs(self) -> frozenset[int]:
        """Legs of an open order, which go with it: to cancel them first would tear a spread open."""
        parents = [each for order in self.orders for each in with_legs(order) if each.state in OPEN]
        return frozenset(leg.order_id for parent in parents for leg in with_legs(parent) if leg is not parent)


def with_legs(order: Order) -> Iterator[Order]:
    """The order, and its legs at any depth."""
    yield order
    for leg in order.legs:
        yield from with_legs(leg)


async def list_orders(backend: ListingBackend, status_filter: str | None) -> Listing:
    """Read all pages. If the server refuses the filter, reads all orders and leaves out what no filter matches."""
    seen, total = dict[int, Order](), None
    for number in range(MOST_PAGES):
        try:
            evidence, page = await backend.page(number, status_filter)
        except AuthenticationError as error:
            return Listing(orders=(*seen.values(),), problem=str(error), failed=error)
        if page is None and number == 0 and status_filter is not None and _is_refused(evidence):
            return _without_held(await list_orders(backend, None))
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
    is_counted = page.total is not None and seen >= page.total
    if not page.orders:  # with a link to more, nothing at all is no listing
        return not page.next_link or (is_counted and seen > 0)
    return page.next_link == "" or (page.next_link is None and is_counted)


def _is_refused(evidence: Evidence) -> bool:
    return isinstance(evidence, Reply) and evidence.status_code == HTTPStatus.BAD_REQUEST


def _without_held(found: Listing) -> Listing:
    return evolve(found, orders=tuple(order for order in found.orders if order.status != HELD))
