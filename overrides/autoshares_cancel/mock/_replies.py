"""Replies: a status, a JSON object or none, and their form in HTTP.

In the vendor's table most statuses of the cancel call have no body; the vendor's guides show one. `Bodies` chooses
between the two. 409 has no body in either.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response

from autoshares_cancel.mock._accept import media_type

Bodies = Literal["guide", "none"]
Document = Mapping[str, Any]
Handler = Callable[[Request], Awaitable[Response]]

STATUSES = range(100, 600)  # the statuses that uvicorn's httptools protocol can write

_GUIDE: dict[int, Document] = {
    400: {"Message": "The request is invalid."},
    401: {"Message": "Authorization has been denied for this request."},
    403: {"error": "Application key is not defined or does not exist"},
    404: {"Message": "No HTTP resource was found that matches the request URI '{path}'."},
    405: {"Message": "The requested resource with API version '1.0' does not support HTTP method '{method}'."},
    422: {
        "Message": "Validation error occured while processing entity",
        "ModelState": {"resource.Symbol": ["Symbol is required"]},
    },
    500: {"message": "An error occurred while processing your request", "error": "Unexpected server error"},
}


@frozen(kw_only=True)
class Reply:
    """One reply; without a document it has no body and no Content-Type."""

    status: int
    document: Document | None = None
    headers: dict[str, str] = field(factory=dict[str, str])


def is_bodiless(status: int) -> bool:
    """Tell whether HTTP forbids a body with this status."""
    return status < 200 or status in {204, 304}  # noqa: PLR2004 - the numbers are RFC 9110's


def guide_document(status: int, *, method: str, path: str) -> Document | None:
    """Return the body that the vendor's guides show with this status; None if they show none."""
    document = _GUIDE.get(status)
    if document is None or status not in {404, 405}:
        return document
    return {"Message": document["Message"].format(method=method, path=path)}


def render(reply: Reply, accept: Iterable[str]) -> Response:
    """Turn a reply into a response in the media type that the Accept headers ask for."""
    headers = reply.headers | interim_headers(reply.status)
    if reply.document is None or is_bodiless(reply.status):
        return Response(status_code=reply.status, headers=headers)
    # Set as a header, because Starlette would add a charset to text/json only.
    headers["Content-Type"] = media_type(accept)
    return Response(json.dumps(reply.document), reply.status, headers)


def interim_headers(status: int) -> dict[str, str]:
    """Return the headers that a 1xx needs to end the connection: without them the caller waits for a final status."""
    if status >= 200:  # noqa: PLR2004 - where final statuses begin
        return {}
    # HTTP allows no Content-Length here, but without it uvicorn writes a chunked empty body.
    return {"Connection": "close", "Content-Length": "0"}
