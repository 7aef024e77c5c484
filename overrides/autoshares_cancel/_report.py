"""Outcomes, as the command line tells them: a line, an object, an exit code. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from autoshares_cancel._outcomes import Cancelled, Outcome
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

DONE: Final = "nothing to do; where the venue's own word counts, read the order"


def gravest(codes: Iterable[int]) -> int:
    """The exit code of several outcomes."""
    return max(codes, key=GRAVITY.index, default=0)


def line(order_id: int, outcome: Outcome) -> str:
    """One line for a person: what happened, and what to do next."""
    meaning = "cancelled" if isinstance(outcome, Cancelled) else outcome.meaning
    said = [f"{order_id}  {meaning}"]
    values = as_object(0, order_id, outcome)
    if values["status_code"] is not None:
        said.append(f" (status {values['status_code']})")
    if values["detail"] is not None:
        said.append(f": {values['detail']}")
    return f"{''.join(said)} -> {values['advice']}"


def as_object(account_id: int, order_id: int, outcome: Outcome) -> dict[str, object]:
    """One object for a program; `outcome` is the name of the class, `exit_code` that of this order alone."""
    attempts = outcome.attempts if isinstance(outcome, Cancelled | CancelError) else ()
    return {
        "account_id": account_id,
        "order_id": order_id,
        "outcome": type(outcome).__name__,
        "status_code": getattr(outcome, "status_code", None),
        "detail": getattr(outcome, "detail", None),
        "attempts": len(attempts),
        "exit_code": EXIT_CODES[type(outcome)],
        "advice": DONE if isinstance(outcome, Cancelled) else outcome.advice,
    }
