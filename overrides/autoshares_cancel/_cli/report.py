"""Outcomes, as the command line tells them: a line, an object, an exit code. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel.errors import (
    AppKeyRejected,
    CancelError,
    ConfigurationError,
    InvalidCredentials,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    OrderConflict,
    OutcomeUnknown,
    SecondFactorRequired,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)

EXIT_CODES: Final[Mapping[type[Outcome], int]] = {
    Cancelled: 0,
    ConfigurationError: 2,
    NotAuthorized: 3,
    AppKeyRejected: 3,
    InvalidRequest: 3,
    OrderConflict: 4,
    OutcomeUnknown: 5,
    ServerFailed: 5,
    UndocumentedStatus: 5,
    NoReply: 5,
    NotSent: 6,
    InvalidCredentials: 7,
    SecondFactorRequired: 7,
    TokenUnavailable: 7,
}
GRAVITY: Final = (0, 4, 3, 6, 7, 2, 5)
"""Exit codes, the gravest last: done, over, refused, still there, nobody logged in, never asked, nobody knows."""

CONFIRMED: Final = "nothing to do"
DONE: Final = "nothing to do; where the venue's own word counts, read the order"


def gravest(codes: Iterable[int]) -> int:
    """The exit code of several outcomes."""
    return max(codes, key=GRAVITY.index, default=0)


def line(order_id: int, outcome: Outcome) -> str:
    """One line for a person: what happened, and what to do next."""
    values = as_object(0, order_id, outcome)
    meaning = outcome.meaning if not isinstance(outcome, Cancelled) else "cancelled"
    said = [f"{order_id}  {meaning}", ", confirmed" if values["confirmed"] else ""]
    if values["status_code"] is not None:
        said.append(f" (status {values['status_code']})")
    if values["detail"] is not None:
        said.append(f": {values['detail']}")
    return f"{''.join(said)} -> {values['advice']}"


def as_object(account_id: int, order_id: int, outcome: Outcome) -> dict[str, object]:
    """One object for a program; `outcome` is the name of the class, `exit_code` that of this order alone."""
    order = outcome.order if isinstance(outcome, Cancelled | CancelError) else None
    attempts = outcome.attempts if isinstance(outcome, Cancelled | CancelError) else ()
    return {
        "account_id": account_id,
        "order_id": order_id,
        "outcome": type(outcome).__name__,
        "status_code": getattr(outcome, "status_code", None),
        "detail": getattr(outcome, "detail", None),
        "attempts": len(attempts),
        "confirmed": isinstance(outcome, Cancelled) and outcome.confirmed,
        "order_status": None if order is None else order.status,
        "executed_quantity": None if order is None or order.executed_quantity is None else str(order.executed_quantity),
        "exit_code": EXIT_CODES[type(outcome)],
        "advice": _advice(outcome),
    }


def repeated(account_id: int, order_id: int, line: int) -> dict[str, object]:
    """What as_object is to an outcome, for an order that this run has met before."""
    told = as_object(account_id, order_id, NotSent(account_id=account_id, order_id=order_id))
    return {
        **told,
        "outcome": "Repeated",
        "detail": f"it is the order of line {line}",
        "exit_code": 0,
        "advice": f"nothing to do: line {line} says what became of it",
    }


def _advice(outcome: Outcome) -> str:
    if not isinstance(outcome, Cancelled):
        return outcome.advice
    return CONFIRMED if outcome.confirmed else DONE
