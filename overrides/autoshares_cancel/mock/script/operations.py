"""The operations of the API under the names that scripts use, and the documented statuses of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from autoshares_cancel.mock.faults.request_target import Endpoint, Target

Operation = Literal["cancel", "read", "list", "token"]
"""A cancel, quick or at the venue; the reading of one order; the list of an account's orders; a log-in."""

ENDPOINT_AND_METHOD: Mapping[Operation, tuple[Endpoint, str]] = {
    "cancel": ("orders", "DELETE"),
    "read": ("orders", "GET"),
    "list": ("list", "GET"),
    "token": ("token", "POST"),
}

DOCUMENTED: Mapping[Operation, frozenset[int]] = {
    "cancel": frozenset({200, 204, 401, 403, 409, 422, 500}),
    "read": frozenset({200, 401, 403, 422, 500}),
    "list": frozenset({200, 400, 401, 403, 422, 500}),
    "token": frozenset({200, 202, 401}),
}

REFUSALS = frozenset({401, 403, 409, 422, 429})
"""The statuses after which a client relies on the request having changed nothing."""


def operation_of(target: Target) -> Operation | None:
    """Return the operation of a request; None for any other method."""
    wanted = target.endpoint, target.method
    return next((name for name, known in ENDPOINT_AND_METHOD.items() if known == wanted), None)


def check_documented(operation: Operation, status: int) -> None:
    """Raise ValueError for a status that is not documented for this operation."""
    known = DOCUMENTED[operation]
    if status not in known:
        raise ValueError(
            f"{status} is not documented for a {operation}: known are {', '.join(map(str, sorted(known)))}; "
            "undocumented=True arms it nevertheless"
        )
