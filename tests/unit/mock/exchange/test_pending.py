"""Cancels that take time, and fills that race with them, in the exchange alone."""

from __future__ import annotations

import itertools

import pytest

from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.orders import ConflictError, Order
from autoshares_cancel.mock.exchange.races import Moment, Race


def steps(exchange: Exchange, order_id: int = 73552) -> list[tuple[float, str, int]]:
    """The ledger of an order: time, new status and number of shares."""
    return [(event.at, event.status, event.quantity) for event in exchange.ledger if event.order_id == order_id]


# Cancels that take time


def test_a_cancel_with_a_delay_is_pending_until_its_time_has_come(exchange: Exchange) -> None:
    """An order is PendingCancel at once, and Canceled after the delay; the ledger has the time when it was due."""
    assert exchange.cancel(6303, 73552, delay=5).status == "PendingCancel"
    exchange.advance(4.5)
    order = exchange.orders[73552]
    assert (order.status, order.is_open, order.leaves_quantity) == ("PendingCancel", False, 100)
    exchange.advance(10)
    assert exchange.orders[73552].status == "Canceled"
    assert steps(exchange) == [(0, "PendingCancel", 0), (5, "Canceled", 100)]


@pytest.mark.parametrize("look", ["orders", "ledger", "order_of", "fill", "cancel", "place"])
def test_every_access_to_the_book_shows_due_cancels(exchange: Exchange, look: str) -> None:
    """A cancel that is due is carried out before any other access to the order book."""
    exchange.cancel(6303, 73552, delay=5)
    exchange.advance(5)
    if look in {"fill", "cancel"}:
        with pytest.raises(ConflictError, match="is Canceled"):
            exchange.fill(73552) if look == "fill" else exchange.cancel(6303, 73552)
    elif look == "order_of":
        order = exchange.order_of(6303, 73552)
        assert order is not None
        assert order.status == "Canceled"
    elif look == "place":
        exchange.place(6303)
    else:
        getattr(exchange, look)
    assert [event.status for event in exchange.ledger][:2] == ["PendingCancel", "Canceled"]


def test_a_second_cancel_of_a_pending_one_is_a_conflict(exchange: Exchange) -> None:
    """A second cancel is refused, quick or final, and the first one keeps its time."""
    exchange.cancel(6303, 73552, delay=5)
    exchange.advance(3)
    for delay in (0, 5):
        with pytest.raises(ConflictError, match="order 73552 is PendingCancel"):
            exchange.cancel(6303, 73552, delay=delay)
    exchange.advance(2)
    assert steps(exchange) == [(0, "PendingCancel", 0), (5, "Canceled", 100)]


def test_a_whole_fill_makes_a_pending_cancel_void(exchange: Exchange) -> None:
    """The order is Filled, and stays so after the delay."""
    exchange.cancel(6303, 73552, delay=5)
    assert exchange.fill(73552).status == "Filled"
    exchange.advance(5)
    assert exchange.orders[73552].status == "Filled"
    assert steps(exchange) == [(0, "PendingCancel", 0), (0, "Filled", 100)]


def test_a_partial_fill_leaves_the_cancel_pending(exchange: Exchange) -> None:
    """The executed shares count, and the rest is cancelled after the delay."""
    exchange.cancel(6303, 73552, delay=5)
    exchange.advance(1)
    order = exchange.fill(73552, 30)
    assert (order.status, order.executed_quantity, order.leaves_quantity) == ("PendingCancel", 30, 70)
    exchange.advance(4)
    order = exchange.orders[73552]
    assert (order.status, order.executed_quantity, order.leaves_quantity) == ("Canceled", 30, 0)
    assert steps(exchange) == [(0, "PendingCancel", 0), (1, "PendingCancel", 30), (5, "Canceled", 70)]


def test_pending_cancels_fall_due_in_their_order(exchange: Exchange) -> None:
    """The ledger is in order of time, whichever cancel began first."""
    for order_id, delay in ((73552, 9), (73553, 3), (73554, 6)):
        exchange.cancel(6303, order_id, delay=delay)
    exchange.advance(20)
    assert [(event.at, event.order_id) for event in exchange.ledger[3:]] == [(3, 73553), (6, 73554), (9, 73552)]


