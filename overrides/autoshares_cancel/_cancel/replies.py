"""What the bodies of readings and listings say, as orders. Pure and total: whatever is no such body gives None."""

import re
from decimal import Decimal
from typing import Final, Literal, TypeVar, assert_never

from autoshares_cancel._values.evidence import Evidence, Reply, date_of
from autoshares_cancel._values.order import Order, OrderPage, utc
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.status import status_named
from autoshares_cancel._values.text import shown
from autoshares_openapi import UnreadableBody, Unset
from autoshares_openapi.api.orders import get_order, list_orders
from autoshares_openapi.models import OrderPageReply, OrderReply

T = TypeVar("T")

NoNumber = Literal["no number"]
NO_NUMBER: Final[NoNumber] = "no number"


MOST_DIGITS: Final = 10
DIGITS: Final = re.compile(r"[0-9]{1,10}")
DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def order_of(evidence: Evidence, *, account_id: int, order_id: int, secrets: tuple[Secret, ...] = ()) -> Order | None:
    """The order in a reply to a read; None where it is none, or another one. Pure and total; no secret gets into it."""
    if not isinstance(evidence, Reply) or not _has_order(evidence.status_code) or not evidence.is_whole:
        return None
    try:
        reply = get_order.parse(status_code=200, content=evidence.body)
        if reply is None or not _is_about(reply, account_id, order_id):
            return None
        return _order(reply, account_id, order_id, evidence, secrets)
    except (UnreadableBody, RecursionError):  # something in it is nested too deep to be gone through
        return None


def page_of(evidence: Evidence, *, account_id: int, secrets: tuple[Secret, ...] = ()) -> OrderPage | None:
    """The page in a reply to a listing; None where it is none. Pure and total; no secret gets into it.

    A page with an order that can't be identified, or of another account, is none: an account is clear only
    when every order in it is known.
    """
    if not isinstance(evidence, Reply) or not _has_page(evidence.status_code) or not evidence.is_whole:
        return None
    try:
        reply = list_orders.parse(status_code=200, content=evidence.body)
        return None if reply is None else _page(reply, account_id, evidence, secrets)
    except (UnreadableBody, RecursionError):  # as above
        return None


def _has_order(status_code: int) -> bool:
    """Whether a reply with this status has an order in it. One case for each documented status (law 2)."""
    if not get_order.is_documented(status_code):
        return False
    match status_code:
        case 200:
            return True
        case 401:
            return False
        case 403:
            return False
        case 422:
            return False
        case 500:
            return False
        case _:
            assert_never(status_code)


def _has_page(status_code: int) -> bool:
    """Whether a reply with this status has a page of orders in it. One case for each documented status (law 2)."""
    if not list_orders.is_documented(status_code):
        return False
    match status_code:
        case 200:
            return True
        case 400:
            return False
        case 401:
            return False
        case 403:
            return False
        case 422:
            return False
        case 500:
            return False
        case _:
            assert_never(status_code)


def _page(reply: OrderPageReply, account_id: int, evidence: Reply, secrets: tuple[Secret, ...]) -> OrderPage | None:
    if isinstance(reply.result, Unset) or "Result" in reply.additional_properties:
        return None
    orders = [_listed(item, account_id, evidence, secrets) for item in reply.result]
    total = _number(reply.total_count, reply.additional_properties.get("TotalCount"))
    if None in orders or isinstance(total, str):
        return None
    # Only whether it is empty decides, and masking neither empties a text nor fills it.
    next_link = shown(given(reply.next_page_link), secrets)
    return OrderPage(orders=tuple(filter(None, orders)), next_link=next_link, total=total)


def _listed(reply: OrderReply, account_id: int, evidence: Reply, secrets: tuple[Secret, ...]) -> Order | None:
    """An order of a listing; None where it, or one of its legs, has no number, or another account."""
    number, account = _id(reply), _account(reply)
    if not isinstance(number, int) or not 0 <= number < 10**MOST_DIGITS or account not in {None, account_id}:
        return None
    order = _order(reply, account_id, number, evidence, secrets)
    return order if len(order.legs) == len(given(reply.legs) or ()) and "Legs" not in order.extra else None


def _order(reply: OrderReply, account_id: int, order_id: int, evidence: Reply, secrets: tuple[Secret, ...]) -> Order:
    rest = reply.additional_properties
    expires_at = utc(given(reply.expire_date))
    legs = [_listed(leg, account_id, evidence, secrets) for leg in given(reply.legs) or ()]
    return Order(
        account_id=account_id,
        order_id=order_id,
        status=_status(reply.status, rest.get("Status"), secrets),
        quantity=_quantity(reply.quantity, rest.get("Quantity")),
        executed_quantity=_quantity(reply.executed_quantity, rest.get("ExecutedQuantity")),
        leaves_quantity=_quantity(reply.leaves_quantity, rest.get("LeavesQuantity")),
        average_price=_quantity(reply.average_price, rest.get("AveragePrice")),
        symbol=shown(given(reply.symbol), secrets),
        side=shown(given(reply.side), secrets, "Side"),
        type=shown(given(reply.type_), secrets, "Type"),
        execution_status=_status(reply.execution_status, rest.get("ExecutionStatus"), secrets),
        description=shown(given(reply.description), secrets),
        placed_at=utc(given(reply.date)),
        time_in_force=shown(given(reply.time_in_force), secrets, "TimeInForce"),
        created_at=utc(given(reply.create_date)),
        expires_at=expires_at,
        read_at=None if expires_at is None else date_of(evidence),
        legs=tuple(leg for leg in legs if leg is not None),
        named=_id(reply) == order_id,
        extra=shown(rest, secrets),
    )


def _is_about(reply: OrderReply, account_id: int, order_id: int) -> bool:
    """Whether it names no other order and no other account."""
    return _id(reply) in {None, order_id} and _account(reply) in {None, account_id}


def _id(reply: OrderReply) -> int | NoNumber | None:
    return _number(reply.id, reply.additional_properties.get("Id"))


def _account(reply: OrderReply) -> int | NoNumber | None:
    return _number(reply.account_id, reply.additional_properties.get("AccountId"))


def _number(number: int | Unset, otherwise: object) -> int | NoNumber | None:
    """The number that was read, or what came in its place; None where nothing did."""
    value = otherwise if isinstance(number, Unset) else number
    return None if value is None else whole_number(value)


def whole_number(value: object) -> int | NoNumber:
    """A whole number, also one that came as `73552.0` or as text. Pure."""
    if isinstance(value, str) and DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, Decimal) and value.adjusted() < MOST_DIGITS and value == value.to_integral_value():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else NO_NUMBER


def _quantity(quantity: Decimal | Unset, otherwise: object) -> Decimal | None:
    """A quantity or price, also one that came as text."""
    if not isinstance(quantity, Unset):
        return quantity
    return Decimal(otherwise) if isinstance(otherwise, str) and DECIMAL.fullmatch(otherwise) else None


def _status(status: str | Unset, otherwise: object, secrets: tuple[Secret, ...]) -> str | None:
    """The vendor's word for a status, in whatever form it came; a status that is not known as it came."""
    return status_named(otherwise if isinstance(status, Unset) else status) or shown(given(status), secrets)


def given(value: T | Unset) -> T | None:
    """What was there and of the documented type, or None."""
    return None if isinstance(value, Unset) else value
