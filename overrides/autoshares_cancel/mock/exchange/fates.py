"""Fates: other results of an accepted cancel than Canceled."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from attrs.validators import optional

from autoshares_cancel.mock._checks import INT32_MAX, number, one_of

Becomes = Literal["open", "pending", "cancelled"]


@frozen(kw_only=True)
class Fate:
    """The result of an accepted cancel: the order stays open or PendingCancel, or is Canceled. It may also be filled.

    `filled_after` is the number of readings before the fill; 0 fills the order at once, and None never.
    """

    becomes: Becomes = field(validator=one_of("open", "pending", "cancelled"))
    filled_after: int | None = field(default=None, validator=optional(number(0, INT32_MAX)))
