# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""GET /v{version}/accounts/{account_id}/orders/{order_id}: Read an order."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeGuard

from ...client import Request, segment
from ...errors import UnreadableBody
from ...models.order_reply import OrderReply
from ...types import unique_members

Status = Literal[200, 401, 403, 422, 500]
"""The documented status codes of this operation."""

STATUSES: Final[tuple[Status, ...]] = (
    200,
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
    order_id: int,
) -> Request:
    """Reads one order. Fields may be missing, and may change their type between replies."""
    headers: dict[str, str] = {}
    path = f"/v{segment(str(version))}/accounts/{account_id:d}/orders/{order_id:d}"
    return Request(method="GET", path=path, headers=headers)


def is_documented(status_code: int) -> TypeGuard[Status]:
    """Whether the specification knows this status code for this operation."""
    return status_code in STATUSES


def parse(*, status_code: Status, content: bytes) -> OrderReply | None:
    """Read the body of a documented reply; None where no body is documented.

    Raises UnreadableBody, and nothing else, when the body is not what is documented.
    """
    try:
        if status_code in (200,):
            return OrderReply.from_dict(json.loads(content, parse_float=Decimal, object_pairs_hook=unique_members))
    except (ArithmeticError, RecursionError, TypeError, ValueError):
        raise UnreadableBody(status_code) from None
    return None
