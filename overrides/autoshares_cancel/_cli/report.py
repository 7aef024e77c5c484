"""An outcome as the command line prints it: a line, an object, an exit code. Pure."""

import errno
import os
from collections.abc import Mapping
from typing import Any, Final

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._cli.exit_codes import Exit
from autoshares_cancel._values.about_order import cause
from autoshares_cancel.errors import (
    AppKeyRejected,
    AuthenticationError,
    AutosharesError,
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
    Cancelled: Exit.CANCELLED,
    ConfigurationError: Exit.USAGE,
    NotAuthorized: Exit.REFUSED,
    AppKeyRejected: Exit.REFUSED,
    InvalidRequest: Exit.REFUSED,
    RateLimited: Exit.REFUSED,
    OrderConflict: Exit.CONFLICT,
    OutcomeUnknown: Exit.UNKNOWN,
    ServerFailed: Exit.UNKNOWN,
    UndocumentedStatus: Exit.UNKNOWN,
    NoReply: Exit.UNKNOWN,
    NotSent: Exit.NOT_SENT,
    InvalidCredentials: Exit.LOG_IN,
    SecondFactorRequired: Exit.LOG_IN,
    TokenUnavailable: Exit.LOG_IN,
}
REFUSED_CONNECTION: Final = os.strerror(errno.ECONNREFUSED)
NOT_FOUND: Final = 404


def line(order_id: int, outcome: Outcome) -> str:
    """One line for people: what happened, and what to do next."""
    values = outcome.as_dict()
    about = cause(values["status_code"], values["detail"])
    return f"{order_id}  {outcome.meaning}{about} -> {advice_on(outcome)}"


def as_object(account_id: int, order_id: int, outcome: Outcome) -> dict[str, Any]:
    """One object for programs: the outcome, the ids of the order, and the exit code of that order alone."""
    values = outcome.as_dict()
    values["account_id"], values["order_id"] = account_id, order_id
    values["advice"] = _with_hint(outcome, values["advice"])
    values["exit_code"] = int(EXIT_CODES[type(outcome)])
    return values


def advice_on(failure: Outcome | AutosharesError) -> str:
    """What to do next, with a hint where the failure shows that the address or the network is wrong."""
    return _with_hint(failure, failure.advice)


def _with_hint(failure: Outcome | AutosharesError, advice: str) -> str:
    if isinstance(failure, AuthenticationError) and failure.status_code == NOT_FOUND:
        return f"check AUTOSHARES_BASE_URL, because there is no /token at that address; {advice}"
    if REFUSED_CONNECTION in str(getattr(failure, "detail", None)):
        return f"check the network, and host and port of AUTOSHARES_BASE_URL; {advice}"
    return advice


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
