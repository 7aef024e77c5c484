"""GET of an order: the rules of every call, and one more.

9. The book decides: 200 with the order, or 422 when the account has no such order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from attrs import define

from autoshares_cancel.mock._replies import Document
from autoshares_cancel.mock._settings import StatusForm
from autoshares_cancel.mock.api.list_query import NUMBERED
from autoshares_cancel.mock.api.order_call import OrderCall
from autoshares_cancel.mock.api.rules import OrderRequest
from autoshares_cancel.mock.exchange.book import Book
from autoshares_cancel.mock.exchange.orders import Order

METHODS = ["GET"]

# The date at zero on the exchange's clock, fixed so that the same steps give the same dates.
EPOCH = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_LONGEST_SECONDS = 1_000_000_000  # some thirty years; a test may advance the clock beyond the range of dates
_PRICE = 10.5
_NUMBERS = {status: number for number, status in enumerate(NUMBERED)}
_FORMS: Mapping[StatusForm, Callable[[str], str | int]] = {
    "word": lambda status: status,
    "number": lambda status: _NUMBERS.get(status, status),
    "both": lambda status: f"{_NUMBERS[status]} - {status}" if status in _NUMBERS else status,
    "spaced": lambda status: re.sub(r"\B([A-Z])", r" \1", status),
    "lower": lambda status: status.lower().replace("canceled", "cancelled"),
}
"""The spellings of a status on the vendor's pages; Held has no number."""


@define
class Read(OrderCall):
    """The reading of one order."""

    allow = "DELETE, GET"

    async def decide(self, request: OrderRequest) -> int:
        """Decide by rule 9."""
        # The vendor documents neither 404 nor 409 for this call; of the documented statuses, only 422 is about the ids.
        return HTTPStatus.UNPROCESSABLE_ENTITY if self._order(request) is None else HTTPStatus.OK

    def found(self, request: OrderRequest) -> Document:
        """Return the order; a new one if a 200 was requested for an order that does not exist."""
        order = self._order(request) or Order(order_id=request.order_id or 0, account_id=request.account_id or 0)
        document = shown(order, self.state.exchange, self.state.settings.status_form)
        self.state.exchange.was_read(order.order_id)
        return document

    def _order(self, request: OrderRequest) -> Order | None:
        return self.state.exchange.order_of(request.account_id or 0, request.order_id or 0)


def shown(order: Order, book: Book, form: StatusForm) -> Document:
    """Return an order and its legs as the vendor's JSON; `extra` replaces fields, and None removes one."""
    status = _FORMS[form](order.status)
    document: dict[str, Any] = {
        "Id": order.order_id,
        "AccountId": order.account_id,
        "Symbol": "ABCD",
        "Side": "Buy",
        "Type": "Limit",
        "Quantity": order.quantity,
        "ExecutedQuantity": order.executed_quantity,
        "LeavesQuantity": order.leaves_quantity,
        "AveragePrice": _PRICE if order.executed_quantity else 0,
        "Status": status,
        "ExecutionStatus": status,
        "Description": "",
        "Date": _date(order.placed_at),
        "CreateDate": _date(order.placed_at),
        "TimeInForce": order.time_in_force,
        "ExpireDate": None if order.expires_at is None else _date(order.expires_at),
        "Legs": _legs(order, book, form) or None,
        "ExecInst": "",
    }
    return {name: value for name, value in (document | order.extra).items() if value is not None}


def _legs(order: Order, book: Book, form: StatusForm) -> list[Document]:
    legs = [book.order_of(order.account_id, leg) for leg in order.legs]
    return [shown(leg, book, form) for leg in legs if leg is not None]


def _date(seconds: float) -> str:
    return f"{EPOCH + timedelta(seconds=min(seconds, _LONGEST_SECONDS)):%Y-%m-%dT%H:%M:%SZ}"
