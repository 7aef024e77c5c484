"""DELETE of an order: the rules, in the order in which they are asked.

1. The application key is right, else 403, whatever the token.
2. The token is a live access token, else 401.
3. The version is served, else 404.
4. Both ids are int32 in plain decimal, else 422.
5. The account is the user's, else 401.
6. `Prefer: code=NNN` answers NNN and leaves the book alone.
7. So does the order number 9000NNN.
8. Order number 9100NNN, where NNN is the number of a fault, would answer 204; its fault decides what goes out.
9. The book decides: 204, or 409.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote

from attrs import define, field, frozen
from starlette.requests import Request
from starlette.responses import Response

from autoshares_cancel.mock._asked import bearer_token, only, raw_path, wanted_status
from autoshares_cancel.mock._desk import Desk
from autoshares_cancel.mock._exchange import Exchange
from autoshares_cancel.mock._faults import BY_ORDER
from autoshares_cancel.mock._orders import ConflictError, is_int32
from autoshares_cancel.mock._replies import STATUSES, Bodies, Document, Reply, guide_document, render

PATH = "/api/v{version}/accounts/{account_id}/orders/{order_id}"
METHODS = ["DELETE"]

_VERSIONS = {"1", "1.0"}
_FIRST_STATUS_ORDER = 9_000_000
# Leading zeros apart, ten digits are enough for an int32; Python refuses to read thousands of them.
_DECIMAL = re.compile(r"(-?)0*([0-9]{1,10})")


@frozen(kw_only=True)
class Cancel:
    """One cancel as it was asked for: path segments decoded, headers None unless they came exactly once."""

    app_key: str | None = field(repr=False)
    token: str | None = field(repr=False)
    version: str
    account_id: int | None
    order_id: int | None
    preferences: tuple[str, ...] = ()


def int32(text: str) -> int | None:
    """Read a plain decimal int32; None for anything else."""
    decimal = _DECIMAL.fullmatch(text)
    if decimal is None:
        return None
    value = int(decimal[1] + decimal[2])
    return value if is_int32(value) else None


def app_key_is_right(cancel: Cancel, exchange: Exchange) -> int | None:
    """Rule 1."""
    return None if cancel.app_key == exchange.app_key else HTTPStatus.FORBIDDEN


def token_is_good(cancel: Cancel, exchange: Exchange) -> int | None:
    """Rule 2."""
    return None if exchange.user_of(cancel.token or "") else HTTPStatus.UNAUTHORIZED


def version_is_served(cancel: Cancel, _exchange: Exchange) -> int | None:
    """Rule 3."""
    return None if cancel.version in _VERSIONS else HTTPStatus.NOT_FOUND


def ids_are_int32(cancel: Cancel, _exchange: Exchange) -> int | None:
    """Rule 4."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if None in {cancel.account_id, cancel.order_id} else None


def account_is_owned(cancel: Cancel, exchange: Exchange) -> int | None:
    """Rule 5."""
    user = exchange.user_of(cancel.token or "")
    return None if user and cancel.account_id in user.accounts else HTTPStatus.UNAUTHORIZED


def status_is_preferred(cancel: Cancel, _exchange: Exchange) -> int | None:
    """Rule 6."""
    return wanted_status(cancel.preferences)


def order_is_a_status(cancel: Cancel, _exchange: Exchange) -> int | None:
    """Rule 7."""
    status = (cancel.order_id or 0) - _FIRST_STATUS_ORDER
    return status if status in STATUSES else None


def order_is_a_fault(cancel: Cancel, _exchange: Exchange) -> int | None:
    """Rule 8."""
    return HTTPStatus.NO_CONTENT if cancel.order_id in BY_ORDER else None


def book_decides(cancel: Cancel, exchange: Exchange) -> int | None:
    """Rule 9."""
    try:
        exchange.cancel(cancel.account_id or 0, cancel.order_id or 0)
    except ConflictError:
        return HTTPStatus.CONFLICT
    return HTTPStatus.NO_CONTENT


RULES: tuple[Callable[[Cancel, Exchange], int | None], ...] = (
    app_key_is_right,
    token_is_good,
    version_is_served,
    ids_are_int32,
    account_is_owned,
    status_is_preferred,
    order_is_a_status,
    order_is_a_fault,
    book_decides,
)


def decide(cancel: Cancel, exchange: Exchange) -> int:
    """Give the status that the first rule with something to say answers; the last one always has."""
    return next(status for rule in RULES if (status := rule(cancel, exchange)) is not None)


def document_for(status: int, cancel: Cancel, bodies: Bodies, *, path: str) -> Document | None:
    """Give the body of a cancel's answer."""
    if status == HTTPStatus.OK:
        return {}  # documented as an object, and no field is
    if bodies == "none":
        return None
    document = guide_document(status, method="DELETE", path=path)
    ids = {"accountId": cancel.account_id, "orderId": cancel.order_id}
    wrong = {name: [f"{name} is not an int32"] for name, value in ids.items() if value is None}
    if document and wrong and status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return {**document, "ModelState": wrong}
    return document


@define
class CancelEndpoint:
    """Rules on one side, HTTP on the other."""

    desk: Desk

    async def cancel(self, request: Request) -> Response:
        """Answer one DELETE."""
        self.desk.traffic.order_requests += 1
        cancel = read(request)
        status = decide(cancel, self.desk.exchange)
        document = document_for(status, cancel, self.desk.settings.bodies, path=raw_path(request))
        headers = {"Allow": "DELETE"} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        return render(Reply(status=status, document=document, headers=headers), request.headers.getlist("Accept"))


def read(request: Request) -> Cancel:
    """Read what a request asks for."""
    segments = {name: unquote(segment) for name, segment in request.path_params.items()}
    return Cancel(
        app_key=only(request, "Et-App-Key"),
        token=bearer_token(request),
        version=segments["version"],
        account_id=int32(segments["account_id"]),
        order_id=int32(segments["order_id"]),
        preferences=tuple(request.headers.getlist("Prefer")),
    )