def test_the_ledger_is_in_the_order_of_time_while_the_clock_runs() -> None:
    """A step has one time, however long it takes; a cancel that falls due during it comes after it."""
    ticks = itertools.count()
    exchange = Exchange(clock=lambda: float(next(ticks)))
    exchange.cancel(6303, 73552, delay=1.5)
    for _ in range(3):
        exchange.fill(73553, 1)
    events = exchange.ledger
    statuses = [event.status for event in events]
    assert statuses == ["PendingCancel", "PartiallyFilled", "Canceled", "PartiallyFilled", "PartiallyFilled"]
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_a_seeded_pending_cancel_stays_until_it_is_filled(exchange: Exchange) -> None:
    """A seeded PendingCancel has no time at which it is due."""
    exchange.seed(orders=[Order(order_id=1, account_id=6303, status="PendingCancel")])
    exchange.advance(1e6)
    assert exchange.orders[1].status == "PendingCancel"
    assert exchange.fill(1).status == "Filled"


@pytest.mark.parametrize("way", ["seed", "reset"])
def test_a_pending_cancel_goes_with_its_order(exchange: Exchange, way: str) -> None:
    """A seeded order replaces one with a pending cancel, and its cancel; a reset ends all of them."""
    exchange.cancel(6303, 73552, delay=5)
    exchange.cancel(6303, 73553, delay=5)
    if way == "seed":
        exchange.seed(orders=[Order(order_id=73552, account_id=6303, status="PendingCancel")])
    else:
        exchange.reset()
    exchange.advance(5)
    statuses = (exchange.orders[73552].status, exchange.orders[73553].status)
    assert statuses == (("PendingCancel", "Canceled") if way == "seed" else ("New", "New"))


# Races


def race(*, order_id: int = 73552, quantity: int = 100, when: Moment = "before") -> Race:
    return Race(order_id=order_id, quantity=quantity, when=when)


def test_a_whole_fill_just_before_wins(exchange: Exchange) -> None:
    """The cancel is a conflict, and the race is over."""
    exchange.arm([race()])
    with pytest.raises(ConflictError, match="order 73552 is Filled"):
        exchange.cancel(6303, 73552)
    assert steps(exchange) == [(0, "Filled", 100)]
    assert exchange.races == ()


@pytest.mark.parametrize("delay", [0, 5])
def test_a_partial_fill_just_before_counts(exchange: Exchange, delay: float) -> None:
    """The rest of the order is cancelled."""
    exchange.arm([race(quantity=30)])
    exchange.cancel(6303, 73552, delay=delay)
    exchange.advance(delay)
    order = exchange.orders[73552]
    assert (order.status, order.executed_quantity) == ("Canceled", 30)
    assert steps(exchange)[0] == (0, "PartiallyFilled", 30)
    assert steps(exchange)[-1] == (delay, "Canceled", 70)


@pytest.mark.parametrize(("quantity", "end"), [(30, "Canceled"), (100, "Filled"), (500, "Filled")])
def test_a_fill_just_after_strikes_while_the_cancel_is_pending(exchange: Exchange, quantity: int, end: str) -> None:
    """A fill may be a part, the whole, or more than is left: then it is all that is left."""
    exchange.arm([race(quantity=quantity, when="after")])
    exchange.cancel(6303, 73552, delay=5)
    exchange.advance(5)
    order = exchange.orders[73552]
    assert (order.status, order.executed_quantity) == (end, min(quantity, 100))
    assert steps(exchange)[0] == (0, "PendingCancel", 0)


def test_a_race_after_waits_for_a_cancel_that_takes_time(exchange: Exchange) -> None:
    """The race stays armed, because nothing can be filled after a final cancel."""
    exchange.arm([race(when="after")])
    exchange.cancel(6303, 73552)
    assert exchange.orders[73552].status == "Canceled"
    assert exchange.races == (race(when="after"),)


def test_races_are_of_one_order_and_come_once_each(exchange: Exchange) -> None:
    """A race strikes no other order or account; equal races strike as often as they are armed."""
    exchange.arm([race(quantity=10), race(quantity=10), race(quantity=20, when="after")])
    exchange.cancel(6303, 73553)
    with pytest.raises(ConflictError):
        exchange.cancel(6400, 73552)
    untouched = exchange.races
    exchange.cancel(6303, 73552, delay=5)
    assert exchange.orders[73552].executed_quantity == 30
    assert (len(untouched), exchange.races) == (3, (race(quantity=10),))


def test_a_closed_order_is_not_raced_for(exchange: Exchange) -> None:
    """A race for a closed order stays armed."""
    exchange.arm([race(order_id=73562)])
    with pytest.raises(ConflictError, match="order 73562 is Filled"):
        exchange.cancel(6303, 73562)
    assert (exchange.ledger, len(exchange.races)) == ((), 1)


def test_arming_takes_the_place_of_what_was_armed_and_a_reset_clears_it(exchange: Exchange) -> None:
    """Races are replaced and cleared as faults are."""
    exchange.arm([race(), race()])
    exchange.arm([race(quantity=1)])
    armed = exchange.races
    exchange.reset()
    assert (armed, exchange.races) == ((race(quantity=1),), ())
