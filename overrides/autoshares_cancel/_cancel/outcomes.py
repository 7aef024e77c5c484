"""Evidence → outcome: pure, total, exhaustive.

1. The status decides; a body, whole, broken or of the wrong kind, only adds a detail. Only a 200 is Cancelled by its
   body: the flow has read the order where the body contradicts, and concludes unknown where reading did not settle it.
2. Such a 200 and a 204 are Cancelled, and no other status is.
3. Every other documented status has a class of its own. The match ends in assert_never over the generated Literal, so
   a status that the specification gains or loses fails the type checkers.
4. A status that the specification does not know is unknown to us too, whatever the number.
5. No reply is NotSent only with the proof that nothing left; else it is NoReply.
6. A call that ends before its conclusion is judged by interrupted, the only other place (law 4).
"""

from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, assert_never, cast

from attrs import frozen

from autoshares_cancel._cancel.notes import notes_on
from autoshares_cancel._cancel.terms import EARLIER, Conclusion
from autoshares_cancel._retry.decision import TOO_MANY, retry_after
from autoshares_cancel._values.about_order import AsDict, line_about, show_command
from autoshares_cancel._values.evidence import Attempt, Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.status import State
from autoshares_cancel._values.text import bounded, status_and_detail
from autoshares_cancel.errors import (
    AppKeyRejected,
    AuthenticationError,
    ConfigurationError,
    InvalidCredentials,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    OrderConflict,
    OrderUnreadable,
    OutcomeUnknown,
    RateLimited,
    SecondFactorRequired,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)
from autoshares_openapi.api.orders import cancel_order, cancel_order_at_venue

SUCCESS: Final = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)
CONFIRMED: Final = "nothing to do"
UNCONFIRMED: Final = "to learn whether the venue confirmed it, read the order"


@frozen(kw_only=True)
class Cancelled(AsDict):
    """The server accepted the cancel of this order, or reading the order showed that it is cancelled.

    A 204 accepts it, and a 200 whose whole body is empty or a JSON object that does not contradict. With
    `confirmed=False` the API accepted the cancel, and the execution venue may still answer otherwise (the vendor's page
    on quick and venue-verified cancels).
    """

    account_id: int
    order_id: int
    status_code: int | None
    """200 or 204; None where neither came and reading has shown it."""
    detail: str | None = None
    """The body of a 200, printable and at most 500 characters, or None."""
    attempts: tuple[Attempt, ...] = ()
    """Every request of this call about the order, first to last."""
    confirmed: bool = False
    """Whether the order was read, and is Canceled."""
    order: Order | None = None
    """The order as it was read last, or None where it was not."""

    def __str__(self) -> str:
        return line_about(self.order_id, self.account_id, self.meaning, self.status_code, self.detail)

    @property
    def meaning(self) -> str:
        """What happened, in a few words: with `confirmed=False`, cancelled as far as the API knows."""
        return "cancelled, confirmed" if self.confirmed else "cancelled"

    @property
    def advice(self) -> str:
        """What to do next. With `confirmed=False` it names the command that reads the order (extra `cli`)."""
        return CONFIRMED if self.confirmed else f"{UNCONFIRMED}: {show_command(self.account_id, self.order_id)}"

    @property
    def executed_quantity(self) -> Decimal | None:
        """What was executed before the cancel; None where the order was not read, or does not say."""
        return None if self.order is None else self.order.executed_quantity

    @property
    def leaves_quantity(self) -> Decimal | None:
        """What may still be executed, 0 where the order is final; None as above."""
        return None if self.order is None else self.order.leaves_quantity


CancelFailure = (
    NotAuthorized
    | AppKeyRejected
    | InvalidRequest
    | RateLimited
    | OrderConflict
    | NotSent
    | OutcomeUnknown
    | ServerFailed
    | UndocumentedStatus
    | NoReply
)
Outcome = Cancelled | CancelFailure | InvalidCredentials | SecondFactorRequired | TokenUnavailable | ConfigurationError
"""Everything that can become of one cancel: what cancel_order returns, or raises."""
FOUND: Final[Mapping[State | None, type[Cancelled | OrderConflict]]] = {
    State.CANCELLED: Cancelled,
    State.OVER: OrderConflict,
}
"""What reading the order proves, by the state that it shows."""


# The match below is for both ways of cancelling. Where their statuses differ, the type checkers fail here (law 2).
_AT_VENUE: Final[tuple[cancel_order.Status, ...]] = cancel_order_at_venue.STATUSES
_BY_THE_API: Final[tuple[cancel_order_at_venue.Status, ...]] = cancel_order.STATUSES


