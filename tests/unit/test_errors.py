"""Exceptions keep their fields, and their messages say what happened."""

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args

import pytest

from autoshares_cancel import (
    Attempt,
    AuthenticationError,
    AutosharesError,
    CancelError,
    Cancelled,
    ConfigurationError,
    NoReply,
    NotSent,
    Order,
    OrderConflict,
    OrderFilter,
    OrdersRemain,
    OrdersUnreadable,
    OrderUnreadable,
    Outcome,
    OutcomeUnknown,
    ServerFailed,
    UndocumentedStatus,
)
from autoshares_cancel._values.about_order import show_command

ABOUT_ORDERS = (OrderConflict, OutcomeUnknown, NoReply, ServerFailed, UndocumentedStatus)
"""The outcomes after which the order has to be read."""
LISTING = [OrdersRemain, OrdersUnreadable]
LEAVES = [*(kind for kind in get_args(Outcome) if kind is not Cancelled), OrderUnreadable, *LISTING]
ATTEMPT = Attempt(status_code=409, evidence="reply 409", seconds=0.1)
ORDER = Order(account_id=1, order_id=2, status="Filled", quantity=Decimal("0.1"), extra={"ExecInst": 0})

DONE = Cancelled(account_id=1, order_id=2, status_code=204)


def example(kind: type[AutosharesError]) -> AutosharesError:
    if issubclass(kind, CancelError | OrderUnreadable):
        return kind(account_id=1, order_id=2, status_code=409, detail="reason", attempts=(ATTEMPT,), order=ORDER)
    if issubclass(kind, OrdersUnreadable):
        return kind(account_id=1, status_code=403, detail="reason")
    if issubclass(kind, OrdersRemain):
        return kind(account_id=1, detail="reason", remaining=(ORDER,), outcomes={2: DONE}, listings=3)
    if issubclass(kind, AuthenticationError):
        return kind(detail="reason", status_code=401)
    return kind("reason")


@pytest.mark.parametrize("kind", LEAVES)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_survives_copy_and_pickle(
    kind: type[AutosharesError], again: Callable[[AutosharesError], AutosharesError]
) -> None:
    """An outcome passes to another process without losing a field."""
    error = example(kind)
    error.add_note("seen at the desk")
    other = again(error)
    assert type(other) is kind
    assert str(other) == str(error)
    assert vars(other) == vars(error)


@pytest.mark.parametrize("kind", LEAVES)
def test_says_what_happened_and_what_to_do(kind: type[AutosharesError]) -> None:
    """Each class has its own meaning, and an advice."""
    assert kind.meaning != AutosharesError.meaning
    assert kind.advice != AutosharesError.advice
    assert "reason" in str(example(kind))


@pytest.mark.parametrize("kind", ABOUT_ORDERS)
def test_an_order_to_be_read_is_named_with_the_command_that_reads_it(kind: type[CancelError]) -> None:
    """An unknown or conflicting outcome names the command that shows its order; the class names its general form."""
    error = kind(account_id=6303, order_id=73552)
    assert kind.advice.endswith(": autoshares-cancel show ACCOUNT_ID ORDER_ID")
    assert error.advice.endswith(": autoshares-cancel show 6303 73552")
    assert error.as_dict()["advice"] == error.advice


@pytest.mark.parametrize("ids", [(-5, 3), (5, -3), (-5, -3)], ids=str)
def test_a_negative_id_in_a_command_is_no_option(ids: tuple[int, int]) -> None:
    """An id may be negative; the pasted command must not take it for an option."""
    assert show_command(*ids) == f"autoshares-cancel show -- {ids[0]} {ids[1]}"
    assert show_command(0, 0) == "autoshares-cancel show 0 0"


def test_message_names_order_account_status_and_detail() -> None:
    """The message of a CancelError has order, account, status and detail."""
    conflict = OrderConflict(account_id=1, order_id=2, status_code=409, detail="reason")
    assert str(conflict) == f"order 2 of account 1: {OrderConflict.meaning} (status 409): reason"
    assert str(NotSent(account_id=1, order_id=2)) == f"order 2 of account 1: {NotSent.meaning}"


def test_what_is_not_given_is_none() -> None:
    """Without arguments status, detail and order are None, and there are no attempts."""
    bare = NotSent(account_id=1, order_id=2)
    assert (bare.status_code, bare.detail, bare.attempts, bare.order) == (None, None, (), None)


def test_an_order_that_cannot_be_read_was_not_cancelled() -> None:
    """`except CancelError` catches no OrderUnreadable."""
    assert not issubclass(OrderUnreadable, CancelError)
    assert issubclass(OrderUnreadable, AutosharesError)


@pytest.mark.parametrize("kind", LISTING)
def test_what_is_about_an_account_is_about_no_order(kind: type[AutosharesError]) -> None:
    """`except CancelError` catches no exception of cancel_all and open_orders."""
    assert not issubclass(kind, CancelError)
    assert not hasattr(example(kind), "order_id")


def test_what_cannot_be_listed_says_why() -> None:
    """The message has the account, the status if there is one, and the detail."""
    refused = OrdersUnreadable(account_id=1, status_code=403, detail="reason")
    assert str(refused) == f"account 1: {OrdersUnreadable.meaning} (status 403): reason"
    assert (refused.account_id, refused.status_code, refused.detail) == (1, 403, "reason")
    silent = OrdersUnreadable(account_id=1)
    assert str(silent) == f"account 1: {OrdersUnreadable.meaning}"
    assert (silent.status_code, silent.detail) == (None, None)


@pytest.mark.parametrize(("count", "more"), [(1, ""), (10, ""), (11, " and 1 more"), (350, " and 340 more")])
def test_what_remains_is_named_up_to_ten(count: int, more: str) -> None:
    """A message names ten orders and counts the others; `remaining` has all of them."""
    remaining = tuple(Order(account_id=1, order_id=number, status="New") for number in range(count))
    known: dict[str, Any] = {"outcomes": {2: DONE}, "listings": 2, "status_code": 403}
    error = OrdersRemain(account_id=1, detail="why", remaining=remaining, **known)
    named = ", ".join(f"{number} (working)" for number in range(min(count, 10)))
    assert str(error) == f"account 1: {OrdersRemain.meaning}: why; open: {named}{more}"
    assert (error.account_id, error.detail, error.remaining) == (1, "why", remaining)
    assert {name: getattr(error, name) for name in known} == known


def test_where_nothing_is_known_to_remain_nothing_is_named() -> None:
    """A listing that can't be read names no order; orders may still be open."""
    error = OrdersRemain(account_id=1, detail="why", remaining=(), outcomes={}, listings=1)
    assert str(error) == f"account 1: {OrdersRemain.meaning}: why"


def test_what_remains_names_its_filter() -> None:
    """The message and the value repeat the filter."""
    wanted = OrderFilter(symbols=("AAPL",))
    error = OrdersRemain(account_id=1, detail="why", remaining=(), outcomes={}, listings=1, filter=wanted)
    assert error.filter is wanted
    assert str(error) == f"account 1: {OrdersRemain.meaning} of orders that match symbol AAPL: why"


def test_configuration_error_is_a_value_error() -> None:
    """`except ValueError` catches a ConfigurationError."""
    assert issubclass(ConfigurationError, ValueError)
