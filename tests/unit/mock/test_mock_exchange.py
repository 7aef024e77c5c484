"""The exchange on its own: no server, no waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from autoshares_cancel.mock._exchange import Event, Exchange
from autoshares_cancel.mock._orders import OPEN, STATUSES, ConflictError, Order
from autoshares_cancel.mock._users import LogIn, User

HOUR = 3600.0


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(clock=lambda: 1000.0)


def access_token(exchange: Exchange) -> str:
    answer = exchange.log_in("trader", "correct-horse")
    assert answer.token is not None
    return answer.token


def interim_token(exchange: Exchange, username: str = "two-factor") -> str:
    answer = exchange.log_in(username, "correct-horse")
    assert (answer.state, answer.token is None) == ("Expecting", False)
    return answer.token or ""


# What is known at start


def test_the_traders_orders_at_start(exchange: Exchange) -> None:
    """Ten open, one filled, one partly filled and open, one cancelled: 100 shares each."""
    orders = [order for order in exchange.orders.values() if order.account_id == 6303]
    assert [(order.order_id, order.status, order.executed_quantity, order.leaves_quantity) for order in orders] == [
        *[(number, "New", 0, 100) for number in range(73552, 73562)],
        (73562, "Filled", 100, 0),
        (73563, "PartiallyFilled", 40, 60),
        (73564, "Canceled", 0, 0),
    ]
    assert {order.quantity for order in orders} == {100}


def test_the_users_at_start(exchange: Exchange) -> None:
    """Five users own one account each, and three of them have more to prove than a password."""
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


def test_open_statuses_are_four() -> None:
    """Nothing else counts as open."""
    assert sorted(OPEN) == ["Held", "New", "PartiallyFilled", "PendingNew"]


def test_a_second_cancel_is_a_conflict(exchange: Exchange) -> None:
    """An order is cancelled once."""
    exchange.cancel(6303, 73552)
    with pytest.raises(ConflictError, match="order 73552 is Canceled"):
        exchange.cancel(6303, 73552)


@pytest.mark.parametrize(("account_id", "order_id"), [(6303, 1), (6303, 73600), (6400, 73552)])
def test_an_order_that_the_account_does_not_have_is_a_conflict(
    exchange: Exchange, account_id: int, order_id: int
) -> None:
    """Unknown orders and those of another account are not there."""
    before = exchange.orders
    with pytest.raises(ConflictError):
        exchange.cancel(account_id, order_id)
    assert exchange.orders == before


def test_a_fill_of_all_that_is_left_fills_the_order(exchange: Exchange) -> None:
    """60 of 60 left make it Filled."""
    assert exchange.fill(73563, 60).status == "Filled"
    assert exchange.orders[73563].executed_quantity == 100


def test_a_fill_of_less_leaves_it_open(exchange: Exchange) -> None:
    """Shares add up, and the order stays open."""
    exchange.fill(73552, 30)
    order = exchange.fill(73552, 30)
    assert (order.status, order.executed_quantity, order.leaves_quantity) == ("PartiallyFilled", 60, 40)


def test_a_fill_takes_all_by_default(exchange: Exchange) -> None:
    """Without a quantity, nothing is left."""
    assert exchange.fill(73563).executed_quantity == 100


@pytest.mark.parametrize("quantity", [0, -1, 101])
def test_a_fill_of_more_than_is_left_is_refused(exchange: Exchange, quantity: int) -> None:
    """The shares must be there."""
    with pytest.raises(ValueError, match="from 1 to 100 shares"):
        exchange.fill(73552, quantity)
    assert exchange.orders[73552].executed_quantity == 0


@pytest.mark.parametrize("order_id", [73562, 73564, 1])
def test_a_closed_or_unknown_order_is_not_filled(exchange: Exchange, order_id: int) -> None:
    """Only open orders execute."""
    with pytest.raises(ConflictError):
        exchange.fill(order_id)


def test_a_placed_order_is_open_and_has_the_next_number(exchange: Exchange) -> None:
    """The number after the highest, unless one is asked for."""
    assert exchange.place(6303).order_id == 73673
    assert exchange.place(6303, order_id=5, quantity=7) == Order(order_id=5, account_id=6303, quantity=7)
    assert exchange.orders[73673].status == "New"


def test_a_number_is_placed_once(exchange: Exchange) -> None:
    """An order is never replaced by placing another."""
    with pytest.raises(ValueError, match="order 73552 is already there"):
        exchange.place(6303, order_id=73552)


def test_the_ledger_tells_what_happened_in_order(exchange: Exchange) -> None:
    """Placed, executed and cancelled shares, and when; conflicts and seeds are not events."""
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
    """Users by name, orders by number; all others stay."""
    user = User(username="trader", password="new", accounts=(6303, 6304))
    exchange.seed(users=[user], orders=[Order(order_id=73552, account_id=6304, quantity=5)])
    assert exchange.users["trader"] == user
    assert exchange.orders[73552].quantity == 5
    assert (len(exchange.users), exchange.orders[73553].quantity) == (5, 100)


def test_a_seed_with_an_order_of_nobodys_account_changes_nothing(exchange: Exchange) -> None:
    """All or nothing."""
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
        ({"quantity": 0}, "quantity must be at least 1"),
        ({"executed_quantity": 101}, "executed_quantity must be from 0 to quantity"),
        ({"executed_quantity": -1}, "executed_quantity must be from 0 to quantity"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(wrong: dict[str, Any], why: str) -> None:
    """Ids are int32, statuses the vendor's, quantities possible."""
    fields: dict[str, Any] = {"order_id": 1, "account_id": 6303, **wrong}
    with pytest.raises(ValueError, match=why):
        Order(**fields)


