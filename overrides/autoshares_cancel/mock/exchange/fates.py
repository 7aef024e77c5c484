"""Fates: what becomes of an order whose cancel the broker accepts, where that is not simply Canceled."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from attrs.validators import optional

from autoshares_cancel.mock._checks import INT32_MAX, number, one_of

Becomes = Literal["open", "pending", "cancelled"]


@frozen(kw_only=True)
class Fate:
    """The order stays open, stays PendingCancel for ever, or is Canceled; and perhaps it is filled nevertheless.

    `filled_after` is the number of readings that still show it unfilled; 0 fills it at once, and None never.
    """

    becomes: Becomes = field(validator=one_of("open", "pending", "cancelled"))
    filled_after: int | None = field(default=None, validator=optional(number(0, INT32_MAX)))
