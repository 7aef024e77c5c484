"""Races: fills that come at the very moment of a cancel."""

from __future__ import annotations

from typing import Any, Literal

from attrs import Attribute, field, frozen

from autoshares_cancel.mock.exchange.orders import is_int32

Moment = Literal["before", "after"]
"""Just before the book decides on the cancel, or just after it, while the order is PendingCancel."""


def _int32(_race: object, attribute: Attribute[Any], value: object) -> None:
    if not is_int32(value):
        raise ValueError(f"{attribute.name} must be an int32, not {value!r}")


def _moment(_race: object, _attribute: object, value: object) -> None:
    if value not in ("before", "after"):
        raise ValueError(f"when must be 'before' or 'after', not {value!r}")


@frozen(kw_only=True)
class Race:
    """A fill that waits for the next cancel of an order: of `quantity` shares, or of all when fewer are left."""

    order_id: int = field(validator=_int32)
    quantity: int = field(validator=_int32)
    when: Moment = field(default="before", validator=_moment)

    def __attrs_post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"quantity must be at least 1, not {self.quantity}")
