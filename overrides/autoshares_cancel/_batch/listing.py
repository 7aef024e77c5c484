"""All pages of a listing, one after the other: a coroutine that awaits its backend. No I/O of its own.

A listing is whole only where it was read to its end, and has as many orders as the server counts.
"""

from typing import Final

from attrs import frozen

from autoshares_cancel._retry.backend import ListingBackend
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.order import Order, OrderPage, State
from autoshares_cancel.errors import AuthenticationError

MOST_PAGES: Final = 10_000
OPEN: Final = {State.WORKING, State.PENDING, State.UNKNOWN}


@frozen(kw_only=True)
class Listing:
    """All pages of a listing, as far as they could be read."""

    orders: tuple[Order, ...]
    evidence: Evidence | None = None
    """Of the page that could not be read."""
    problem: str | None = None
    """Why it is not whole."""
    failed: AuthenticationError | None = None
    """The log-in that has failed."""
    moved: bool = False
    """Whether it is not whole because orders came and went while one paged; then another one may be."""

    @property
    def open(self) -> tuple[Order, ...]:
        """What may still be executed."""
        return tuple(order for order in self.orders if order.state in OPEN)


async def list_orders(backend: ListingBackend, status_filter: str | None) -> Listing:
    """Read all pages."""
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
            # Orders leave a listing by status while one pages; one of all orders grows, and counts others then.
            moved = number > 0 and (status_filter is not None or page.total != total)
            return Listing(orders=(*seen.values(),), problem=problem, moved=moved)
        if len(seen) == known:
            return Listing(orders=(*seen.values(),), problem="a page of the listing brought nothing new")
    return Listing(orders=(*seen.values(),), problem="the listing has no end")


async def list_settled(backend: ListingBackend, status_filter: str | None, most: int) -> Listing:
    """Read all pages, and again, so many times at most, while orders come and go."""
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
