"""Which orders a filter matches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from autoshares_cancel import Order, OrderFilter
from autoshares_cancel._values.order_filter import with_fields_of
from autoshares_cancel._values.secret import MASK

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
APPLE = OrderFilter(symbols=("AAPL", "BRK.B"))
SELLS = OrderFilter(sides=("Sell", "SellShort"))
OLD = OrderFilter(older_than=HOUR)


def order(**fields: Any) -> Order:
    return Order(account_id=6303, order_id=1, **fields)


@pytest.mark.parametrize(
    ("symbol", "matches"),
    [
        ("AAPL", True),
        ("aapl", True),
        (" AAPL ", True),
        ("brk.b", True),
        ("AAPL1", False),
        ("BRK B", False),
        (None, True),
        ("", True),
        (f"{MASK}L", True),
    ],
)
def test_a_symbol_is_compared_without_regard_to_case(symbol: str | None, *, matches: bool) -> None:
    """A symbol must match exactly, in any case; an order without a symbol, or with a masked one, matches."""
    assert APPLE.matches(order(symbol=symbol), NOW) is matches


@pytest.mark.parametrize(
    ("side", "matches"),
    [
        ("Sell", True),
        ("SELL", True),
        ("Sell Short", True),
        ("sell_short", True),
        ("Buy", False),
        ("BuyToCover", False),
        ("Buy To Cover", False),
        ("buy_to-cover", False),
        ("Sideways", True),
        (None, True),
    ],
)
def test_a_side_is_understood_in_every_spelling(side: str | None, *, matches: bool) -> None:
    """An order without a side, or with one that is not documented, matches."""
    assert SELLS.matches(order(side=side), NOW) is matches


@pytest.mark.parametrize(
    ("age", "matches"),
    [(timedelta(), False), (HOUR, False), (HOUR + timedelta(microseconds=1), True), (-HOUR, False), (None, True)],
)
def test_an_order_is_older_only_after_that_time(age: timedelta | None, *, matches: bool) -> None:
    """The age is measured from created_at; an order without it matches."""
    assert OLD.matches(order(created_at=None if age is None else NOW - age), NOW) is matches


def test_a_filter_is_decided_by_an_order_that_has_its_fields() -> None:
    """An order decides a filter if it has the field that the filter asks for."""
    assert OLD.is_decided_by(order(created_at=NOW), NOW)
    assert not OLD.is_decided_by(order(symbol="AAPL", side="Sell"), NOW)
    assert APPLE.is_decided_by(order(symbol="MSFT"), NOW)


def test_a_filter_is_shown_in_words() -> None:
    """The text of a filter names the parts that it has."""
    assert str(APPLE) == "symbol AAPL or BRK.B"
    assert str(SELLS) == "side Sell or SellShort"
    assert str(OLD) == "older than 3600 s"
    assert str(OrderFilter(symbols=("AAPL",), sides=("Buy",), older_than=HOUR)) == (
        "symbol AAPL, side Buy, older than 3600 s"
    )


def test_all_parts_must_match() -> None:
    """Symbol, side and age must all match; an order with one that does not match is left alone."""
    wanted = OrderFilter(symbols=("AAPL",), sides=("Buy",), older_than=HOUR)
    fields: dict[str, Any] = {"symbol": "AAPL", "side": "Buy", "created_at": NOW - 2 * HOUR}
    assert wanted.matches(order(**fields), NOW)
    for other in ({"symbol": "MSFT"}, {"side": "Sell"}, {"created_at": NOW}):
        assert not wanted.matches(order(**fields | other), NOW)
    assert wanted.matches(order(), NOW)


def test_an_order_decides_only_with_every_field_that_is_asked_for() -> None:
    """An order that lacks a field of the filter does not decide it, so that its legs can."""
    wanted = OrderFilter(symbols=("AAPL",), sides=("Buy",))
    assert wanted.is_decided_by(order(symbol="MSFT", side="Sell"), NOW)
    assert not wanted.is_decided_by(order(symbol="MSFT"), NOW)
    assert OrderFilter().is_decided_by(order(), NOW)
    assert not OLD.is_decided_by(order(), NOW)


def test_a_leg_takes_what_it_lacks_from_its_order() -> None:
    """A leg takes missing, masked and unknown fields from its order, and keeps its own."""
    whole = order(symbol="AAPL", side="Buy", created_at=NOW)
    taken = with_fields_of(whole, order(symbol="MSFT"))
    assert (taken.symbol, taken.side, taken.created_at) == ("MSFT", "Buy", NOW)
    assert with_fields_of(whole, order(symbol=MASK, side="?", created_at=NOW - HOUR)) == order(
        symbol="AAPL", side="Buy", created_at=NOW - HOUR
    )
