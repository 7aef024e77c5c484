"""DELETE of an order, quick or checked by the venue: the rules of every call, and one more.

9. The book decides: 204 or 409. The quick cancel is decided at once. With the setting `cancel_delay` it only begins:
   the order is PendingCancel, and a fill can still come first. The cancel at the venue is decided after `venue_delay`
   seconds and is final: if the order was filled before, it gets 409.
"""

from __future__ import annotations

from http import HTTPStatus

from attrs import define

from autoshares_cancel.mock._replies import Document
from autoshares_cancel.mock._waiting import sleep
from autoshares_cancel.mock.api.order_call import OrderCall
from autoshares_cancel.mock.api.rules import OrderRequest
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.orders import ConflictError

PATH = "/api/v{version}/accounts/{account_id}/orders/{order_id}"
VENUE_PATH = "/api/v{version}/accounts/{account_id}/syncorders/{order_id}"
METHODS = ["DELETE"]


def book_decides(request: OrderRequest, exchange: Exchange, delay: float = 0) -> int:
    """Decide by rule 9; the order is cancelled `delay` seconds later."""
    try:
        exchange.cancel(request.account_id or 0, request.order_id or 0, delay=delay, fate=request.fate)
    except ConflictError:
        return HTTPStatus.CONFLICT
    return HTTPStatus.NO_CONTENT


@define
class Cancel(OrderCall):
    """The quick cancel."""

    allow = "DELETE, GET"

    async def decide(self, request: OrderRequest) -> int:
        """Let the book decide at once."""
        return book_decides(request, self.state.exchange, self.state.settings.cancel_delay)

    def found(self, request: OrderRequest) -> Document:
        """Return the body of a 200."""
        del request
        return {}  # documented as an object, and no field is


@define
class CancelAtVenue(Cancel):
    """The cancel that the venue checks as well."""

    allow = "DELETE"

    async def decide(self, request: OrderRequest) -> int:
        """Let the book decide after `venue_delay`."""
        if delay := self.state.settings.venue_delay:
            await sleep(delay)
        return book_decides(request, self.state.exchange)
