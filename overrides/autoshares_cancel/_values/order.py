"""An order as the server describes it, and what its status says of a cancel."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeVar

from attrs import field, frozen

O = TypeVar("O", bound=tuple[int, int])  # noqa: E741  # an order of a batch: account_id and order_id, as it was given


class State(Enum):
    """What a status means for somebody who wants the order gone."""

    CANCELLED = "cancelled"
    OVER = "over"
    """It is final, and not cancelled: filled, rejected, expired ..."""
    PENDING = "pending"
    """A cancel was accepted, and the venue has not spoken yet."""
    WORKING = "working"
    """It can still be executed."""
    UNKNOWN = "unknown"
    """A status that the vendor does not document, or none."""


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
"""Every status of the vendor's page on orders. Stopped and Suspended orders still hold a quantity, so they count as
working; Replaced lives on under another number, so that this one is over."""


@frozen(kw_only=True)
class Order:
    """One order, as the server described it when it was asked.

    What the server left out, or gave as something else than is documented, is None; what it gave stands in `extra`.
    """

    account_id: int
    order_id: int
    status: str | None = None
    """In the vendor's words: New, Filled, Canceled, PendingCancel ... or one that is not documented."""
    quantity: Decimal | None = None
    executed_quantity: Decimal | None = None
    leaves_quantity: Decimal | None = None
    average_price: Decimal | None = None
    symbol: str | None = None
    side: str | None = None
    type: str | None = None
    execution_status: str | None = None
    description: str | None = None
    """Why it was rejected, if it was."""
    placed_at: datetime | None = None
    """UTC."""
    named: bool = True
    """Whether the server said that it is this order; where it did not, the status proves nothing."""
    extra: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """Everything else that the server said. A secret is masked in texts, in numbers that do not decide, and in names of
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
    """Empty on the last page; None where the server does not say."""
    total: int | None
    """Orders on all pages together, as the server counts them; None where it does not say."""


def utc(text: str | None) -> datetime | None:
    """Read a time of the vendor's, which is UTC where it names no zone; None for what is no time. Pure."""
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
"""Statuses as filters of listings name them (the vendor's page on orders). Held has no number."""

OPEN: Final = ",".join(str(n) for name, n in NUMBERS.items() if STATES[name] in {State.WORKING, State.PENDING})
OPEN_FILTER: Final = f"Status in ({OPEN})"
"""Asks for every order that may still be executed, but for those that are held."""
