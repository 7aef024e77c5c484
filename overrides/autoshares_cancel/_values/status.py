"""The statuses of an order: the vendor's words, in every form that its pages show, and what each says of a cancel."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final


class State(Enum):
    """What a status means for a caller that wants the order gone."""

    CANCELLED = "cancelled"
    OVER = "over"
    """The order is final, and not cancelled: filled, rejected, expired ..."""
    PENDING = "pending"
    """A cancel was accepted, and the venue has not answered yet."""
    WORKING = "working"
    """The order can still be executed."""
    UNKNOWN = "unknown"
    """A status that the vendor does not document, none, or one that does not settle it."""


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
working. A Replaced order is over, but may live on under another number. DoneForDay and Calculated are over for today
only, unless the order ends with the session: see Order.state."""

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

FOR_TODAY: Final = frozenset({"DoneForDay", "Calculated"})
"""Statuses after which an order may work again tomorrow."""

_FORM: Final = re.compile(r"\s*(?:([0-9]{1,2})(?:\s*-?\s*(?=[A-Za-z]))?)?([A-Za-z][A-Za-z _-]*)?\s*")
_BY_NUMBER: Final = {number: status for status, number in NUMBERS.items()}


def _folded(word: str) -> str:
    """The word without cases and blanks, and with one l where Canceled has one and Cancelled has two."""
    return re.sub(r"[ _-]", "", word).lower().replace("cancell", "cancel")


_BY_WORD: Final = {_folded(status): status for status in STATES}


def status_named(value: object) -> str | None:
    """The vendor's word for a status that is given as a word, as its number, or as both; None for anything else.

    `Canceled`, `CANCELLED`, `Pending Cancel`, `4`, `"4"` and `"4 - Canceled"` are the same as the words; a number and a
    word that do not belong together are not. Pure.
    """
    if isinstance(value, bool):
        return None
    form = _FORM.fullmatch(str(value)) if isinstance(value, int | str) else None
    if form is None:
        return None
    names = {_BY_NUMBER.get(int(form[1]))} if form[1] else set[str | None]()
    names |= {_BY_WORD.get(_folded(form[2]))} if form[2] else set()
    return names.pop() if len(names) == 1 else None