def test_a_reset_brings_everything_back(exchange: Exchange) -> None:
    """Orders, users, ledger, tokens and clock."""
    token = access_token(exchange)
    exchange.seed(users=[User(username="new", password="new", accounts=(1,))])
    exchange.cancel(6303, 73552)
    exchange.advance(10)
    exchange.reset()
    fresh = Exchange()
    assert (exchange.orders, exchange.users) == (fresh.orders, fresh.users)
    assert (exchange.ledger, exchange.now(), exchange.user_of(token)) == ((), 0.0, None)


def test_what_is_read_is_a_copy(exchange: Exchange) -> None:
    """Changing it changes nothing at the exchange."""
    exchange.orders.clear()
    exchange.users.clear()
    assert (len(exchange.orders), len(exchange.users)) == (23, 5)


# Time


def test_the_clock_is_the_one_passed_in_plus_what_was_advanced() -> None:
    """Seconds since the start."""
    now = [50.0]
    exchange = Exchange(clock=lambda: now[0])
    now[0] = 53.0
    exchange.advance(4)
    assert exchange.now() == 7.0


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_the_clock_never_goes_back(exchange: Exchange, seconds: float) -> None:
    """Zero or more seconds, and finitely many."""
    with pytest.raises(ValueError, match="zero or more seconds"):
        exchange.advance(seconds)
    assert exchange.now() == 0.0


# Tokens and the dialog


def test_a_right_password_gives_an_access_token(exchange: Exchange) -> None:
    """Succeeded, with a token that is the user's."""
    user = exchange.user_of(access_token(exchange))
    assert user is not None
    assert user.username == "trader"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("trader", "wrong"),
        ("nobody", "correct-horse"),
        ("other", "correct-horse"),
        ("trader", None),
        (None, "correct-horse"),
        (None, None),
        ("trader", ""),
    ],
)
def test_wrong_credentials_fail_at_the_first_step(
    exchange: Exchange, username: str | None, password: str | None
) -> None:
    """The vendor's step and reason, and no token."""
    assert exchange.log_in(username, password) == LogIn(
        state="Failed", step="BaseAuthentication", reason="Invalid credentials"
    )


def test_a_token_lives_for_24_hours(exchange: Exchange) -> None:
    """Good until just before, unknown from then on."""
    token = access_token(exchange)
    exchange.advance(24 * HOUR - 1)
    assert exchange.user_of(token) is not None
    exchange.advance(1)
    assert exchange.user_of(token) is None


def test_a_second_log_in_leaves_the_first_token_good(exchange: Exchange) -> None:
    """Both tokens are the user's, and they differ."""
    first, second = access_token(exchange), access_token(exchange)
    assert first != second
    assert exchange.user_of(first) == exchange.user_of(second) == exchange.users["trader"]


def test_revoked_tokens_are_unknown(exchange: Exchange) -> None:
    """Access and interim tokens alike."""
    token, interim = access_token(exchange), interim_token(exchange)
    exchange.revoke_tokens()
    assert exchange.user_of(token) is None
    answer = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code="123456")
    assert answer.reason == "Corrupted ticket"


def test_an_interim_token_is_nobodys(exchange: Exchange) -> None:
    """It opens no account."""
    assert exchange.user_of(interim_token(exchange)) is None