def outcome_of(
    conclusion: Conclusion,
    *,
    account_id: int,
    order_id: int,
    secrets: tuple[Secret, ...],
    earlier: OutcomeUnknown | None = None,
) -> Cancelled | CancelFailure:
    """What the end of a call says about the order. Pure and total; no secret gets into the detail.

    `earlier`: the outcome of the earlier call that left the order in doubt, if it is known.
    """
    evidence, order = conclusion.evidence, conclusion.order
    kind = _kind_of_conclusion(conclusion)
    status_code, detail = status_and_detail(evidence, secrets)
    if evidence is EARLIER and conclusion.found is None:
        kind = OutcomeUnknown if earlier is None else type(earlier)
        if earlier is not None:
            status_code, detail = earlier.status_code, ": ".join(filter(None, (detail, earlier.detail)))
    if kind is Cancelled:
        success = status_code if status_code in SUCCESS else None
        return Cancelled(
            account_id=account_id,
            order_id=order_id,
            status_code=success,
            detail=detail if success else None,
            attempts=conclusion.attempts,
            confirmed=conclusion.found is State.CANCELLED,
            order=order,
        )
    notes = (*notes_on(conclusion, kind, secrets), detail)
    failure = kind(
        account_id=account_id,
        order_id=order_id,
        status_code=status_code,
        detail=bounded("; ".join(filter(None, notes))),
        attempts=conclusion.attempts,
        order=order,
    )
    cast(BaseException, failure).__cause__ = conclusion.failure
    if isinstance(failure, RateLimited):
        failure.retry_after = retry_after(evidence)
    return failure


def interrupted(
    *,
    account_id: int,
    order_id: int,
    detail: str,
    in_doubt: bool,
    may_have_left: bool = False,
    answer: Evidence | None = None,
    attempts: tuple[Attempt, ...] = (),
) -> CancelFailure:
    """What a call leaves of the order that ended before its conclusion. Pure.

    `in_doubt`: a cancel of this call or of an earlier one may have been acted upon. `may_have_left`: the request that
    was cut off may have been. `answer`: the last evidence of a cancel.
    """
    known: dict[str, Any] = {"account_id": account_id, "order_id": order_id, "detail": detail, "attempts": attempts}
    kind: Any = OutcomeUnknown if in_doubt else NoReply if may_have_left else NotSent
    if kind is NotSent and answer is not None:
        kind, known["status_code"] = _kind_of(answer), getattr(answer, "status_code", None)
    outcome: CancelFailure = (OutcomeUnknown if kind is Cancelled else kind)(**known)
    return outcome


def failed_log_in(outcome: Outcome) -> AuthenticationError | None:
    """The failed log-in that is the outcome, or its cause where the order was in doubt. Pure."""
    failure = outcome if isinstance(outcome, AuthenticationError) else getattr(outcome, "__cause__", None)
    return failure if isinstance(failure, AuthenticationError) else None


def _kind_of_conclusion(conclusion: Conclusion) -> type[Cancelled | CancelFailure]:
    found = FOUND.get(conclusion.found)
    if found is not None:
        return found
    kind = _kind_of(conclusion.evidence)
    return kind if not conclusion.unknown or issubclass(kind, OutcomeUnknown) else OutcomeUnknown


def _kind_of(evidence: Evidence) -> type[Cancelled | CancelFailure]:
    match evidence:
        case Reply():
            return _kind_of_status(evidence.status_code)
        case NotWritten():
            return NotSent
        case NoResponse():
            return NoReply


def _kind_of_status(status_code: int) -> type[Cancelled | CancelFailure]:
    if status_code == TOO_MANY:  # which no page of the vendor's documents, and everybody sends
        return RateLimited
    if not cancel_order.is_documented(status_code):
        return UndocumentedStatus
    match status_code:
        # One case for each status: mypy says nothing of a part of a pattern that can't be reached any more.
        case 200:
            return Cancelled
        case 204:
            return Cancelled
        case 401:
            return NotAuthorized
        case 403:
            return AppKeyRejected
        case 409:
            return OrderConflict
        case 422:
            return InvalidRequest
        case 500:
            return ServerFailed
        case _:
            assert_never(status_code)


def unreadable(
    evidence: Evidence, attempts: tuple[Attempt, ...], *, account_id: int, order_id: int, secrets: tuple[Secret, ...]
) -> OrderUnreadable:
    """Why an order could not be read. Pure and total; no secret gets into the detail."""
    status_code, detail = status_and_detail(evidence, secrets)
    return OrderUnreadable(
        account_id=account_id, order_id=order_id, status_code=status_code, detail=detail, attempts=attempts
    )
