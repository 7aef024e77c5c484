"""An order as the server describes it, and what its status means for a cancel."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeVar

from attrs import field, frozen

O = TypeVar("O", bound=tuple[int, int])  # noqa: E741  # an order of a batch: account_id and order_id, as it was given


class State(Enum):
    """What the status of an order means for a cancel."""

    CANCELLED = "cancelled"
    OVER = "over"
    """Final and not cancelled: filled, rejected, expired ..."""
    PENDING = "pending"
    """The server accepted a cancel, and the venue has not answered yet."""
    WORKING = "working"
    """The order can still be executed."""
    UNKNOWN = "unknown"
    """The status is missing, or the vendor does not document it."""


STATES: Final[Mapping[str, State]] = {
    "Canceled": State.CANCELLED,
    "PendingCancel": State.PENDING,
    "Filled": State.OVER,
    "DoneForDay": State.OVER,
    "Replaced": State.OVER,
    "Rejected": State.OVER,
    "Calculated": State.OVER,
    "Expired": State.OVER,
    "Error": State.OVER,
    "New": State.WORKING,
    "PartiallyFilled": State.WORKING,
    "Stopped": State.WORKING,
    "Suspended": State.WORKING,
    "PendingNew": State.WORKING,
    "AcceptedForBidding": State.WORKING,
    "PendingReplace": State.WORKING,
    "Held": State.WORKING,
}
"""Every status of the vendor's page on orders. Stopped and Suspended orders still have an open quantity, so they count
as working. A Replaced order goes on under another number, so this one is over."""


@frozen(kw_only=True)
class Order:
    """One order, as the server described it in one reply.

    A field is None if the server left it out, or sent another type than the vendor documents; `extra` then keeps the
    value that it sent.
    """

    account_id: int
    order_id: int
    status: str | None = None
    """The vendor's word: New, Filled, Canceled, PendingCancel ... or one that is not documented."""
    quantity: Decimal | None = None
    executed_quantity: Decimal | None = None
    leaves_quantity: Decimal | None = None
    average_price: Decimal | None = None
    symbol: str | None = None
    side: str | None = None
    type: str | None = None
    execution_status: str | None = None
    description: str | None = None
    """The reason of a rejection."""
    placed_at: datetime | None = None
    """UTC."""
    named: bool = True
    """Whether the reply names this order. If it does not, its status proves nothing."""
    extra: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """All other fields of the reply. Secrets are masked in texts, in numbers that do not decide, and in the names of
    fields that are not documented."""

    @property
    def state(self) -> State:
        """What the status means for a cancel."""
        return STATES.get(self.status or "", State.UNKNOWN) if self.named else State.UNKNOWN


@frozen(kw_only=True)
class OrderPage:
    """One page of a listing."""

    orders: tuple[Order, ...]
    next_link: str | None
    """Empty on the last page; None if the reply does not have it."""
    total: int | None
    """The number of orders on all pages, as the server counts them; None if the reply does not have it."""


def utc(text: str | None) -> datetime | None:
    """Read a time of the vendor's; without a zone it is UTC. Returns None for a text that is no time. Pure."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


NUMBERS: Final[Mapping[str, int]] = {
    "New": 0,
    "PartiallyFilled": 1,
    "Filled": 2,
    "DoneForDay": 3,
    "Canceled": 4,
    "Replaced": 5,
    "PendingCancel": 6,
    "Stopped": 7,
    "Rejected": 8,
    "Suspended": 9,
    "PendingNew": 10,
    "Calculated": 11,
    "Expired": 12,
    "AcceptedForBidding": 13,
    "PendingReplace": 14,
    "Error": 15,
}
"""The number of each status in a filter of a listing (the vendor's page on orders). Held has none."""

OPEN: Final = ",".join(str(n) for name, n in NUMBERS.items() if STATES[name] in {State.WORKING, State.PENDING})
OPEN_FILTER: Final = f"Status in ({OPEN})"
"""Matches every order that may still be executed, except held orders."""
