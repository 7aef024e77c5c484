"""Orders and their steps.

1. An order is open while its status is one of `OPEN`; only an open order can be cancelled. An order that is done for
   today is open, too, if its time in force lasts longer.
2. An order can be filled while it is open or its cancel is pending. A complete fill voids the cancel; after a partial
   fill the cancel stays pending.
3. An order object never changes: each step returns a new one, so that no thread sees half a step.
4. Legs are orders of their own, with higher numbers than their order. A step of an order does not change its legs, nor
   the reverse.
5. Status names have the vendor's spelling.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Self

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from autoshares_cancel.mock._checks import int32, is_int32, one_of, seconds

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
PENDING_CANCEL = "PendingCancel"
CANCELED = "Canceled"
FOR_TODAY = frozenset({"DoneForDay", "Calculated"})
LASTING = frozenset({"GTC", "GoodTillCancel", "GoodTillDate", "GoodTillTime"})


class ConflictError(Exception):
    """The order can't take this step: it is filled, cancelled, otherwise closed, or does not exist."""


def _object(_order: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{attribute.name} must be an object, not {value!r}")  # noqa: TRY004 - every check raises ValueError


def _text(_order: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{attribute.name} must be a text, not {value!r}")  # noqa: TRY004 - every check raises ValueError


def _numbers(legs: Iterable[Any]) -> tuple[int, ...]:
    given: tuple[Any, ...] = (None,)
    with suppress(TypeError):
        given = tuple(legs)
    if not all(map(is_int32, given)):
        raise ValueError(f"legs must be numbers of orders, not {legs!r}")
    return given


def _higher(order: Order, attribute: Attribute[Any], legs: tuple[int, ...]) -> None:
    if any(leg <= order.order_id for leg in legs):
        raise ValueError(f"{attribute.name} must have higher numbers than their order, not {legs!r}")


@frozen(kw_only=True)
class Order:
    """One order in the book; quantities are in shares, `placed_at` and `expires_at` in seconds on the exchange's clock.

    A reading shows `time_in_force` and `expires_at` if they are set. `legs` are numbers of orders of the same account.
    `extra` changes what a reading shows: its fields replace the usual ones, and None removes a field.
    """

    order_id: int = field(validator=int32)
    account_id: int = field(validator=int32)
    status: str = field(default="New", validator=one_of(*STATUSES))
    quantity: int = field(default=100, validator=int32)
    executed_quantity: int = field(default=0, validator=int32)
    placed_at: float = field(default=0.0, validator=seconds())
    time_in_force: str | None = field(default=None, validator=optional(_text))
    expires_at: float | None = field(default=None, validator=optional(seconds()))
    legs: tuple[int, ...] = field(default=(), converter=_numbers, validator=_higher)
    extra: dict[str, Any] = field(factory=dict[str, Any], validator=_object, hash=False)

    def __attrs_post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"quantity must be at least 1, not {self.quantity}")
        if not 0 <= self.executed_quantity <= self.quantity:
            raise ValueError(f"executed_quantity must be from 0 to quantity, not {self.executed_quantity}")

    @property
    def is_open(self) -> bool:
        """Whether the order can be cancelled."""
        return self.status in OPEN or (self.status in FOR_TODAY and self.time_in_force in LASTING)

    @property
    def is_live(self) -> bool:
        """Whether the order can still be filled."""
        return self.is_open or self.status == PENDING_CANCEL

    @property
    def leaves_quantity(self) -> int:
        """The number of shares that may still be executed; 0 for a closed order."""
        return self.quantity - self.executed_quantity if self.is_live else 0

    def cancelled(self) -> Self:
        """Return the order after a cancel. Raises `ConflictError` if it is not open."""
        self._must(self.is_open)
        return evolve(self, status="Canceled")

    def pending_cancel(self) -> Self:
        """Return the order after a cancel has begun. Raises `ConflictError` if it is not open."""
        self._must(self.is_open)
        return evolve(self, status=PENDING_CANCEL)

    def cancel_done(self) -> Self:
        """Return the order after its pending cancel is done. Raises `ConflictError` if no cancel is pending."""
        self._must(self.status == PENDING_CANCEL)
        return evolve(self, status="Canceled")

    def filled(self, quantity: int) -> Self:
        """Return the order after `quantity` more shares were executed.

        Raises `ConflictError` if the order can't be filled, and ValueError if fewer shares are left.
        """
        self._must(self.is_live)
        if not 1 <= quantity <= self.leaves_quantity:
            raise ValueError(f"from 1 to {self.leaves_quantity} shares can be executed, not {quantity}")
        status = "PartiallyFilled" if self.is_open else self.status
        if quantity == self.leaves_quantity:
            status = "Filled"
        return evolve(self, status=status, executed_quantity=self.executed_quantity + quantity)

    def filled_late(self) -> Self:
        """Return the order after a complete fill that came although its cancel was pending or reported done.

        Raises `ConflictError` if the order is neither PendingCancel nor Canceled.
        """
        self._must(self.status in {PENDING_CANCEL, CANCELED})
        return evolve(self, status="Filled", executed_quantity=self.quantity)

    def _must(self, be: bool) -> None:  # noqa: FBT001 - reads as a sentence
        if not be:
            raise ConflictError(f"order {self.order_id} is {self.status}")
