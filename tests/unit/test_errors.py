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
    OrderUnreadable,
    Outcome,
)

LEAVES = [*(kind for kind in get_args(Outcome) if kind is not Cancelled), OrderUnreadable]
ATTEMPT = Attempt(status_code=409, evidence="reply 409", seconds=0.1)
ORDER = Order(account_id=1, order_id=2, status="Filled", quantity=Decimal("0.1"), extra={"ExecInst": 0})


def example(kind: type[AutosharesError]) -> AutosharesError:
    if issubclass(kind, CancelError | OrderUnreadable):
        return kind(account_id=1, order_id=2, status_code=409, detail="said", attempts=(ATTEMPT,), order=ORDER)
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


def test_configuration_error_is_a_value_error() -> None:
    """Code that catches ValueError for bad arguments catches ours."""
    assert issubclass(ConfigurationError, ValueError)
