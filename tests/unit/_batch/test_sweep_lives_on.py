"""Orders that may work again after today, and the legs of spreads, in a sweep of an account."""

import pytest
from support.scripted_sweep import CONFLICT, Exchange, gone, numbers

from autoshares_cancel import NoReply, Order, OrderConflict
from autoshares_cancel._batch.sweep import SweepResult


def order(order_id: int, status: str, *legs: Order, force: str | None = None) -> Order:
    return Order(account_id=6303, order_id=order_id, status=status, time_in_force=force, legs=legs)


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
def test_an_old_day_order_keeps_no_account_from_being_clear(status: str) -> None:
    """A day order has ended with its session: nothing is cancelled, and the account is clear."""
    exchange = Exchange([(order(1, status, force="Day"),)])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == []


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
def test_an_order_that_may_live_on_is_tried_once_and_a_conflict_settles_it(status: str) -> None:
    """An order without a time in force is cancelled once; after a conflict, the account counts as clear."""
    exchange = Exchange([(order(1, status),)], lambda _: CONFLICT)
    swept, sweep = exchange.sweep()
    assert swept == SweepResult()
    assert exchange.cancelled == [[1]]
    assert isinstance(sweep.outcomes[1], OrderConflict)


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
def test_an_order_that_works_again_tomorrow_is_open(status: str) -> None:
    """Law 1: an order that is good till cancelled is cancelled; if that fails, it remains."""
    good = order(1, status, force="GTC")
    assert Exchange([(good,), ()]).sweep()[0] == SweepResult()
    swept, _ = Exchange([(good,)], lambda _: CONFLICT).sweep()
    assert numbers(swept.remaining) == [1]


def test_an_order_that_may_live_on_remains_where_its_outcome_is_unknown() -> None:
    """An order whose cancel got no reply remains; only a conflict shows that it has ended."""
    exchange = Exchange([(order(1, "DoneForDay"),)], lambda _: NoReply(account_id=6303, order_id=1))
    swept, _ = exchange.sweep()
    assert numbers(swept.remaining) == [1]
    assert exchange.cancelled == [[1]]


def test_only_the_parent_of_a_spread_is_cancelled() -> None:
    """Only the parent of a spread is cancelled; its legs go with it."""
    spread = order(1, "New", order(2, "New"), order(3, "New"))
    exchange = Exchange([(spread, order(2, "New")), ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == [[1]]


def test_a_leg_that_is_open_is_cancelled_when_its_parent_is_final() -> None:
    """Law 1: an open leg of a final parent is cancelled by its own number, at any depth."""
    inner = order(4, "Filled", order(5, "New"))
    exchange = Exchange([(), (order(1, "Canceled", order(2, "New"), order(3, "Canceled"), inner),), (), ()])
    swept, sweep = exchange.sweep()
    assert swept == SweepResult()
    assert exchange.cancelled == [[2, 5]]
    assert sweep.outcomes == {2: gone(2), 5: gone(5)}


def test_a_leg_of_a_parent_that_can_not_be_cancelled_remains() -> None:
    """A leg is named together with its parent if the parent can't be cancelled."""
    exchange = Exchange([(order(1, "New", order(2, "New")),)], lambda _: CONFLICT)
    swept, _ = exchange.sweep()
    assert sorted(numbers(swept.remaining)) == [1, 2]
    assert {each for step in exchange.cancelled for each in step} == {1}


def test_a_leg_of_a_pending_parent_is_waited_for() -> None:
    """A leg is not cancelled while the cancel of its parent is pending, because that may cancel the leg, too."""
    exchange = Exchange([(order(1, "PendingCancel", order(2, "New")),), ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == []


def test_a_leg_that_is_listed_as_open_and_as_closed_is_cancelled() -> None:
    """Law 1: a leg that a listing shows twice, open and closed, is cancelled; a leg that is closed twice is not."""
    orders = (order(2, "New"), order(3, "Canceled"), order(1, "Filled", order(2, "Canceled"), order(3, "Canceled")))
    exchange = Exchange([orders, ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == [[2]]
