"""An outcome as the command line prints it: a line, an object, an exit code. Pure."""

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
    RateLimited,
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
    RateLimited: 3,
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
"""Exit codes, the gravest last: cancelled, conflict, refused, not sent, log-in failed, wrong line or usage, unknown."""

CONFIRMED: Final = "nothing to do"
DONE: Final = "nothing to do; to know whether the venue confirmed it, read the order"


def gravest(codes: Iterable[int]) -> int:
    """The gravest of several exit codes; 0 if there is none."""
    return max(codes, key=GRAVITY.index, default=0)


def line(order_id: int, outcome: Outcome) -> str:
    """One line for people: what happened, and what to do next."""
    values = as_object(0, order_id, outcome)
    meaning = outcome.meaning if not isinstance(outcome, Cancelled) else "cancelled"
    parts = [f"{order_id}  {meaning}", ", confirmed" if values["confirmed"] else ""]
    if values["status_code"] is not None:
        parts.append(f" (status {values['status_code']})")
    if values["detail"] is not None:
        parts.append(f": {values['detail']}")
    return f"{''.join(parts)} -> {values['advice']}"


def as_object(account_id: int, order_id: int, outcome: Outcome) -> dict[str, object]:
    """One object for programs. `outcome` is the name of the class; `exit_code` is that of this order alone."""
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
    """An object with the keys of as_object, for an order that the file already had in this line."""
    values = as_object(account_id, order_id, NotSent(account_id=account_id, order_id=order_id))
    return {
        **values,
        "outcome": "Repeated",
        "detail": f"same order as in line {line}",
        "exit_code": 0,
        "advice": f"nothing to do: see the outcome of line {line}",
    }


def _advice(outcome: Outcome) -> str:
    if not isinstance(outcome, Cancelled):
        return outcome.advice
    return CONFIRMED if outcome.confirmed else DONE
