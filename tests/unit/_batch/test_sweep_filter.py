"""A sweep with a filter: it cancels, waits for and names only the orders that match. No I/O, virtual time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.scripted_sweep import BROKEN, CONFLICT, Exchange, answering, gone, numbers

from autoshares_cancel import Order
from autoshares_cancel._batch.selection import Selection, filter_of
from autoshares_cancel._batch.sweep import SweepResult

BEGAN_AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


def order(order_id: int, symbol: str = "AAPL", *legs: Order, status: str = "New", **fields: Any) -> Order:
    return Order(account_id=6303, order_id=order_id, symbol=symbol, status=status, legs=legs, **fields)


def selection(exchange: Exchange, **wanted: Any) -> Selection:
    """Chooses the orders of AAPL, by default; its clock is that of the exchange."""
    arguments = {"symbol": "AAPL", "side": None, "older_than": None} | wanted
    return Selection(filter_of(**arguments), lambda: BEGAN_AT + timedelta(seconds=exchange.now))


def swept(exchange: Exchange, **options: Any) -> SweepResult:
    return exchange.sweep(selection=selection(exchange), **options)[0]


def test_what_does_not_match_is_left_alone() -> None:
    """Law 1: an order that does not match is never cancelled, and the account is clear although it is open."""
    other, held = order(2, "MSFT"), order(3, status="Held")
    exchange = Exchange([(order(1), other), (other,), (other, held), (other,), (other, order(4, "MSFT"))])
    assert swept(exchange) == SweepResult()
    assert exchange.cancelled == [[1], [3]]


def test_new_orders_are_cancelled_only_if_they_match() -> None:
    """A new order in a later listing is cancelled only if it matches."""
    exchange = Exchange([(order(1),), (order(2), order(3, "MSFT")), (order(3, "MSFT"),)])
    assert swept(exchange) == SweepResult()
    assert exchange.cancelled == [[1], [2]]


@pytest.mark.parametrize("last", [BROKEN, (order(1), order(2, "MSFT"))])
def test_only_what_matches_is_named(last: Any) -> None:
    """Law 4: only orders that match are named, also if a later listing fails."""
    exchange = Exchange([(order(1), order(2, "MSFT")), last], answering(CONFLICT))
    assert numbers(swept(exchange).remaining) == [1]


def test_a_pending_order_that_does_not_match_is_not_waited_for() -> None:
    """The sweep does not wait for the pending cancel of another symbol."""
    exchange = Exchange([(order(1, "MSFT", status="PendingCancel"),)])
    assert swept(exchange) == SweepResult()
    assert exchange.sleeps == []


def test_a_spread_with_a_leg_that_matches_is_cancelled_as_one_order() -> None:
    """Rule 5: only the spread itself is cancelled, also if the listing shows the leg as an order, too."""
    spread = order(1, "MSFT", order(2, "MSFT"), order(3))
    exchange = Exchange([(spread, order(3)), ()])
    assert swept(exchange) == SweepResult()
    assert exchange.cancelled == [[1]]


def test_a_spread_that_remains_is_named_whole() -> None:
    """A spread that remains is named with all its legs, as without a filter."""
    exchange = Exchange([(order(1, "MSFT", order(2)),)], answering(CONFLICT))
    assert sorted(numbers(swept(exchange).remaining)) == [1, 2]


def test_a_leg_of_a_final_order_is_cancelled_only_if_it_matches() -> None:
    """A leg of a final order counts as an order of its own, so it must match itself."""
    orders = (order(1, "AAPL", order(2, "MSFT"), order(3), status="Canceled"),)
    exchange = Exchange([orders, (order(1, "AAPL", order(2, "MSFT"), status="Canceled"),)])
    assert swept(exchange) == SweepResult()
    assert exchange.cancelled == [[3]]


def test_an_order_that_grows_old_during_the_sweep_is_cancelled() -> None:
    """The age of an order is measured at each listing, so an order may match later."""
    young = order(2, created_at=BEGAN_AT)
    exchange = Exchange([(order(1), young), (young,), (young,), ()])
    chosen = selection(exchange, older_than=timedelta(seconds=0.7))
    assert exchange.sweep(selection=chosen)[0] == SweepResult()
    assert exchange.cancelled == [[1]]
    exchange = Exchange([*[(order(1), order(3, status="PendingCancel"), young)] * 4, ()])
    chosen = selection(exchange, older_than=timedelta(seconds=0.7))
    result, sweep = exchange.sweep(selection=chosen)
    assert result == SweepResult()
    assert (exchange.cancelled[0], sweep.outcomes[2]) == ([1], gone(2))
