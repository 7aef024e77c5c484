"""Which orders a filter chooses: its arguments, and orders with legs. No I/O."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from autoshares_cancel import ConfigurationError, Order, OrderFilter
from autoshares_cancel._batch.listing import Listing
from autoshares_cancel._batch.selection import EVERYTHING, Selection, filter_of

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OTHER = "MSFT"


def order(order_id: int, symbol: str | None, *legs: Order, status: str = "New", **fields: Any) -> Order:
    return Order(account_id=6303, order_id=order_id, symbol=symbol, status=status, legs=legs, **fields)


def chosen(*orders: Order, **wanted: Any) -> list[int]:
    """The open orders that a filter chooses; by default, those of AAPL."""
    arguments = {"symbol": "AAPL", "side": None, "older_than": None} | wanted
    selection = Selection(filter_of(**arguments), lambda: NOW)
    return [each.order_id for each in selection.of(Listing(orders=orders)).wanted]


def test_without_a_filter_everything_open_is_chosen() -> None:
    """Without a filter, every open order is chosen, and the listing is returned unchanged."""
    assert filter_of(None, None, None) is None
    listing = Listing(orders=(order(1, OTHER), order(2, "AAPL", status="Filled")))
    assert EVERYTHING.of(listing) is listing
    assert [each.order_id for each in listing.wanted] == [1]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("aapl", None, None), OrderFilter(symbols=("AAPL",))),
        ((["MSFT", "aapl", "AAPL"], None, None), OrderFilter(symbols=("AAPL", "MSFT"))),
        ((None, {"SellShort", "Buy"}, None), OrderFilter(sides=("Buy", "SellShort"))),
        ((None, "Sell", MINUTE), OrderFilter(sides=("Sell",), older_than=MINUTE)),
    ],
)
def test_a_filter_is_the_same_however_it_is_given(arguments: tuple[Any, Any, Any], wanted: OrderFilter) -> None:
    """A filter is the same for one or several values, in any order, and for symbols in any case."""
    assert filter_of(*arguments) == wanted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"symbol": ""}, "symbol must be as in AAPL"),
        ({"symbol": " AAPL"}, "symbol must be as in AAPL"),
        ({"symbol": ["AAPL", ""]}, "symbol must be as in AAPL"),
        ({"symbol": []}, "symbol must not be empty"),
        ({"symbol": 5}, "symbol must be a str or a collection of them, not int"),
        ({"symbol": b"AAPL"}, "symbol must be a str or a collection of them, not of int"),
        ({"symbol": iter(["AAPL"])}, "symbol must be a str or a collection"),
        ({"side": ""}, "side must be Buy, Sell, SellShort or BuyToCover, not ''"),
        ({"side": "buy"}, "side must be Buy"),
        ({"side": ()}, "side must not be empty"),
        ({"side": [["Buy"]]}, "side must be Buy, Sell, SellShort or BuyToCover, not list"),
        ({"older_than": timedelta()}, "older_than must be a timedelta above 0"),
        ({"older_than": -MINUTE}, "older_than must be a timedelta above 0"),
        ({"older_than": 60}, "older_than must be a timedelta above 0"),
    ],
)
def test_a_wrong_filter_is_refused_by_name(arguments: dict[str, Any], message: str) -> None:
    """A wrong filter raises ConfigurationError, which names it; an empty filter must not mean everything."""
    everything: dict[str, Any] = {"symbol": None, "side": None, "older_than": None}
    with pytest.raises(ConfigurationError, match=f"^{message}"):
        filter_of(**everything | arguments)


def test_only_open_orders_that_match_are_chosen() -> None:
    """An open order is chosen by its own fields; an order that lacks the field is chosen, too."""
    assert chosen(order(1, "AAPL"), order(2, OTHER), order(3, None), order(4, "AAPL", status="Filled")) == [1, 3]


def test_a_spread_is_chosen_whole_if_one_leg_matches() -> None:
    """Rule 2: all of a spread is chosen, since one leg can't be cancelled without breaking the spread."""
    spread = order(1, OTHER, order(2, OTHER), order(3, OTHER, order(4, "AAPL")))
    assert chosen(spread) == [1, 2, 3, 4]


def test_a_spread_is_chosen_whole_if_the_order_itself_matches() -> None:
    """Rule 2: an order that matches is chosen with its legs, whatever their symbols are."""
    assert chosen(order(1, "AAPL", order(2, OTHER), order(3, OTHER))) == [1, 2, 3]


def test_a_spread_without_a_match_is_left_alone() -> None:
    """A spread is not chosen for a leg that matches but is closed."""
    assert chosen(order(1, OTHER, order(2, OTHER), order(3, "AAPL", status="Filled"))) == []


def test_a_leg_takes_the_fields_of_its_order() -> None:
    """Rule 3: a leg without a symbol has the symbol of its order."""
    assert chosen(order(1, OTHER, order(2, None, order(3, None)))) == []
    assert chosen(order(1, "AAPL", order(2, None), status="Canceled")) == [2]


def test_an_order_without_the_field_leaves_it_to_its_legs() -> None:
    """Rule 3: an order without the field matches if a leg matches, or if no open leg has the field."""
    assert chosen(order(1, None, order(2, OTHER))) == []
    assert chosen(order(1, None, order(2, OTHER), order(3, "AAPL"))) == [1, 2, 3]
    assert chosen(order(1, None, order(2, None))) == [1, 2]
    assert chosen(order(1, None, order(2, OTHER, status="Filled"))) == [1]


def test_a_leg_is_judged_by_its_age_too() -> None:
    """Rules 2 to 4: a leg has its own creation time, or else that of its order."""
    old, new = NOW - 2 * MINUTE, NOW - MINUTE
    spread = order(1, None, order(2, None, created_at=new), order(3, None, created_at=old))
    assert chosen(spread, symbol=None, older_than=MINUTE) == [1, 2, 3]
    assert chosen(order(1, None, order(2, None), created_at=old), symbol=None, older_than=MINUTE) == [1, 2]
    assert chosen(order(1, None, order(2, None, created_at=new)), symbol=None, older_than=MINUTE) == []
    final = order(1, None, order(2, None, created_at=old), order(3, None, created_at=new), status="Filled")
    assert chosen(final, symbol=None, older_than=MINUTE) == [2]


def test_no_leg_matches_with_the_side_of_another() -> None:
    """All parts of a filter must match one and the same order or leg."""
    legs = (order(2, "AAPL", side="Buy"), order(3, OTHER, side="Sell"))
    assert chosen(order(1, None, *legs), side="Sell") == []
    assert chosen(order(1, None, *legs), side="Buy") == [1, 2, 3]


def test_a_leg_of_a_final_order_is_an_order_of_its_own() -> None:
    """Rule 4: cancelling buys leaves the sell leg of a filled buy order open."""
    bracket = order(1, "AAPL", order(2, "AAPL", side="Sell"), side="Buy", status="Filled")
    assert chosen(bracket, side="Buy") == []
    assert chosen(bracket, side="Sell") == [2]


def test_an_order_matches_once_it_is_older_than_the_given_age() -> None:
    """An order matches only if it is older than the given age, not at exactly that age."""
    young = order(1, "AAPL", created_at=NOW - MINUTE)
    assert chosen(young, older_than=MINUTE) == []
    assert chosen(young, older_than=MINUTE - timedelta(seconds=1)) == [1]
