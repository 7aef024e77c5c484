"""Races: fills that come just before or just after a cancel."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from autoshares_cancel.mock._checks import int32, one_of

Moment = Literal["before", "after"]
"""Just before the book decides on the cancel, or just after the cancel, while the order is PendingCancel."""


@frozen(kw_only=True)
class Race:
    """A fill that waits for the next cancel of an order: of `quantity` shares, or of all that are left if fewer."""

    order_id: int = field(validator=int32)
    quantity: int = field(validator=int32)
    when: Moment = field(default="before", validator=one_of("before", "after"))

    def __attrs_post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"quantity must be at least 1, not {self.quantity}")
