"""The exchange alone, without a server and without waiting."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.ledger import Event
from autoshares_cancel.mock.exchange.orders import OPEN, STATUSES, ConflictError, Order
from autoshares_cancel.mock.exchange.users import User

# The state at start


def test_the_traders_orders_at_start(exchange: Exchange) -> None:
    """The trader has ten open orders, one filled, one partly filled and one cancelled, of 100 shares each."""
    orders = [order for order in exchange.orders.values() if order.account_id == 6303]
    assert [(order.order_id, order.status, order.executed_quantity, order.leaves_quantity) for order in orders] == [
        *[(number, "New", 0, 100) for number in range(73552, 73562)],
        (73562, "Filled", 100, 0),
        (73563, "PartiallyFilled", 40, 60),
        (73564, "Canceled", 0, 0),
    ]
    assert {order.quantity for order in orders} == {100}


def test_the_users_at_start(exchange: Exchange) -> None:
    """Five users own one account each, and three of them need more than a password."""
    assert {user.username: (user.accounts, user.steps) for user in exchange.users.values()} == {
        "trader": ((6303,), ()),
        "other": ((6400,), ()),
        "two-factor": ((6500,), ("VerificationCode",)),
        "pin": ((6600,), ("SecutityPin",)),
        "both": ((6700,), ("VerificationCode", "SecutityPin")),
    }


@pytest.mark.parametrize(
    ("account_id", "numbers"),
    [(6400, [73600]), (6500, [73650, 73651, 73652]), (6600, [73660, 73661, 73662]), (6700, [73670, 73671, 73672])],
)
def test_the_other_users_have_open_orders(exchange: Exchange, account_id: int, numbers: list[int]) -> None:
    """Every user has an open order to cancel."""
    orders = [order for order in exchange.orders.values() if order.account_id == account_id]
    assert [(order.order_id, order.status) for order in orders] == [(number, "New") for number in numbers]


# Cancelling and filling


@pytest.mark.parametrize("status", STATUSES)
def test_an_order_can_be_cancelled_while_it_is_open_and_never_else(exchange: Exchange, status: str) -> None:
    """New, PartiallyFilled, PendingNew and Held become Canceled; every other status is a conflict."""
    exchange.seed(orders=[Order(order_id=1, account_id=6303, status=status)])
    if status in {"New", "PartiallyFilled", "PendingNew", "Held"}:
        assert exchange.cancel(6303, 1).status == "Canceled"
        assert exchange.orders[1].status == "Canceled"
    else:
        with pytest.raises(ConflictError, match=f"order 1 is {status}"):
            exchange.cancel(6303, 1)
        assert exchange.orders[1].status == status


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
@pytest.mark.parametrize("time_in_force", ["GTC", "GoodTillCancel", "GoodTillDate", "GoodTillTime", "Day", None])
def test_an_order_that_works_again_tomorrow_can_be_cancelled(
    exchange: Exchange, status: str, time_in_force: str | None
) -> None:
    """DoneForDay and Calculated are final only for day orders, or without a time in force."""
    exchange.seed(orders=[Order(order_id=1, account_id=6303, status=status, time_in_force=time_in_force)])
    if time_in_force in {"Day", None}:
        with pytest.raises(ConflictError, match=f"order 1 is {status}"):
            exchange.cancel(6303, 1)
    else:
        assert exchange.cancel(6303, 1).status == "Canceled"


def test_open_statuses_are_four() -> None:
    """Four statuses count as open, and no other."""
    assert sorted(OPEN) == ["Held", "New", "PartiallyFilled", "PendingNew"]


def test_a_second_cancel_is_a_conflict(exchange: Exchange) -> None:
    """An order can be cancelled once."""
    exchange.cancel(6303, 73552)
    with pytest.raises(ConflictError, match="order 73552 is Canceled"):
        exchange.cancel(6303, 73552)


@pytest.mark.parametrize(("account_id", "order_id"), [(6303, 1), (6303, 73600), (6400, 73552)])
def test_an_order_that_the_account_does_not_have_is_a_conflict(
    exchange: Exchange, account_id: int, order_id: int
) -> None:
    """The cancel of an unknown order, or of one of another account, changes nothing."""
    before = exchange.orders
    with pytest.raises(ConflictError):
        exchange.cancel(account_id, order_id)
    assert exchange.orders == before


def test_a_fill_of_all_that_is_left_fills_the_order(exchange: Exchange) -> None:
    """A fill of the 60 shares that are left makes the order Filled."""
    assert exchange.fill(73563, 60).status == "Filled"
    assert exchange.orders[73563].executed_quantity == 100


def test_a_fill_of_less_leaves_it_open(exchange: Exchange) -> None:
    """Partial fills add up, and the order stays open."""
    exchange.fill(73552, 30)
    order = exchange.fill(73552, 30)
    assert (order.status, order.executed_quantity, order.leaves_quantity) == ("PartiallyFilled", 60, 40)


def test_a_fill_takes_all_by_default(exchange: Exchange) -> None:
    """A fill without a quantity executes all shares that are left."""
    assert exchange.fill(73563).executed_quantity == 100


@pytest.mark.parametrize("quantity", [0, -1, 101])
def test_a_fill_of_more_than_is_left_is_refused(exchange: Exchange, quantity: int) -> None:
    """Only shares that are left can be executed."""
    with pytest.raises(ValueError, match="from 1 to 100 shares"):
        exchange.fill(73552, quantity)
    assert exchange.orders[73552].executed_quantity == 0


@pytest.mark.parametrize("order_id", [73562, 73564, 1])
def test_a_closed_or_unknown_order_is_not_filled(exchange: Exchange, order_id: int) -> None:
    """Only open orders execute."""
    with pytest.raises(ConflictError):
        exchange.fill(order_id)


def test_a_placed_order_is_open_and_has_the_next_number(exchange: Exchange) -> None:
    """Its number is the one after the highest, unless another one is given."""
    assert exchange.place(6303).order_id == 73673
    assert exchange.place(6303, order_id=5, quantity=7) == Order(order_id=5, account_id=6303, quantity=7)
    assert exchange.orders[73673].status == "New"


def test_a_number_is_placed_once(exchange: Exchange) -> None:
    """An order is never replaced by placing another."""
    with pytest.raises(ValueError, match="order 73552 is already there"):
        exchange.place(6303, order_id=73552)


def test_the_ledger_tells_what_happened_in_order(exchange: Exchange) -> None:
    """The ledger has placed, executed and cancelled shares with their times; conflicts and seeds are no events."""
    exchange.seed(orders=[Order(order_id=1, account_id=6303)])
    exchange.place(6303, order_id=2)
    exchange.advance(5)
    exchange.fill(2, 30)
    exchange.cancel(6303, 2)
    with pytest.raises(ConflictError):
        exchange.cancel(6303, 2)
    assert exchange.ledger == (
        Event(at=0.0, status="New", account_id=6303, order_id=2, quantity=100),
        Event(at=5.0, status="PartiallyFilled", account_id=6303, order_id=2, quantity=30),
        Event(at=5.0, status="Canceled", account_id=6303, order_id=2, quantity=70),
    )


def test_of_many_cancels_at_once_one_wins(exchange: Exchange) -> None:
    """Threads that cancel the same order get one success and one line in the ledger."""
    start = threading.Barrier(8)

    def cancel(_: int) -> bool:
        start.wait()
        try:
            exchange.cancel(6303, 73552)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(cancel, range(8))) == 1
    assert len(exchange.ledger) == 1


# Seeding and resetting


def test_a_seed_replaces_what_has_its_name_or_number(exchange: Exchange) -> None:
    """A seed replaces users by name and orders by number; all others stay."""
    user = User(username="trader", password="new", accounts=(6303, 6304))
    exchange.seed(users=[user], orders=[Order(order_id=73552, account_id=6304, quantity=5)])
    assert exchange.users["trader"] == user
    assert exchange.orders[73552].quantity == 5
    assert (len(exchange.users), exchange.orders[73553].quantity) == (5, 100)


def test_a_seed_with_an_order_of_an_unknown_account_changes_nothing(exchange: Exchange) -> None:
    """One wrong order refuses the whole seed."""
    with pytest.raises(ValueError, match="order 2 is of account 1, which no user owns"):
        exchange.seed(orders=[Order(order_id=1, account_id=6303), Order(order_id=2, account_id=1)])
    assert 1 not in exchange.orders


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"order_id": 2**31}, "order_id must be an int32"),
        ({"order_id": True}, "order_id must be an int32"),
        ({"order_id": "1"}, "order_id must be an int32"),
        ({"account_id": -(2**31) - 1}, "account_id must be an int32"),
        ({"status": "Cancelled"}, "status must be one of"),
        ({"time_in_force": 1}, "time_in_force must be a text"),
        ({"expires_at": -1}, "expires_at must be a number of seconds"),
        ({"legs": 2}, "legs must be numbers of orders"),
        ({"legs": [True]}, "legs must be numbers of orders"),
        ({"quantity": 0}, "quantity must be at least 1"),
        ({"executed_quantity": 101}, "executed_quantity must be from 0 to quantity"),
        ({"executed_quantity": -1}, "executed_quantity must be from 0 to quantity"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(wrong: dict[str, Any], why: str) -> None:
    """Ids must be int32, statuses those of the vendor, and quantities possible."""
    fields: dict[str, Any] = {"order_id": 1, "account_id": 6303, **wrong}
    with pytest.raises(ValueError, match=why):
        Order(**fields)


def test_a_reset_brings_everything_back(exchange: Exchange) -> None:
    """A reset restores orders, users, ledger, tokens and clock."""
    token = exchange.log_in("trader", "correct-horse").token or ""
    exchange.seed(users=[User(username="new", password="new", accounts=(1,))])
    exchange.cancel(6303, 73552)
    exchange.advance(10)
    exchange.reset()
    fresh = Exchange()
    assert (exchange.orders, exchange.users) == (fresh.orders, fresh.users)
    assert (exchange.ledger, exchange.now(), exchange.user_of(token)) == ((), 0.0, None)


def test_what_is_read_is_a_copy(exchange: Exchange) -> None:
    """A change of the returned dicts does not change the exchange."""
    exchange.orders.clear()
    exchange.users.clear()
    assert (len(exchange.orders), len(exchange.users)) == (23, 5)


# Time


def test_the_clock_is_the_one_passed_in_plus_what_was_advanced() -> None:
    """The time is in seconds since the start."""
    now = [50.0]
    exchange = Exchange(clock=lambda: now[0])
    now[0] = 53.0
    exchange.advance(4)
    assert exchange.now() == 7.0


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_the_clock_never_goes_back(exchange: Exchange, seconds: float) -> None:
    """An advance must be zero or more seconds, and finite."""
    with pytest.raises(ValueError, match="zero or more seconds"):
        exchange.advance(seconds)
    assert exchange.now() == 0.0
