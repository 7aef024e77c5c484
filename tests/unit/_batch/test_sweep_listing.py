"""One listing, page by page: when it is complete, and why it is not. No I/O."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any

import pytest
from attrs import define, field, frozen
from support.scripted_sweep import BROKEN, NO_TOKEN, ListRequest, Shown, answered, numbers, order

from autoshares_cancel._batch.listing import MOST_PAGES, Listing, list_orders, list_settled
from autoshares_cancel._engine.run import run
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.order import OPEN_FILTER, OrderPage

MORE = "https://broker.example/api/v1/accounts/6303/orders?pageNumber=1&pageSize=100"
BY_STATUS, ALL = OPEN_FILTER, None


def page(*order_ids: int, link: str | None = MORE, total: int | None = None) -> OrderPage:
    return OrderPage(orders=tuple(map(order, order_ids)), next_link=link, total=total)


def counted(total: int, shown: int) -> str:
    return f"the server counts {total} orders and shows {shown}"


@define
class Pages:
    """The backend of a listing: returns these pages, one after the other."""

    shows: Iterator[Shown]
    asked: list[ListRequest] = field(factory=list[ListRequest])

    async def page(self, number: int, status_filter: str | None) -> tuple[Evidence, OrderPage | None]:
        self.asked.append(ListRequest(number, status_filter))
        return answered(next(self.shows))


def play(
    listed: Callable[[Pages], Coroutine[Any, Any, Listing]], shows: Iterable[Shown]
) -> tuple[list[ListRequest], Listing]:
    """List these pages; returns the requests and the listing."""
    pages = Pages(iter(shows))
    return pages.asked, run(listed(pages))


@frozen(kw_only=True)
class Case:
    """Pages, and the listing that they make."""

    pages: list[Any]
    by: str | None = ALL
    orders: list[int]
    problem: str | None = None
    moved: bool = False
    evidence: object = None
    failed: object = field(default=None)


CASES = {
    "one page": Case(pages=[page(1, 2, link="", total=2)], orders=[1, 2]),
    "two pages": Case(pages=[page(1, 2, total=3), page(3, link="", total=3)], orders=[1, 2, 3]),
    "no order": Case(pages=[page(link="", total=0)], orders=[]),
    "no order, and not a word more": Case(pages=[page(link=None)], orders=[]),
    "no link, and all are there": Case(pages=[page(1, link=None, total=1)], orders=[1]),
    "no link, and more to come": Case(pages=[page(1, link=None, total=2), page(2, link=None, total=2)], orders=[1, 2]),
    "neither link nor count": Case(pages=[page(1, link=None), page(2, link=None), page(link=None)], orders=[1, 2]),
    "a link for ever": Case(pages=[page(1, total=1), page(total=1)], orders=[1]),
    "no order, and a link to more": Case(
        pages=[page(total=0)], orders=[], problem="a page of the listing brought nothing new"
    ),
    "no order, a link to more, and no count": Case(
        pages=[page(1), page()], orders=[1], problem="a page of the listing brought nothing new"
    ),
    "no order, a link to more, and more are counted": Case(
        pages=[page(1, total=2), page(total=2)], orders=[1], problem="a page of the listing brought nothing new"
    ),
    "more orders than are counted": Case(pages=[page(1, 2, link="", total=1)], orders=[1, 2]),
    "an order on two pages": Case(pages=[page(1, 2, total=3), page(2, 3, link="", total=3)], orders=[1, 2, 3]),
    "fewer orders than are counted": Case(pages=[page(1, link="", total=2)], orders=[1], problem=counted(2, 1)),
    "fewer orders of a status than are counted": Case(
        by=BY_STATUS, pages=[page(link="", total=1)], orders=[], problem=counted(1, 0)
    ),
    "fewer orders on two pages": Case(
        pages=[page(1, total=3), page(2, link="", total=3)], orders=[1, 2], problem=counted(3, 2)
    ),
    "some have left the status": Case(
        by=BY_STATUS,
        pages=[page(1, total=3), page(2, link="", total=3)],
        orders=[1, 2],
        problem=counted(3, 2),
        moved=True,
    ),
    "some have come": Case(
        pages=[page(1, 2, total=3), page(2, 3, link="", total=4)], orders=[1, 2, 3], problem=counted(4, 3), moved=True
    ),
    "the same page again": Case(
        pages=[page(1, 2), page(2, 1)], orders=[1, 2], problem="a page of the listing brought nothing new"
    ),
    "no page at first": Case(pages=[BROKEN], orders=[], problem="the orders can't be listed", evidence=BROKEN),
    "no page later": Case(
        pages=[page(1, total=2), BROKEN], orders=[1], problem="the orders can't be listed", evidence=BROKEN
    ),
    "no log-in at first": Case(pages=[NO_TOKEN], orders=[], problem=str(NO_TOKEN), failed=NO_TOKEN),
    "no log-in later": Case(pages=[page(1, total=2), NO_TOKEN], orders=[1], problem=str(NO_TOKEN), failed=NO_TOKEN),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_listing_is_whole_or_says_why_not(case: Case) -> None:
    """Law 1: a listing is complete only if it was read to its end and has as many orders as the server counts."""
    asked, found = play(lambda pages: list_orders(pages, case.by), case.pages)
    assert [(page.number, page.status_filter) for page in asked] == [(n, case.by) for n in range(len(case.pages))]
    assert numbers(found.orders) == case.orders
    assert found.problem == case.problem
    assert (found.moved, found.evidence, found.failed) == (case.moved, case.evidence, case.failed)


REFUSED = Reply(status_code=400)


def test_a_filter_that_is_refused_is_left_out() -> None:
    """Law 1: if the filter is refused, all orders are read, and held ones are left out as with the filter."""
    everything = OrderPage(orders=(order(1), order(2, "Held"), order(3, "Filled")), next_link="", total=3)
    asked, found = play(lambda pages: list_orders(pages, BY_STATUS), [REFUSED, everything])
    assert [(page.number, page.status_filter) for page in asked] == [(0, BY_STATUS), (0, None)]
    assert (numbers(found.orders), numbers(found.open), found.problem) == ([1, 3], [1], None)


REFUSALS: dict[str, tuple[str | None, list[Any]]] = {
    "without a filter": (ALL, [REFUSED]),
    "both": (BY_STATUS, [REFUSED, REFUSED]),
    "later": (BY_STATUS, [page(1, total=2), REFUSED]),
    "the server failed": (BY_STATUS, [BROKEN]),
}


@pytest.mark.parametrize(("by", "pages"), REFUSALS.values(), ids=REFUSALS)
def test_any_other_refusal_fails_the_listing(by: str | None, pages: list[Any]) -> None:
    """Law 1: any other refusal fails the listing; only the filter of the first page may be dropped, once."""
    asked, found = play(lambda shown: list_orders(shown, by), pages)
    assert (len(asked), found.problem, found.evidence) == (len(pages), "the orders can't be listed", pages[-1])


def test_an_order_is_what_it_was_on_the_last_page_that_has_it() -> None:
    """Law 1: an order may be filled between two pages; the later page counts."""
    first = OrderPage(orders=(order(1), order(2)), next_link=MORE, total=3)
    second = OrderPage(orders=(order(1, "Filled"), order(3)), next_link="", total=3)
    _, found = play(lambda pages: list_orders(pages, ALL), [first, second])
    assert found.orders == (order(1, "Filled"), order(2), order(3))
    assert found.open == (order(2), order(3))


def test_an_endless_listing_ends_after_the_most_pages() -> None:
    """Law 3: an endless listing ends at MOST_PAGES."""
    asked, found = play(lambda pages: list_orders(pages, ALL), (page(number) for number in range(MOST_PAGES + 1)))
    assert (len(asked), len(found.orders), found.problem) == (MOST_PAGES, MOST_PAGES, "the listing has no end")


MOVED = [page(1, total=3), page(2, link="", total=4)]
STILL = [page(1, 2, 3, 4, link="", total=4)]
TIMES = {
    "it stands still": (STILL, [1, 2, 3, 4]),
    "it stands still later": ([*MOVED, *STILL], [1, 2, 3, 4]),
    "and at last": ([*MOVED, *MOVED, *STILL], [1, 2, 3, 4]),
    "never": (MOVED * 3, [1, 2]),
    "it breaks off": ([*MOVED, BROKEN], []),
}


@pytest.mark.parametrize(("pages", "order_ids"), TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("by", [ALL, BY_STATUS])
def test_a_listing_that_moves_is_made_again(pages: list[Any], order_ids: list[int], by: str | None) -> None:
    """A listing that changes is repeated a few times, with the same filter; a listing that fails is not."""
    asked, found = play(lambda shown: list_settled(shown, by, 3), pages)
    assert {page.status_filter for page in asked} == {by}
    assert (len(asked), numbers(found.orders)) == (len(pages), order_ids)
    assert (found.problem is None) == (order_ids == [1, 2, 3, 4])
