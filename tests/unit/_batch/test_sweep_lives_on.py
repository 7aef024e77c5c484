"""What lives on is not dead: orders that are done for today, and the legs of spreads, in a sweep of an account."""

import pytest
from support.scripted_sweep import CONFLICT, Exchange, gone, numbers

from autoshares_cancel import NoReply, Order, OrderConflict
from autoshares_cancel._batch.sweep import SweepResult


def order(order_id: int, status: str, *legs: Order, force: str | None = None) -> Order:
    return Order(account_id=6303, order_id=order_id, status=status, time_in_force=force, legs=legs)


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
def test_an_old_day_order_keeps_no_account_from_being_clear(status: str) -> None:
    """It ended with its session: nothing is cancelled."""
    exchange = Exchange([(order(1, status, force="Day"),)])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == []


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
def test_an_order_that_may_live_on_is_tried_once_and_a_conflict_settles_it(status: str) -> None:
    """Without a time in force it is unknown; the outcome names the order, and the account is clear all the same."""
    exchange = Exchange([(order(1, status),)], lambda _: CONFLICT)
    swept, sweep = exchange.sweep()
    assert swept == SweepResult()
    assert exchange.cancelled == [[1]]
    assert isinstance(sweep.outcomes[1], OrderConflict)


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
def test_an_order_that_works_again_tomorrow_is_open(status: str) -> None:
    """Law 1: good till cancelled, it is cancelled; and where that fails, it remains."""
    good = order(1, status, force="GTC")
    assert Exchange([(good,), ()]).sweep()[0] == SweepResult()
    swept, _ = Exchange([(good,)], lambda _: CONFLICT).sweep()
    assert numbers(swept.remaining) == [1]


def test_an_order_that_may_live_on_remains_where_its_outcome_is_unknown() -> None:
    """Only a conflict settles it."""
    exchange = Exchange([(order(1, "DoneForDay"),)], lambda _: NoReply(account_id=6303, order_id=1))
    swept, _ = exchange.sweep()
    assert numbers(swept.remaining) == [1]
    assert exchange.cancelled == [[1]]


def test_a_spread_is_not_torn_open() -> None:
    """The parent is cancelled; its legs go with it, and are not touched while it is open."""
    spread = order(1, "New", order(2, "New"), order(3, "New"))
    exchange = Exchange([(spread, order(2, "New")), ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == [[1]]


def test_a_leg_that_is_open_is_cancelled_when_its_parent_is_final() -> None:
    """Law 1: by its own number, at any depth; until then the account is not clear."""
    inner = order(4, "Filled", order(5, "New"))
    exchange = Exchange([(), (order(1, "Canceled", order(2, "New"), order(3, "Canceled"), inner),), (), ()])
    swept, sweep = exchange.sweep()
    assert swept == SweepResult()
    assert exchange.cancelled == [[2, 5]]
    assert sweep.outcomes == {2: gone(2), 5: gone(5)}


def test_a_leg_of_a_parent_that_can_not_be_cancelled_remains() -> None:
    """It is named with its parent."""
    exchange = Exchange([(order(1, "New", order(2, "New")),)], lambda _: CONFLICT)
    swept, _ = exchange.sweep()
    assert sorted(numbers(swept.remaining)) == [1, 2]
    assert {each for step in exchange.cancelled for each in step} == {1}


def test_a_leg_of_a_pending_parent_is_waited_for() -> None:
    """The parent's cancel was accepted, and may take the leg along."""
    exchange = Exchange([(order(1, "PendingCancel", order(2, "New")),), ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == []


def test_what_is_open_in_one_place_is_open() -> None:
    """Law 1: a leg that a listing shows twice, open and closed, is cancelled; a leg that is closed twice is not."""
    orders = (order(2, "New"), order(3, "Canceled"), order(1, "Filled", order(2, "Canceled"), order(3, "Canceled")))
    exchange = Exchange([orders, ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == [[2]]
