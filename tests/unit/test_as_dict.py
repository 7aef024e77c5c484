"""Outcomes and orders as objects: every key is documented, every value is JSON."""

import json
import re
from datetime import UTC, datetime
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
    InvalidCredentials,
    Order,
    OrderConflict,
    Outcome,
    RateLimited,
)

ORDER = Order(
    account_id=6303,
    order_id=73552,
    status="Canceled",
    quantity=Decimal("100.00000"),
    executed_quantity=Decimal("40.5"),
    symbol="AAPL",
    side="Buy",
    type="Limit",
    leaves_quantity=Decimal(0),
    average_price=Decimal("10.25"),
    description="by the desk",
    placed_at=datetime(2026, 7, 1, 14, 30, 0, 250_000, tzinfo=UTC),
    created_at=datetime(2026, 7, 1, tzinfo=UTC),
    expires_at=datetime(2026, 7, 2, 20, tzinfo=UTC),
    extra={"ExecInst": Decimal(0)},
)
ATTEMPT = Attempt(status_code=204, evidence="reply 204", seconds=0.1)
IDS: dict[str, Any] = {"account_id": 6303, "order_id": 73552}
DONE = Cancelled(**IDS, status_code=204, detail="done", attempts=(ATTEMPT,) * 2, confirmed=True, order=ORDER)
TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "str": (str,), "float": (float,), "bool": (bool,)}


def example(kind: type[Any]) -> Any:
    """An outcome of this class, with everything that it can have."""
    if issubclass(kind, Cancelled):
        return DONE
    if issubclass(kind, CancelError):
        failure = kind(**IDS, status_code=409, detail="reason", attempts=(ATTEMPT,), order=ORDER)
        if isinstance(failure, RateLimited):
            failure.retry_after = 2.0
        return failure
    return kind(detail="reason", status_code=401) if issubclass(kind, AuthenticationError) else kind("reason")


def documented(method: Any) -> dict[str, tuple[type, ...]]:
    """The keys that a docstring lists, with their types."""
    lines = re.findall(r"^ *(\w+): (\w+); \S", method.__doc__, re.MULTILINE)
    return {key: TYPES[kind] for key, kind in lines}


CASES = {**{kind.__name__: example(kind) for kind in get_args(Outcome)}, "Order": ORDER}


@pytest.mark.parametrize("value", CASES.values(), ids=CASES)
def test_every_key_is_documented_with_its_type(value: Any) -> None:
    """A program can rely on the docstring: it lists exactly the keys that are there, and the type of each value."""
    kind = Order if isinstance(value, Order) else Cancelled
    keys = documented(kind.as_dict)
    found = value.as_dict()
    assert list(found) == list(keys)
    assert [key for key, each in found.items() if each is not None and type(each) not in keys[key]] == []


@pytest.mark.parametrize("value", CASES.values(), ids=CASES)
def test_every_object_is_json_as_it_is(value: Any) -> None:
    """json.dumps accepts the dict, and json.loads returns an equal one."""
    assert json.loads(json.dumps(value.as_dict(), allow_nan=False)) == value.as_dict()


def test_an_outcome_holds_what_is_known() -> None:
    """as_dict has the status of the order as read, the number of attempts, and decimals as text."""
    assert DONE.as_dict() == {
        **IDS,
        "outcome": "Cancelled",
        "status_code": 204,
        "detail": "done",
        "attempts": 2,
        "confirmed": True,
        "order_status": "Canceled",
        "executed_quantity": "40.5",
        "retry_after": None,
        "advice": DONE.advice,
    }
    bare = OrderConflict(**IDS).as_dict()
    assert bare == {
        **dict.fromkeys(bare),
        **IDS,
        "outcome": "OrderConflict",
        "attempts": 0,
        "confirmed": False,
        "advice": OrderConflict(**IDS).advice,
    }


def test_an_order_has_its_numbers_as_text() -> None:
    """A quantity keeps every digit that the server sent; times are in ISO 8601."""
    assert ORDER.as_dict() == {
        **IDS,
        "symbol": "AAPL",
        "side": "Buy",
        "type": "Limit",
        "quantity": "100.00000",
        "executed_quantity": "40.5",
        "status": "Canceled",
        "state": "cancelled",
        "time_in_force": None,
        "leaves_quantity": "0",
        "average_price": "10.25",
        "description": "by the desk",
        "placed_at": "2026-07-01T14:30:00.250000+00:00",
        "created_at": "2026-07-01T00:00:00+00:00",
        "expires_at": "2026-07-02T20:00:00+00:00",
    }
    bare = Order(**IDS).as_dict()
    assert bare == {**dict.fromkeys(bare), **IDS, "state": "unknown"}


def test_as_dict_has_retry_after() -> None:
    """retry_after is in seconds, or None."""
    limited = RateLimited(**IDS)
    assert limited.as_dict()["retry_after"] is None
    limited.retry_after = 1.5
    assert limited.as_dict()["retry_after"] == 1.5


def test_a_failure_without_an_order_names_none() -> None:
    """A failed log-in and a wrong argument have no ids, only a detail."""
    refused = InvalidCredentials(detail="refused", status_code=401).as_dict()
    assert (refused["account_id"], refused["order_id"], refused["detail"]) == (None, None, "refused")
    wrong = ConfigurationError("order_id must be an int").as_dict()
    assert (wrong["order_id"], wrong["detail"]) == (None, "order_id must be an int")


def test_cancelled_has_a_meaning_and_an_advice_as_failures_have() -> None:
    """Law 1: without confirmation, the advice says that the venue's answer is open, and nothing that contradicts it."""
    accepted = Cancelled(**IDS, status_code=204)
    assert (accepted.meaning, DONE.meaning) == ("cancelled", "cancelled, confirmed")
    to_do = "to learn whether the venue confirmed it, read the order: autoshares-cancel show 6303 73552"
    assert accepted.advice == to_do
    assert DONE.advice == "nothing to do"


def test_cancelled_is_one_line_for_people() -> None:
    """The str of Cancelled has the form of a failure's message; its repr has every field."""
    accepted = Cancelled(**IDS, status_code=204)
    assert str(accepted) == "order 73552 of account 6303: cancelled (status 204)"
    assert str(DONE) == "order 73552 of account 6303: cancelled, confirmed (status 204): done"
    assert str(Cancelled(**IDS, status_code=None)) == "order 73552 of account 6303: cancelled"
    assert repr(accepted).startswith("Cancelled(account_id=6303, order_id=73552, status_code=204")


def test_every_exception_has_an_object() -> None:
    """Every AutosharesError has as_dict."""
    kinds = {*AutosharesError.__subclasses__(), *(each for each in get_args(Outcome) if each is not Cancelled)}
    assert [kind for kind in kinds if kind.as_dict is not AutosharesError.as_dict] == [ConfigurationError]
