"""Which orders of an account a call is about: by symbol, side and age. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from autoshares_cancel._values.order import Order
from autoshares_cancel._values.secret import MASK
from autoshares_cancel._values.words import SIDES, Side


def _folded(side: str) -> str:
    """The word without cases and blanks, because the vendor's pages spell statuses in several ways."""
    return re.sub(r"[ _-]", "", side).lower()


SIDE_BY_WORD: Final[Mapping[str, Side]] = {_folded(side): side for side in SIDES}


@frozen(kw_only=True)
class OrderFilter:
    """The orders that open_orders, cancel_all or cancel_on_exit is about. An order matches if all parts match.

    Symbols are compared without regard to case, otherwise exactly. The age counts from `CreateDate` to each listing: by
    the server's clock if the listing has a Date, and by this machine's UTC clock otherwise. An order that lacks a field
    matches. An open order with legs is cancelled whole if it matches, or if one of its open legs does; a leg of a final
    order is an order of its own.
    """

    symbols: tuple[str, ...] | None = None
    """In capital letters, sorted; None for every symbol."""
    sides: tuple[Side, ...] | None = None
    """In the order of the vendor's page; None for every side."""
    older_than: timedelta | None = None
    """The least age, by the order's `created_at`; None for every age."""

    def __str__(self) -> str:
        parts = (
            None if self.symbols is None else f"symbol {' or '.join(self.symbols)}",
            None if self.sides is None else f"side {' or '.join(self.sides)}",
            None if self.older_than is None else f"older than {self.older_than.total_seconds():g} s",
        )
        return ", ".join(filter(None, parts))

    def matches(self, order: Order, now: datetime) -> bool:
        """Whether an order matches, without regard to its legs. A field that is missing, or can't be read, matches."""
        return False not in self._parts(order, now)

    def is_decided_by(self, order: Order, now: datetime) -> bool:
        """Whether the order has every field that the filter asks for."""
        return None not in self._parts(order, now)

    def _parts(self, order: Order, now: datetime) -> Iterator[bool | None]:
        """Whether each part of the filter matches; None if the order does not tell."""
        if self.symbols is not None:
            symbol = _symbol_of(order)
            yield None if symbol is None else symbol in self.symbols
        if self.sides is not None:
            side = _side_of(order)
            yield None if side is None else side in self.sides
        if self.older_than is not None:
            yield None if order.created_at is None else now - order.created_at > self.older_than


def with_fields_of(order: Order, leg: Order) -> Order:
    """A leg that takes the fields that it lacks from its order."""
    return evolve(
        leg,
        symbol=leg.symbol if _symbol_of(leg) is not None else order.symbol,
        side=leg.side if _side_of(leg) is not None else order.side,
        created_at=leg.created_at or order.created_at,
    )


def _symbol_of(order: Order) -> str | None:
    """The symbol; None if there is none, or if a mask hides a part of it."""
    symbol = (order.symbol or "").strip().upper()
    return symbol if symbol and MASK not in symbol else None


def _side_of(order: Order) -> Side | None:
    """The vendor's word for the side; None if there is none, or an undocumented one."""
    return SIDE_BY_WORD.get(_folded(order.side or ""))
