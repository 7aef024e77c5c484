"""Evidence → outcome: pure, total, exhaustive.

1. The status alone decides; a body, whole, broken or of the wrong kind, only ever adds a detail.
2. 200 and 204 are Cancelled, and nothing else is.
3. Every other documented status has a class of its own. The match ends in assert_never over the generated Literal, so
   a status that the specification gains or loses fails the type checkers.
4. A status that the specification does not know is unknown to us too, whatever the number.
5. No reply is NotSent only with the proof that nothing left; else it is NoReply.
"""

import re
from decimal import Decimal
from http import HTTPStatus
from typing import Final, TypeVar, assert_never

from attrs import frozen

from autoshares_cancel._cancellation import Conclusion
from autoshares_cancel._detail import bounded, said_by, shown, status_of
from autoshares_cancel._evidence import Attempt, Evidence, NothingLeft, Reply, Silence
from autoshares_cancel._order import Order, OrderPage, State, utc
from autoshares_cancel._secret import Secret
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
    SecondFactorRequired,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)
from autoshares_openapi import UnreadableBody, Unset
from autoshares_openapi.api.orders import cancel_order, get_order, list_orders
from autoshares_openapi.models import OrderPageReply, OrderReply

T = TypeVar("T")

NUMBER: Final = re.compile(r"[0-9]{1,10}")

SUCCESS: Final = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)


@frozen(kw_only=True)
class Cancelled:
    """The server said that this order was cancelled (200 or 204), or reading it has shown so after an attempt of ours.

    The quick endpoint checks with the API only: the execution venue may still answer otherwise (the vendor's page on
    quick and venue-verified cancels), unless it is `confirmed`.
    """

    account_id: int
    order_id: int
    status_code: int | None
    """200 or 204; None where no such reply came and reading has shown it."""
    detail: str | None = None
    """What the body of a 200 said, printable and at most 500 characters, or None."""
    attempts: tuple[Attempt, ...] = ()
    """Every request of this call about the order, first to last."""
    confirmed: bool = False
    """Whether the order was read, and is Canceled."""
    order: Order | None = None
    """The order as it was read last, or None where it was not."""

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
    | OrderConflict
    | NotSent
    | OutcomeUnknown
    | ServerFailed
    | UndocumentedStatus
    | NoReply
)
Outcome = Cancelled | CancelFailure | InvalidCredentials | SecondFactorRequired | TokenUnavailable | ConfigurationError
"""Everything that can become of one cancel: what cancel_order returns, or raises."""


def outcome_of(
    conclusion: Conclusion, *, account_id: int, order_id: int, secrets: tuple[Secret, ...]
) -> Cancelled | CancelFailure:
    """What the end of a call says about the order. Pure and total; no secret gets into the detail."""
    evidence, order = conclusion.evidence, conclusion.order
    kind = _kind_of_conclusion(conclusion)
    status_code, detail = said_by(evidence, secrets)
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
    read = None if order is None else f"the order reads {status_of(order, secrets)}"
    return kind(
        account_id=account_id,
        order_id=order_id,
        status_code=status_code,
        detail=bounded("; ".join(filter(None, (read, detail)))),
        attempts=conclusion.attempts,
        order=order,
    )


def order_of(evidence: Evidence, *, account_id: int, order_id: int, secrets: tuple[Secret, ...] = ()) -> Order | None:
    """The order in a reply to a read; None where it is none, or another one. Pure and total; no secret gets into it."""
    if not isinstance(evidence, Reply) or evidence.status_code != HTTPStatus.OK:
        return None
    try:
        reply = get_order.parse(status_code=200, content=evidence.body)
        if reply is None or not _is_about(reply, account_id, order_id):
            return None
        return _order(reply, account_id, order_id, secrets)
    except (UnreadableBody, RecursionError):  # something in it is nested too deep to be gone through
        return None


def page_of(evidence: Evidence, *, account_id: int, secrets: tuple[Secret, ...] = ()) -> OrderPage | None:
    """The page in a reply to a listing; None where it is none. Pure and total; no secret gets into it.

    A page on which something can't be told apart, or belongs to another account, is none: who asks whether nothing is
    open must know of everything that is.
    """
    if not isinstance(evidence, Reply) or evidence.status_code != HTTPStatus.OK:
        return None
    try:
        reply = list_orders.parse(status_code=200, content=evidence.body)
        return None if reply is None else _page(reply, account_id, secrets)
    except (UnreadableBody, RecursionError):  # as above
        return None


def _page(reply: OrderPageReply, account_id: int, secrets: tuple[Secret, ...]) -> OrderPage | None:
    if isinstance(reply.result, Unset) or "Result" in reply.additional_properties:
        return None
    numbers = [_named(item.id, item, "Id") or "" for item in reply.result]
    accounts = {_named(item.account_id, item, "AccountId") for item in reply.result}
    if not all(map(NUMBER.fullmatch, numbers)) or not accounts <= {None, str(account_id)}:
        return None
    named = zip(map(int, numbers), reply.result, strict=True)
    orders = tuple(_order(item, account_id, order_id, secrets) for order_id, item in named)
    # Only whether it is empty decides, and masking neither empties a text nor fills it.
    next_link = shown(given(reply.next_page_link), secrets)
    return OrderPage(orders=orders, next_link=next_link, total=given(reply.total_count))


def _order(reply: OrderReply, account_id: int, order_id: int, secrets: tuple[Secret, ...]) -> Order:
    return Order(
        account_id=account_id,
        order_id=order_id,
        status=shown(given(reply.status), secrets, "Status"),
        quantity=given(reply.quantity),
        executed_quantity=given(reply.executed_quantity),
        leaves_quantity=given(reply.leaves_quantity),
        average_price=given(reply.average_price),
        symbol=shown(given(reply.symbol), secrets),
        side=shown(given(reply.side), secrets, "Side"),
        type=shown(given(reply.type_), secrets, "Type"),
        execution_status=shown(given(reply.execution_status), secrets, "ExecutionStatus"),
        description=shown(given(reply.description), secrets),
        placed_at=utc(given(reply.date)),
        named=_named(reply.id, reply, "Id") == str(order_id),
        extra=shown(reply.additional_properties, secrets),
    )


def _is_about(reply: OrderReply, account_id: int, order_id: int) -> bool:
    """Whether it names no other order and no other account."""
    order, account = _named(reply.id, reply, "Id"), _named(reply.account_id, reply, "AccountId")
    return order in {None, str(order_id)} and account in {None, str(account_id)}


def _named(number: int | Unset, reply: OrderReply, field: str) -> str | None:
    """The number that a reply gives, as text is as good as a number; None where it gives none."""
    said = reply.additional_properties.get(field) if isinstance(number, Unset) else number
    return None if said is None else str(said)


def given(value: T | Unset) -> T | None:
    """What was there and of the documented type, or None."""
    return None if isinstance(value, Unset) else value


def _kind_of_conclusion(conclusion: Conclusion) -> type[Cancelled | CancelFailure]:
    match conclusion.found:
        case State.CANCELLED:
            return Cancelled
        case State.OVER:
            return OrderConflict
        case _:
            kind = _kind_of(conclusion.evidence)
    if not conclusion.unknown or issubclass(kind, OutcomeUnknown):
        return kind
    return OutcomeUnknown


def _kind_of(evidence: Evidence) -> type[Cancelled | CancelFailure]:
    match evidence:
        case Reply():
            return _kind_of_status(evidence.status_code)
        case NothingLeft():
            return NotSent
        case Silence():
            return NoReply


def _kind_of_status(status_code: int) -> type[Cancelled | CancelFailure]:
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
