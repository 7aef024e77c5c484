"""Callers that match every outcome: none is missing, and none is impossible."""

from typing import assert_never

from autoshares_cancel import (
    AppKeyRejected,
    Attempt,
    AutosharesError,
    CancelError,
    Cancelled,
    Client,
    ConfigurationError,
    InvalidCredentials,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    OrderConflict,
    Outcome,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SecondFactorRequired,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)


def each_by_its_class(outcome: Outcome) -> str:
    """Every class of the union, one by one."""
    match outcome:
        case Cancelled():
            return f"{outcome.order_id} {outcome.status_code}"
        case NotAuthorized() | AppKeyRejected() | InvalidRequest() | RateLimited():
            return "refused"
        case OrderConflict():
            return "conflict"
        case NotSent():
            return "not sent"
        case ServerFailed() | UndocumentedStatus() | NoReply() | OutcomeUnknown():
            return "unknown"
        case InvalidCredentials() | SecondFactorRequired() | TokenUnavailable():
            return outcome.detail
        case ConfigurationError():
            return str(outcome)
        case _:
            assert_never(outcome)


def dead_alive_or_unknown(outcome: Outcome) -> bool | None:
    """Whether the order is cancelled, by the base classes: True, False, or None if it is unknown."""
    match outcome:
        case Cancelled():
            return True
        case Refused() | OrderConflict() | NotSent():
            return False
        case OutcomeUnknown():
            return None
        case InvalidCredentials() | SecondFactorRequired() | TokenUnavailable() | ConfigurationError():
            return False
        case _:
            assert_never(outcome)


def what_is_raised(client: Client) -> tuple[str | None, int | None, tuple[Attempt, ...]]:
    """A failure has the ids, the status, the detail and the attempts."""
    try:
        cancelled: Cancelled = client.cancel_order(account_id=6303, order_id=73552)
    except CancelError as error:
        account: int = error.account_id
        order: int = error.order_id
        return f"{account} {order} {error.detail}", error.status_code, error.attempts
    except AutosharesError as error:
        return f"{error.meaning}: {error.advice}", None, ()
    status: int | None = cancelled.status_code
    return cancelled.detail, status, cancelled.attempts
