"""The end of a sweep that is not clear: it names the remaining orders, and no unknown order counts as gone."""

import pytest
from attrs import evolve
from support.scripted_sweep import (
    BROKEN,
    CONFLICT,
    FILLED,
    IDS,
    NO_TOKEN,
    UNKNOWN,
    Exchange,
    answering,
    gone,
    numbers,
    order,
)

from autoshares_cancel import NotSent, OrderConflict, Outcome, TokenUnavailable
from autoshares_cancel._batch.sweep import SweepResult
from autoshares_cancel._values.order import OPEN_FILTER, OrderPage


def test_a_log_in_that_fails_at_first_is_raised() -> None:
    """A log-in that fails before any cancel is raised as AuthenticationError: no order was touched."""
    with pytest.raises(TokenUnavailable) as caught:
        Exchange([NO_TOKEN, ()]).sweep()
    assert caught.value is NO_TOKEN


def test_a_log_in_that_fails_later_leaves_nothing_out() -> None:
    """Law 4: an order was touched, so OrdersRemain is raised and names the orders that may be open."""
    exchange = Exchange([(order(1), order(2)), NO_TOKEN, ()], answering(CONFLICT, gone(2)))
    swept, _ = exchange.sweep()
    assert (numbers(swept.remaining), swept.problem) == ([1], str(NO_TOKEN))


def test_a_log_in_that_fails_among_the_cancels_ends_it() -> None:
    """Law 6: a log-in that fails among the cancels ends the sweep without another one; open orders are named."""
    exchange = Exchange([(order(1), order(2))], answering(NO_TOKEN, NotSent(**IDS, order_id=2)))
    swept, _ = exchange.sweep()
    assert (numbers(swept.remaining), swept.problem) == ([1, 2], str(NO_TOKEN))
    assert len(exchange.cancels) == 1


def test_a_listing_that_can_t_be_read_is_not_an_empty_one() -> None:
    """Law 1: a listing that can't be read shows nothing as gone; orders that may still be open are named."""
    swept, _ = Exchange([BROKEN]).sweep()
    assert (swept.problem, swept.evidence, swept.remaining) == ("the orders can't be listed", BROKEN, ())
    exchange = Exchange([(order(1), order(2)), BROKEN], answering(UNKNOWN, gone(2)))
    assert numbers(exchange.sweep()[0].remaining) == [1]
    assert exchange.sleeps == [0.5]


def test_an_account_is_not_clear_if_the_last_listing_fails() -> None:
    """Law 1: if the last listing fails, held orders are unknown, so the account is not clear."""
    swept, _ = Exchange([(), BROKEN]).sweep()
    assert swept.problem == "the orders can't be listed"


def test_a_held_order_is_named_until_a_listing_without_the_filter() -> None:
    """Law 1: a listing by status can't show a held order, so it does not prove that it is gone."""
    exchange = Exchange([(), (order(9, "Held"),), (), BROKEN], answering(CONFLICT))
    assert numbers(exchange.sweep()[0].remaining) == [9]
    exchange = Exchange([(order(9),), (), BROKEN], answering(CONFLICT))
    assert numbers(exchange.sweep()[0].remaining) == []


GONE = {
    "cancelled": (gone(1), []),
    "filled": (OrderConflict(**IDS, order_id=1, order=FILLED), []),
    "cancelled by somebody": (OrderConflict(**IDS, order_id=1, order=evolve(FILLED, status="Canceled")), []),
    "a conflict that could not be read": (CONFLICT, [1]),
    "a conflict, and it works": (OrderConflict(**IDS, order_id=1, order=order(1)), [1]),
    "not sent": (NotSent(**IDS, order_id=1), [1]),
    "unknown": (UNKNOWN, [1]),
}


@pytest.mark.parametrize(("outcome", "named"), GONE.values(), ids=GONE)
def test_what_remains_at_the_deadline_is_what_is_not_known_to_be_gone(outcome: Outcome, named: list[int]) -> None:
    """Law 7: without time for another listing, the outcomes decide which orders remain."""
    swept, _ = Exchange([(order(1),)], answering(outcome)).sweep(deadline=0.5)
    assert (numbers(swept.remaining), swept.problem) == (named, "the time is over")


def test_a_listing_that_moved_is_made_again() -> None:
    """A listing whose orders change between two pages proves nothing, so the sweep lists again."""
    filled = tuple(order(number, "Filled") for number in (1, 2, 3))
    moved = (OrderPage(orders=filled[:2], next_link="more", total=3), OrderPage(orders=filled, next_link="", total=4))
    exchange = Exchange([(), *moved, (), ()])
    assert exchange.sweep()[0] == SweepResult()
    asked = [(page.number, page.status_filter) for page in exchange.asked]
    assert asked == [(0, OPEN_FILTER), (0, None), (1, None), (0, OPEN_FILTER), (0, None)]


def test_what_moves_for_ever_ends_with_the_deadline() -> None:
    """Law 7: if every listing changes between its pages, the sweep ends at its deadline, and is not clear."""
    moved = [OrderPage(orders=(FILLED,), next_link="more", total=2), OrderPage(orders=(), next_link="", total=3)]
    swept, _ = Exchange([*moved * 50]).sweep(deadline=5.0)
    assert swept == SweepResult(problem="the time is over")
