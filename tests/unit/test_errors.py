"""Exceptions as values."""

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import get_args

import pytest

from autoshares_cancel import (
    Attempt,
    AuthenticationError,
    AutosharesError,
    CancelError,
    Cancelled,
    ConfigurationError,
    NotSent,
    Order,
    OrderConflict,
    OrdersRemain,
    OrdersUnreadable,
    OrderUnreadable,
    Outcome,
)

LISTING = [OrdersRemain, OrdersUnreadable]
LEAVES = [*(kind for kind in get_args(Outcome) if kind is not Cancelled), OrderUnreadable, *LISTING]
ATTEMPT = Attempt(status_code=409, evidence="reply 409", seconds=0.1)
ORDER = Order(account_id=1, order_id=2, status="Filled", quantity=Decimal("0.1"), extra={"ExecInst": 0})

DONE = Cancelled(account_id=1, order_id=2, status_code=204)


def example(kind: type[AutosharesError]) -> AutosharesError:
    if issubclass(kind, CancelError | OrderUnreadable):
        return kind(account_id=1, order_id=2, status_code=409, detail="said", attempts=(ATTEMPT,), order=ORDER)
    if issubclass(kind, OrdersUnreadable):
        return kind(account_id=1, status_code=403, detail="said")
    if issubclass(kind, OrdersRemain):
        return kind(account_id=1, detail="said", remaining=(ORDER,), outcomes={2: DONE}, listings=3)
    if issubclass(kind, AuthenticationError):
        return kind(detail="said", status_code=401)
    return kind("said")


@pytest.mark.parametrize("kind", LEAVES)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_survives_copy_and_pickle(
    kind: type[AutosharesError], again: Callable[[AutosharesError], AutosharesError]
) -> None:
    """An outcome can be handed to another process without losing a field."""
    error = example(kind)
    error.add_note("seen at the desk")
    other = again(error)
    assert type(other) is kind
    assert str(other) == str(error)
    assert vars(other) == vars(error)


@pytest.mark.parametrize("kind", LEAVES)
def test_says_what_happened_and_what_to_do(kind: type[AutosharesError]) -> None:
    """Each class has words of its own for what it means, and advice."""
    assert kind.meaning != AutosharesError.meaning
    assert kind.advice != AutosharesError.advice
    assert "said" in str(example(kind))


def test_message_names_order_account_status_and_detail() -> None:
    """The message of a CancelError is enough to act on."""
    conflict = OrderConflict(account_id=1, order_id=2, status_code=409, detail="said")
    assert str(conflict) == f"order 2 of account 1: {OrderConflict.meaning} (status 409): said"
    assert str(NotSent(account_id=1, order_id=2)) == f"order 2 of account 1: {NotSent.meaning}"


def test_what_is_not_said_is_none() -> None:
    """Status, detail and order are None, and there are no attempts, where nobody gave them."""
    bare = NotSent(account_id=1, order_id=2)
    assert (bare.status_code, bare.detail, bare.attempts, bare.order) == (None, None, (), None)


def test_an_order_that_cannot_be_read_was_not_cancelled() -> None:
    """Who catches CancelError catches what became of a cancel, and nothing of read_order."""
    assert not issubclass(OrderUnreadable, CancelError)
    assert issubclass(OrderUnreadable, AutosharesError)


@pytest.mark.parametrize("kind", LISTING)
def test_what_is_about_an_account_is_about_no_order(kind: type[AutosharesError]) -> None:
    """Who catches CancelError catches what became of one order, and nothing of cancel_all or open_orders."""
    assert not issubclass(kind, CancelError)
    assert not hasattr(example(kind), "order_id")


def test_what_cannot_be_listed_says_why() -> None:
    """The account, the status if there was one, and what was said."""
    refused = OrdersUnreadable(account_id=1, status_code=403, detail="said")
    assert str(refused) == f"account 1: {OrdersUnreadable.meaning} (status 403): said"
    assert (refused.account_id, refused.status_code, refused.detail) == (1, 403, "said")
    silent = OrdersUnreadable(account_id=1)
    assert str(silent) == f"account 1: {OrdersUnreadable.meaning}"
    assert (silent.status_code, silent.detail) == (None, None)


@pytest.mark.parametrize(("count", "more"), [(1, ""), (10, ""), (11, " and 1 more"), (350, " and 340 more")])
def test_what_remains_is_named_up_to_ten(count: int, more: str) -> None:
    """A message stays readable however many orders there are; all of them are in `remaining`."""
    remaining = tuple(Order(account_id=1, order_id=number, status="New") for number in range(count))
    error = OrdersRemain(account_id=1, detail="why", remaining=remaining, outcomes={2: DONE}, listings=2)
    named = ", ".join(f"{number} (working)" for number in range(min(count, 10)))
    assert str(error) == f"account 1: {OrdersRemain.meaning}: why; open: {named}{more}"
    assert (error.account_id, error.detail, error.remaining) == (1, "why", remaining)
    assert (error.outcomes, error.listings) == ({2: DONE}, 2)


def test_where_nothing_is_known_to_remain_nothing_is_named() -> None:
    """A listing that could not be read shows nothing, which is not to say that nothing is open."""
    error = OrdersRemain(account_id=1, detail="why", remaining=(), outcomes={}, listings=1)
    assert str(error) == f"account 1: {OrdersRemain.meaning}: why"


def test_configuration_error_is_a_value_error() -> None:
    """Code that catches ValueError for bad arguments catches ours."""
    assert issubclass(ConfigurationError, ValueError)
