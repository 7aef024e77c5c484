"""Orders, and what may become of them.

1. An order is open while its status is one of `OPEN`; only an open order can be cancelled or filled.
2. An order never changes: each step gives a new one, so that another thread never sees half a step.
3. Status names are the vendor's, spelling included.
"""

from __future__ import annotations

from typing import Any, Self

from attrs import Attribute, evolve, field, frozen

INT32_MIN = -(2**31)
INT32_MAX = 2**31 - 1

STATUSES = (
    "New",
    "PartiallyFilled",
    "Filled",
    "DoneForDay",
    "Canceled",
    "Replaced",
    "PendingCancel",
    "Stopped",
    "Rejected",
    "Suspended",
    "PendingNew",
    "Calculated",
    "Expired",
    "AcceptedForBidding",
    "PendingReplace",
    "Error",
    "Held",
)
OPEN = frozenset({"New", "PartiallyFilled", "PendingNew", "Held"})


class ConflictError(Exception):
    """The order can't take this step now: it is filled, cancelled, otherwise closed, or not there."""


def is_int32(value: object) -> bool:
    """Tell whether `value` is an int, not a bool, that fits into 32 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and INT32_MIN <= value <= INT32_MAX


def _int32(_order: object, attribute: Attribute[Any], value: object) -> None:
    if not is_int32(value):
        raise ValueError(f"{attribute.name} must be an int32, not {value!r}")


def _known_status(_order: object, attribute: Attribute[Any], value: object) -> None:
    if value not in STATUSES:
        raise ValueError(f"{attribute.name} must be one of {', '.join(STATUSES)}, not {value!r}")


@frozen(kw_only=True)
class Order:
    """One order in the book; quantities are in shares."""

    order_id: int = field(validator=_int32)
    account_id: int = field(validator=_int32)
    status: str = field(default="New", validator=_known_status)
    quantity: int = field(default=100, validator=_int32)
    executed_quantity: int = field(default=0, validator=_int32)

    def __attrs_post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"quantity must be at least 1, not {self.quantity}")
        if not 0 <= self.executed_quantity <= self.quantity:
            raise ValueError(f"executed_quantity must be from 0 to quantity, not {self.executed_quantity}")

    @property
    def is_open(self) -> bool:
        """Whether the order can still be cancelled or filled."""
        return self.status in OPEN

    @property
    def leaves_quantity(self) -> int:
        """What may still be executed; 0 for a closed order."""
        return self.quantity - self.executed_quantity if self.is_open else 0

    def cancelled(self) -> Self:
        """Give the order as it is after a cancel; raises `ConflictError` when it is not open."""
        self._must_be_open()
        return evolve(self, status="Canceled")

    def filled(self, quantity: int) -> Self:
        """Give the order after `quantity` more shares were executed.

        Raises `ConflictError` when it is not open, and ValueError when fewer shares are left.
        """
        self._must_be_open()
        if not 1 <= quantity <= self.leaves_quantity:
            raise ValueError(f"from 1 to {self.leaves_quantity} shares can be executed, not {quantity}")
        status = "Filled" if quantity == self.leaves_quantity else "PartiallyFilled"
        return evolve(self, status=status, executed_quantity=self.executed_quantity + quantity)

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise ConflictError(f"order {self.order_id} is {self.status}")
