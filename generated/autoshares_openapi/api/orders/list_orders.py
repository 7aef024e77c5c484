# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""GET /v{version}/accounts/{account_id}/orders: List the orders of an account."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeGuard

from ...client import Request, segment, with_query
from ...errors import UnreadableBody
from ...models.order_page_reply import OrderPageReply
from ...types import UNSET, Unset, unique_members

Status = Literal[200, 400, 401, 403, 422, 500]
"""The documented status codes of this operation."""

STATUSES: Final[tuple[Status, ...]] = (
    200,
    400,
    401,
    403,
    422,
    500,
)

MEDIA_TYPES: Final[Mapping[Status, tuple[str, ...]]] = {
    200: (
        "application/json",
        "text/json",
    ),
    400: (),
    401: (),
    403: (),
    422: (),
    500: (),
}
"""The documented media types of each status; none where no body is documented."""


def request(
    *,
    version: str = "1",
    account_id: int,
    page_number: int,
    page_size: int,
    filter_: str | Unset = UNSET,
    sort_field: str | Unset = UNSET,
    desc: bool | Unset = UNSET,
) -> Request:
    """Gives one page of an account's orders. Orders may appear and disappear between two requests, so an
    order may move to another page."""
    headers: dict[str, str] = {}
    path = f"/v{segment(str(version))}/accounts/{account_id:d}/orders"
    query: dict[str, bool | float | str] = {}
    query["pageNumber"] = page_number
    query["pageSize"] = page_size
    if not isinstance(filter_, Unset):
        query["filter"] = filter_
    if not isinstance(sort_field, Unset):
        query["sortField"] = sort_field
    if not isinstance(desc, Unset):
        query["desc"] = desc
    path += with_query(query)
    return Request(method="GET", path=path, headers=headers)


def is_documented(status_code: int) -> TypeGuard[Status]:
    """Whether the specification knows this status code for this operation."""
    return status_code in STATUSES


def parse(*, status_code: Status, content: bytes) -> OrderPageReply | None:
    """Read the body of a documented reply; None where no body is documented.

    Raises UnreadableBody, and nothing else, when the body is not what is documented.
    """
    try:
        if status_code in (200,):
            return OrderPageReply.from_dict(json.loads(content, parse_float=Decimal, object_pairs_hook=unique_members))
    except (ArithmeticError, RecursionError, TypeError, ValueError):
        raise UnreadableBody(status_code) from None
    return None
