# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""DELETE /v{version}/accounts/{account_id}/syncorders/{order_id}: Cancel an order, checked by the venue."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeGuard

from ...client import Request, segment
from ...errors import UnreadableBody
from ...models.cancel_reply import CancelReply
from ...types import unique_members

Status = Literal[200, 204, 401, 403, 409, 422, 500]
"""The documented status codes of this operation."""

STATUSES: Final[tuple[Status, ...]] = (
    200,
    204,
    401,
    403,
    409,
    422,
    500,
)

MEDIA_TYPES: Final[Mapping[Status, tuple[str, ...]]] = {
    200: (
        "application/json",
        "text/json",
    ),
    204: (),
    401: (),
    403: (),
    409: (),
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
    """Cancels one outstanding order. The API and the execution venue check the request. This takes longer,
    and the order may be filled in that time."""
    headers: dict[str, str] = {}
    path = f"/v{segment(str(version))}/accounts/{account_id:d}/syncorders/{order_id:d}"
    return Request(method="DELETE", path=path, headers=headers)


def is_documented(status_code: int) -> TypeGuard[Status]:
    """Whether the specification knows this status code for this operation."""
    return status_code in STATUSES


def parse(*, status_code: Status, content: bytes) -> CancelReply | None:
    """Read the body of a documented reply; None where no body is documented.

    Raises UnreadableBody, and nothing else, when the body is not what is documented.
    """
    try:
        if status_code in (200,):
            return CancelReply.from_dict(json.loads(content, parse_float=Decimal, object_pairs_hook=unique_members))
    except (ArithmeticError, RecursionError, TypeError, ValueError):
        raise UnreadableBody(status_code) from None
    return None