@pytest.mark.parametrize(
    ("username", "step", "reason"),
    [
        ("two-factor", "VerificationCode", "Enter the verification code"),
        ("both", "VerificationCode", "Enter the verification code"),
        ("pin", "SecutityPin", "Enter the security pin"),
    ],
)
def test_a_second_factor_is_asked_for(exchange: Exchange, username: str, step: str, reason: str) -> None:
    """Expecting, the step in the vendor's spelling, and an interim token."""
    answer = exchange.log_in(username, "correct-horse")
    assert (answer.state, answer.step, answer.reason) == ("Expecting", step, reason)
    assert answer.token


def test_a_right_code_gives_an_access_token(exchange: Exchange) -> None:
    """The follow-up with the interim token and the code succeeds."""
    answer = exchange.log_in(
        "two-factor", "correct-horse", interim_token=interim_token(exchange), verification_code="123456"
    )
    assert (answer.state, answer.step, answer.reason) == ("Succeeded", None, None)
    assert exchange.user_of(answer.token or "") == exchange.users["two-factor"]


def test_a_right_pin_gives_an_access_token(exchange: Exchange) -> None:
    """The follow-up with the interim token and the PIN succeeds."""
    answer = exchange.log_in("pin", "correct-horse", interim_token=interim_token(exchange, "pin"), pin_code="4711")
    assert exchange.user_of(answer.token or "") == exchange.users["pin"]


def test_who_has_both_is_asked_twice(exchange: Exchange) -> None:
    """After the code comes the PIN, with an interim token of its own, even when the PIN was sent along."""
    first = interim_token(exchange, "both")
    second = exchange.log_in("both", "correct-horse", interim_token=first, verification_code="123456", pin_code="4711")
    assert (second.state, second.step, second.token != first) == ("Expecting", "SecutityPin", True)
    third = exchange.log_in("both", "correct-horse", interim_token=second.token, pin_code="4711")
    assert exchange.user_of(third.token or "") == exchange.users["both"]


def test_the_code_is_not_taken_where_the_pin_is_wanted(exchange: Exchange) -> None:
    """The interim token says which step it is."""
    second = exchange.log_in(
        "both", "correct-horse", interim_token=interim_token(exchange, "both"), verification_code="123456"
    )
    again = exchange.log_in("both", "correct-horse", interim_token=second.token, verification_code="123456")
    assert again == LogIn(state="Failed", step="SecutityPin", reason="Invalid security pin")


@pytest.mark.parametrize("code", ["654321", "", None])
def test_a_wrong_code_fails_at_its_step_and_may_be_tried_again(exchange: Exchange, code: str | None) -> None:
    """The interim token is still good for the right code."""
    interim = interim_token(exchange)
    wrong = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code=code)
    assert wrong == LogIn(state="Failed", step="VerificationCode", reason="Invalid verification code")
    right = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code="123456")
    assert right.state == "Succeeded"


@pytest.mark.parametrize("kind", ["missing", "unknown", "expired", "spent", "another user's", "access"])
def test_a_follow_up_without_a_good_interim_token_is_refused(exchange: Exchange, kind: str) -> None:
    """Corrupted ticket, whatever the code."""
    tokens: dict[str, Callable[[], str | None]] = {
        "missing": lambda: None,
        "unknown": lambda: "unknown",
        "expired": lambda: interim_token(exchange),
        "spent": lambda: interim_token(exchange),
        "another user's": lambda: interim_token(exchange, "both"),
        "access": lambda: access_token(exchange),
    }
    token = tokens[kind]()
    if kind == "expired":
        exchange.advance(600)
    if kind == "spent":
        exchange.log_in("two-factor", "correct-horse", interim_token=token, verification_code="123456")
    assert exchange.log_in("two-factor", "correct-horse", interim_token=token, verification_code="123456") == LogIn(
        state="Failed", step="BaseAuthentication", reason="Corrupted ticket"
    )


def test_an_interim_token_lives_for_ten_minutes(exchange: Exchange) -> None:
    """Good until just before."""
    interim = interim_token(exchange)
    exchange.advance(599)
    answer = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code="123456")
    assert answer.state == "Succeeded"


def test_a_follow_up_needs_the_password_again(exchange: Exchange) -> None:
    """The interim token does not stand for it."""
    answer = exchange.log_in("two-factor", None, interim_token=interim_token(exchange), verification_code="123456")
    assert answer.reason == "Invalid credentials"


def test_no_secret_is_in_a_repr(exchange: Exchange) -> None:
    """Law 5 holds in the mock, too."""
    token = access_token(exchange)
    shown = repr([exchange, exchange.users, exchange.log_in("trader", "correct-horse"), exchange._tokens])
    for secret in ("correct-horse", "battery-staple", "123456", "4711", token):
        assert secret not in shown
