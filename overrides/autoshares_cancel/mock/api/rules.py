"""The rules for every call about an order, applied from first to last.

1. The application key must be right, else 403, whatever the token.
2. The token must be a live access token, else 401.
3. The version must be served, else 404.
4. Both ids must be int32 in plain decimal, else 422.
5. The account must belong to the user, else 401.
6. `Prefer: code=NNN` is answered with NNN, and the book is not changed.
7. Order number 9000NNN is answered with NNN, and the book is not changed.
8. Order number 9100NNN, where NNN is the number of a fault, succeeds; the fault decides what is sent.

Each operation adds a ninth rule: the book decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote

from attrs import field, frozen
from starlette.requests import Request

from autoshares_cancel.mock._checks import is_int32
from autoshares_cancel.mock._replies import STATUSES
from autoshares_cancel.mock.api.headers import bearer_token, every, only, wanted_status
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.fates import Fate
from autoshares_cancel.mock.faults.catalogue import BY_ORDER

_VERSIONS = {"1", "1.0"}
_FIRST_STATUS_ORDER = 9_000_000
# Ten digits without leading zeros are enough for an int32; int() refuses thousands of digits.
_DECIMAL = re.compile(r"(-?)0*([0-9]{1,10})")


@frozen(kw_only=True)
class OrderRequest:
    """A call about an order: path segments are decoded; a header is None unless it came exactly once.

    `order_id` is 0 if the path names no order. `query` is undecoded. `origin` is scheme and host as the caller has it.
    """

    method: str
    path: str
    app_key: str | None = field(repr=False)
    token: str | None = field(repr=False)
    version: str
    account_id: int | None
    order_id: int | None
    preferences: tuple[str, ...] = ()
    query: str = ""
    origin: str = ""
    fate: Fate | None = None
    """The result that a script has armed for the order's cancel."""


def int32(text: str) -> int | None:
    """Parse a plain decimal int32; None for anything else."""
    decimal = _DECIMAL.fullmatch(text)
    if decimal is None:
        return None
    value = int(decimal[1] + decimal[2])
    return value if is_int32(value) else None


def app_key_is_right(request: OrderRequest, exchange: Exchange) -> int | None:
    """Apply rule 1."""
    return None if request.app_key == exchange.app_key else HTTPStatus.FORBIDDEN


def token_is_good(request: OrderRequest, exchange: Exchange) -> int | None:
    """Apply rule 2."""
    return None if exchange.user_of(request.token or "") else HTTPStatus.UNAUTHORIZED


def version_is_served(request: OrderRequest, _exchange: Exchange) -> int | None:
    """Apply rule 3."""
    return None if request.version in _VERSIONS else HTTPStatus.NOT_FOUND


def ids_are_int32(request: OrderRequest, _exchange: Exchange) -> int | None:
    """Apply rule 4."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if None in {request.account_id, request.order_id} else None


def account_is_owned(request: OrderRequest, exchange: Exchange) -> int | None:
    """Apply rule 5."""
    user = exchange.user_of(request.token or "")
    return None if user and request.account_id in user.accounts else HTTPStatus.UNAUTHORIZED


def status_is_preferred(request: OrderRequest, _exchange: Exchange) -> int | None:
    """Apply rule 6."""
    return wanted_status(request.preferences)


def order_is_a_status(request: OrderRequest, _exchange: Exchange) -> int | None:
    """Apply rule 7."""
    status = (request.order_id or 0) - _FIRST_STATUS_ORDER
    return status if status in STATUSES else None


def order_is_a_fault(request: OrderRequest, _exchange: Exchange) -> int | None:
    """Apply rule 8."""
    success = HTTPStatus.OK if request.method == "GET" else HTTPStatus.NO_CONTENT
    return success if request.order_id in BY_ORDER else None


RULES: tuple[Callable[[OrderRequest, Exchange], int | None], ...] = (
    app_key_is_right,
    token_is_good,
    version_is_served,
    ids_are_int32,
    account_is_owned,
    status_is_preferred,
    order_is_a_status,
    order_is_a_fault,
)


def first_status(request: OrderRequest, exchange: Exchange) -> int | None:
    """Return the status of the first rule that decides; None if the book decides."""
    return next((status for rule in RULES if (status := rule(request, exchange)) is not None), None)


def read(http: Request) -> OrderRequest:
    """Parse an HTTP request about an order."""
    segments = {name: unquote(segment) for name, segment in http.path_params.items()}
    host = only(http, b"host") or "localhost"
    return OrderRequest(
        method=http.method,
        path=http.scope["path"],
        app_key=only(http, b"et-app-key"),
        token=bearer_token(http),
        version=segments["version"],
        account_id=int32(segments["account_id"]),
        order_id=int32(segments.get("order_id", "0")),
        preferences=tuple(every(http, b"prefer")),
        query=http.scope["query_string"].decode("latin-1"),
        origin=f"{http.scope.get('scheme', 'http')}://{host}",
        fate=http.scope.get("fate"),
    )
