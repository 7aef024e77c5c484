"""Chooses the orders of a listing that the caller asks for: by symbol, side and age. No I/O.

1. A field that an order lacks, or that can't be read, matches: a call that is asked to cancel leaves nothing out.
2. An open order and its legs are one: all of them are chosen if the order itself or one of its open legs matches. To
   cancel a leg alone would tear a spread open.
3. A leg that lacks a field takes that of its order. An order that lacks a field leaves the choice to its open legs.
4. A leg of an order that is final is an order of its own.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from attrs import evolve, frozen

from autoshares_cancel._batch.listing import OPEN, Listing, with_legs
from autoshares_cancel._validation import shortened
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.order_filter import OrderFilter, with_fields_of
from autoshares_cancel._values.words import SIDES, Side
from autoshares_cancel.errors import ConfigurationError


@frozen
class Selection:
    """Chooses by a filter; without one, everything."""

    filter: OrderFilter | None
    now: Callable[[], datetime]

    def of(self, found: Listing) -> Listing:
        """The same listing, with what the filter chooses."""
        if self.filter is None:
            return found
        now = self.now()
        return evolve(found, chosen=frozenset(n for each in found.orders for n in self._chosen(each, now)))

    def _chosen(self, order: Order, now: datetime) -> Iterator[int]:
        if order.state not in OPEN:
            for leg in order.legs:
                yield from self._chosen(with_fields_of(order, leg), now)
        elif self._matches(order, now):
            yield from (each.order_id for each in with_legs(order))

    def _matches(self, order: Order, now: datetime) -> bool:
        """Whether an open order, or one of its open legs, matches."""
        wanted = cast(OrderFilter, self.filter)
        legs = [with_fields_of(order, leg) for leg in order.legs if leg.state in OPEN]
        decides = not legs or wanted.is_decided_by(order, now)
        return (decides and wanted.matches(order, now)) or any(self._matches(leg, now) for leg in legs)


EVERYTHING: Final = Selection(None, lambda: datetime.now(UTC))


def filter_of(symbol: object, side: object, older_than: object) -> OrderFilter | None:
    """Make the filter of a call; None if it is about all orders. Raises ConfigurationError for a wrong argument."""
    if symbol is None and side is None and older_than is None:
        return None
    symbols = None if symbol is None else {_checked_symbol(each) for each in _several("symbol", symbol)}
    sides = None if side is None else {_checked_side(each) for each in _several("side", side)}
    return OrderFilter(
        symbols=None if symbols is None else tuple(sorted(symbols)),
        sides=None if sides is None else tuple(each for each in SIDES if each in sides),
        older_than=None if older_than is None else _checked_age(older_than),
    )


def _several(name: str, value: object) -> Collection[object]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Collection):
        raise ConfigurationError(f"{name} must be a str or a collection of them, not {type(value).__name__}")
    if not value:
        raise ConfigurationError(f"{name} must not be empty: None is every {name}")
    return cast("Collection[object]", value)


def _checked_symbol(value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"symbol must be a str or a collection of them, not of {type(value).__name__}")
    if not value or value != value.strip():
        raise ConfigurationError(f"symbol must be as in AAPL, without blanks around it, not {shortened(value)}")
    return value.upper()


def _checked_side(value: object) -> Side:
    for side in SIDES:
        if value == side:
            return side
    shown = shortened(value) if isinstance(value, str) else type(value).__name__
    raise ConfigurationError(f"side must be {', '.join(SIDES[:-1])} or {SIDES[-1]}, not {shown}")


def _checked_age(value: object) -> timedelta:
    if not isinstance(value, timedelta) or value <= timedelta():
        raise ConfigurationError(f"older_than must be a timedelta above 0, not {value!r}")
    return value
