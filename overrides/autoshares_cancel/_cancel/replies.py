"""What the bodies of readings and listings say, as orders. Pure and total: whatever is no such body gives None."""

import re
from http import HTTPStatus
from typing import Final, TypeVar

from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.order import Order, OrderPage, utc
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import shown
from autoshares_openapi import UnreadableBody, Unset
from autoshares_openapi.api.orders import get_order, list_orders
from autoshares_openapi.models import OrderPageReply, OrderReply

T = TypeVar("T")


NUMBER: Final = re.compile(r"[0-9]{1,10}")


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
