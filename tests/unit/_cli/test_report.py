"""Outcomes as the command line prints them."""

from decimal import Decimal
from typing import get_args

import pytest

from autoshares_cancel import (
    Attempt,
    Cancelled,
    ConfigurationError,
    InvalidCredentials,
    NoReply,
    NotSent,
    Order,
    OrderConflict,
    Outcome,
    TokenUnavailable,
)
from autoshares_cancel._cli.report import EXIT_CODES, REFUSED_CONNECTION, advice_on, as_object, line, repeated

CANCELLED = Cancelled(account_id=1, order_id=2, status_code=204)


def test_every_outcome_has_an_exit_code() -> None:
    """Every outcome has an exit code."""
    assert set(EXIT_CODES) == set(get_args(Outcome))


def test_only_cancelled_exits_with_0() -> None:
    """Law 1, for scripts: only Cancelled gives 0."""
    assert [kind for kind, code in EXIT_CODES.items() if code == 0] == [Cancelled]


def test_a_line_says_what_happened_and_what_to_do() -> None:
    """A line has the meaning, the status, the detail, and the advice of the class."""
    conflict = OrderConflict(account_id=1, order_id=2, status_code=409, detail="gone")
    assert line(2, conflict) == f"2  {conflict.meaning} (status 409): gone -> {conflict.advice}"
    assert conflict.advice.endswith(": autoshares-cancel show 1 2")
    assert line(2, CANCELLED).startswith("2  cancelled (status 204) -> ")
    assert line(2, NotSent(account_id=1, order_id=2)) == f"2  {NotSent.meaning} -> {NotSent.advice}"


def test_an_object_has_the_same_keys_for_every_outcome() -> None:
    """A program finds every key in every object."""
    outcomes: list[Outcome] = [CANCELLED, NoReply(account_id=1, order_id=2), TokenUnavailable(detail="no")]
    objects = [as_object(1, 2, outcome) for outcome in outcomes]
    assert [sorted(item) for item in objects] == [sorted(objects[0])] * 3
    assert [item["outcome"] for item in objects] == ["Cancelled", "NoReply", "TokenUnavailable"]
    assert [item["exit_code"] for item in objects] == [0, 5, 7]


def test_an_object_holds_what_is_known() -> None:
    """An object has the caller's ids, and what is known; unknown values are null."""
    attempts = (Attempt(status_code=401, evidence="reply 401", seconds=0.1),) * 2
    conflict = OrderConflict(account_id=1, order_id=2, status_code=409, detail="gone", attempts=attempts)
    assert as_object(1, 2, conflict) == {
        "account_id": 1,
        "order_id": 2,
        "outcome": "OrderConflict",
        "status_code": 409,
        "detail": "gone",
        "attempts": 2,
        "confirmed": False,
        "order_status": None,
        "executed_quantity": None,
        "retry_after": None,
        "exit_code": 4,
        "advice": conflict.advice,
    }
    read = Order(account_id=1, order_id=2, status="Canceled", executed_quantity=Decimal("0.30"))
    done = as_object(1, 2, Cancelled(account_id=1, order_id=2, status_code=None, confirmed=True, order=read))
    assert [done[name] for name in ("confirmed", "order_status", "executed_quantity")] == [True, "Canceled", "0.30"]
    unasked = as_object(1, 2, ConfigurationError("wrong"))
    assert [unasked[name] for name in ("status_code", "detail", "attempts", "exit_code")] == [None, "wrong", 0, 2]


def test_an_order_that_was_met_before_is_no_outcome() -> None:
    """A repeated order has the same keys, names the first line, and has exit code 0."""
    assert repeated(1, 2, 7) == {
        "account_id": 1,
        "order_id": 2,
        "outcome": "Repeated",
        "status_code": None,
        "detail": "same order as in line 7",
        "attempts": 0,
        "confirmed": False,
        "order_status": None,
        "executed_quantity": None,
        "retry_after": None,
        "exit_code": 0,
        "advice": "nothing to do: see the outcome of line 7",
    }


def test_an_order_that_is_given_twice_refers_to_the_line_above() -> None:
    """Without a file, a repeated order refers to the outcome above, and every other key is as for a file."""
    given = repeated(1, 2)
    assert (given["detail"], given["advice"]) == ("same order as above", "nothing to do: see the outcome above")
    assert given == {**repeated(1, 2, 7), "detail": given["detail"], "advice": given["advice"]}


def test_a_confirmed_cancel_says_so() -> None:
    """A confirmed cancel needs nothing; another one names the command that shows whether the venue confirmed it."""
    confirmed = Cancelled(account_id=1, order_id=2, status_code=204, confirmed=True)
    assert line(2, confirmed) == "2  cancelled, confirmed (status 204) -> nothing to do"
    plain = Cancelled(account_id=1, order_id=2, status_code=204)
    to_do = "to learn whether the venue confirmed it, read the order: autoshares-cancel show 1 2"
    assert line(2, plain) == f"2  cancelled (status 204) -> {to_do}"
    assert as_object(1, 2, plain)["advice"] == to_do


def test_a_configuration_error_is_a_line_and_an_object_too() -> None:
    """An order whose ids are wrong has no status, and its reason and advice are shown."""
    wrong = ConfigurationError("order_id must be plain digits, not 'x'")
    text = line(2, wrong)
    assert text == f"2  {wrong.meaning}: order_id must be plain digits, not 'x' -> {wrong.advice}"
    assert as_object(1, 2, wrong)["advice"] == wrong.advice == advice_on(wrong)


HINTS: dict[str, tuple[Outcome, str]] = {
    "no /token": (
        TokenUnavailable(status_code=404, detail="no"),
        "check AUTOSHARES_BASE_URL, because there is no /token at that address; ",
    ),
    "a refused connection": (
        NotSent(account_id=1, order_id=2, detail=f"[Errno 111] {REFUSED_CONNECTION}"),
        "check the network, and host and port of AUTOSHARES_BASE_URL; ",
    ),
    "a log-in that failed otherwise": (InvalidCredentials(status_code=401, detail="no"), ""),
    "an order that is not there": (OrderConflict(account_id=1, order_id=2, status_code=404), ""),
    "no reason": (NoReply(account_id=1, order_id=2), ""),
}


@pytest.mark.parametrize("case", HINTS)
def test_the_advice_begins_with_a_hint_at_a_wrong_address(case: str) -> None:
    """A 404 of /token and a refused connection point to AUTOSHARES_BASE_URL, in a line, an object and the advice."""
    outcome, hint = HINTS[case]
    assert advice_on(outcome) == f"{hint}{outcome.advice}"
    assert as_object(1, 2, outcome)["advice"] == advice_on(outcome)
    assert line(2, outcome).endswith(f" -> {advice_on(outcome)}")
