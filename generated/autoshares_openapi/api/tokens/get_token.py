# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""POST /token: Get an access token."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeGuard

from ...client import Request
from ...errors import UnreadableBody
from ...models.token_reply import TokenReply
from ...types import UNSET, Unset, unique_members

Status = Literal[200, 202, 401]
"""The documented status codes of this operation."""

STATUSES: Final[tuple[Status, ...]] = (
    200,
    202,
    401,
)

MEDIA_TYPES: Final[Mapping[Status, tuple[str, ...]]] = {
    200: ("application/json",),
    202: ("application/json",),
    401: ("application/json",),
}
"""The documented media types of each status; none where no body is documented."""


def request(
    *,
    username: str | Unset = UNSET,
    password: str | Unset = UNSET,
    verification_code: str | Unset = UNSET,
    pin_code: str | Unset = UNSET,
) -> Request:
    """All values are headers, and the request has no body. A 202 asks for one more proof: repeat the call
    with the same user name and password, the interim token of the 202 as a bearer token in
    Authorization, and the proof. An interim token has no other use."""
    headers: dict[str, str] = {}
    if not isinstance(username, Unset):
        headers["Username"] = str(username)
    if not isinstance(password, Unset):
        headers["Password"] = str(password)
    if not isinstance(verification_code, Unset):
        headers["VerificationCode"] = str(verification_code)
    if not isinstance(pin_code, Unset):
        headers["PinCode"] = str(pin_code)
    path = "/token"
    return Request(method="POST", path=path, headers=headers)


def is_documented(status_code: int) -> TypeGuard[Status]:
    """Whether the specification knows this status code for this operation."""
    return status_code in STATUSES


def parse(*, status_code: Status, content: bytes) -> TokenReply | None:
    """Read the body of a documented reply; None where no body is documented.

    Raises UnreadableBody, and nothing else, when the body is not what is documented.
    """
    try:
        if status_code in (
            200,
            202,
            401,
        ):
            return TokenReply.from_dict(json.loads(content, parse_float=Decimal, object_pairs_hook=unique_members))
    except (ArithmeticError, RecursionError, TypeError, ValueError):
        raise UnreadableBody(status_code) from None
    return None
