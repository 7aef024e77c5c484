"""An outcome as the command line prints it: a line, an object, an exit code. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._values.about_order import cause
from autoshares_cancel.errors import (
    AppKeyRejected,
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


def gravest(codes: Iterable[int]) -> int:
    """The gravest of several exit codes; 0 if there is none."""
    return max(codes, key=GRAVITY.index, default=0)


def line(order_id: int, outcome: Outcome) -> str:
    """One line for people: what happened, and what to do next."""
    values = outcome.as_dict()
    return f"{order_id}  {outcome.meaning}{cause(values['status_code'], values['detail'])} -> {values['advice']}"


def as_object(account_id: int, order_id: int, outcome: Outcome) -> dict[str, Any]:
    """One object for programs: the outcome, the ids of the order, and the exit code of that order alone."""
    ids = {"account_id": account_id, "order_id": order_id}
    return outcome.as_dict() | ids | {"exit_code": EXIT_CODES[type(outcome)]}


def repeated(account_id: int, order_id: int, line: int | None = None) -> dict[str, Any]:
    """An object with the keys of as_object, for an order that came before; `line` is its line in a file."""
    values = as_object(account_id, order_id, NotSent(account_id=account_id, order_id=order_id))
    return {
        **values,
        "outcome": "Repeated",
        "detail": "same order as above" if line is None else f"same order as in line {line}",
        "exit_code": 0,
        "advice": f"nothing to do: see the outcome {'above' if line is None else f'of line {line}'}",
    }
