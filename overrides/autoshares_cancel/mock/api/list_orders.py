"""GET of an account's orders: the rules of every call, and two more.

9. Page and sort order must follow the rules of `list_query`, else 422.
10. The mock must understand the filter, else 400.
"""

from __future__ import annotations

from http import HTTPStatus

from attrs import define

from autoshares_cancel.mock._replies import Document
from autoshares_cancel.mock.api.list_query import MOST_ON_A_PAGE, query_of_page, read_list_query, what_is_wrong
from autoshares_cancel.mock.api.order_call import OrderCall
from autoshares_cancel.mock.api.read import shown
from autoshares_cancel.mock.api.rules import OrderRequest
from autoshares_cancel.mock.exchange.orders import STATUSES

PATH = "/api/v{version}/accounts/{account_id}/orders"
METHODS = ["GET"]


@define
class ListOrders(OrderCall):
    """The list of an account's orders, page by page."""

    allow = "GET"

    async def decide(self, request: OrderRequest) -> int:
        """Decide by rules 9 and 10."""
        wanted = read_list_query(request.query)
        if what_is_wrong(wanted):
            return HTTPStatus.UNPROCESSABLE_ENTITY
        return HTTPStatus.BAD_REQUEST if wanted.statuses is None else HTTPStatus.OK

    def wrong(self, request: OrderRequest) -> dict[str, str]:
        """Return the complaints about the ids; if there are none, those about the page."""
        return super().wrong(request) or what_is_wrong(read_list_query(request.query))

    def found(self, request: OrderRequest) -> Document:
        """Return the page; the first one if a 200 was requested without a page."""
        wanted = read_list_query(request.query)
        number, size = wanted.page_number or 0, wanted.page_size or MOST_ON_A_PAGE
        orders, total = self.state.exchange.page(
            request.account_id or 0,
            STATUSES if wanted.statuses is None else wanted.statuses,
            start=number * size,
            size=size,
            by_date=wanted.sort_field == "Date",
            desc=wanted.desc or False,
        )
        return {
            "Result": [shown(order, self.state.exchange, self.state.settings.status_form) for order in orders],
            "NextPageLink": _link(request, number + 1) if (number + 1) * size < total else "",
            "PreviousPageLink": _link(request, number - 1) if number else "",
            "TotalCount": total,
        }


def _link(request: OrderRequest, page_number: int) -> str:
    return f"{request.origin}{request.path}?{query_of_page(request.query, page_number)}"
