"""The headers of a request: its credentials and its preferences."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.requests import Request

from autoshares_cancel.mock._replies import STATUSES

_BEARER = re.compile(r"Bearer ([!-~]+)")
_CODE = re.compile(r'\s*code\s*=\s*(?:([0-9]{3})|"([0-9]{3})")\s*(?:;.*)?', re.IGNORECASE)


def every(request: Request, name: bytes) -> list[str]:
    """Return all values of a header; its name is given in lower case."""
    # Called so often that Starlette's Headers object took a tenth of the mock's time.
    return [value.decode("latin-1") for key, value in request.scope["headers"] if key == name]


def only(request: Request, name: bytes) -> str | None:
    """Return the value of a header that came exactly once; None otherwise. Its name is given in lower case."""
    values = every(request, name)
    return values[0] if len(values) == 1 else None


def bearer_token(request: Request) -> str | None:
    """Return the token after `Bearer` and one space; None if the header is missing, repeated or has another form."""
    shown = _BEARER.fullmatch(only(request, b"authorization") or "")
    return shown[1] if shown else None


def wanted_status(preferences: Iterable[str]) -> int | None:
    """Find the status that a `Prefer: code=NNN` header names, 100 to 599.

    As in RFC 7240, the first preference counts, and one that can't be understood is ignored.
    """
    for preference in ",".join(preferences).split(","):
        found = _CODE.fullmatch(preference)
        if found and int(found[1] or found[2]) in STATUSES:
            return int(found[1] or found[2])
    return None
