"""cancel_all over TCP, with every kind of client: orders that are done for today, and spreads."""

from typing import Any

import pytest
from support.mock_orders import KNOWN, OWN, live

from autoshares_cancel import AllCancelled, Cancelled, OrderConflict, RetryPolicy
from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.orders import Order


@pytest.fixture
def retry() -> RetryPolicy:
    """A policy with short waits."""
    return RetryPolicy(attempts=5, base=0.01, cap=0.05)


def test_a_gtc_order_that_is_done_for_today_is_cancelled(
    caller: Any, client_kind: str, mock_server: MockServer, cell: Cell
) -> None:
    """Law 1: DoneForDay is closed for a day order and open for GTC; without a time in force it is tried once."""
    cell("everything", "orders that are done for today", client_kind, note="AllCancelled")
    forces = {5: "GTC", 6: None, 7: "Day"}
    orders = [Order(order_id=n, account_id=OWN, status="DoneForDay", time_in_force=forces[n]) for n in forces]
    mock_server.exchange.seed(orders=orders)
    ended = caller.cancel_all(OWN)
    assert type(ended) is AllCancelled, ended
    assert (live(mock_server), set(ended.outcomes)) == (set(), KNOWN | {5, 6})
    assert (type(ended.outcomes[5]), type(ended.outcomes[6])) == (Cancelled, OrderConflict)
    assert {n: mock_server.exchange.orders[n].status for n in (5, 6, 7)} == {
        5: "Canceled",
        6: "DoneForDay",
        7: "DoneForDay",
    }


def test_a_spread_is_cancelled_from_its_parent_down(
    caller: Any, client_kind: str, mock_server: MockServer, cell: Cell
) -> None:
    """Law 1: the parent is cancelled first, then each leg that is still open, by its own number."""
    cell("everything", "a spread", client_kind, note="AllCancelled")
    legs = {5: (6, 8), 6: (7,), 7: (), 8: ()}
    mock_server.exchange.seed(orders=[Order(order_id=n, account_id=OWN, legs=legs[n]) for n in legs])
    ended = caller.cancel_all(OWN)
    assert type(ended) is AllCancelled, ended
    assert (live(mock_server), set(ended.outcomes)) == (set(), KNOWN | set(legs))
    cancelled = [event.order_id for event in mock_server.exchange.ledger if event.order_id in legs]
    assert (cancelled[0], sorted(cancelled)) == (5, [5, 6, 7, 8])
    assert cancelled.index(6) < cancelled.index(7)
