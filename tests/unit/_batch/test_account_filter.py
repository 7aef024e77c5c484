"""open_orders and cancel_all with a filter, with every kind of client."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import MakeCaller
from support.fake_backend import ACCOUNT, GONE, SETTINGS, FakeBackend
from support.mock_orders import KNOWN, OWN, live

from autoshares_cancel import AllCancelled, ConfigurationError, OrderFilter, OrdersRemain, PasswordCredentials
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.orders import Order

HOUR = timedelta(hours=1)
CREATED_AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
AAPL = OrderFilter(symbols=("AAPL",))


def listing(*orders: dict[str, Any], date: str = "") -> Callable[[HttpRequest], Evidence]:
    """Answers every listing with these orders, and cancels none."""
    body = json.dumps({"Result": orders, "NextPageLink": ""}).encode()

    def answer(request: HttpRequest) -> Evidence:
        if request.method == "DELETE":
            return Reply(status_code=409)
        return Reply(status_code=200, body=body, headers={"Date": date})

    return answer


def shown(order_id: int, **fields: Any) -> dict[str, Any]:
    return {"Id": order_id, "AccountId": ACCOUNT, "Status": "New", **fields}


def test_only_orders_that_match_are_listed_and_cancelled(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 8: only orders of the symbol and side are cancelled; the result repeats the filter."""
    bought, sold = {"Symbol": "AAPL", "Side": "Buy"}, {"Symbol": "AAPL", "Side": "Sell"}
    orders = [Order(order_id=n, account_id=OWN, extra=extra) for n, extra in ((1, bought), (2, sold))]
    mock_server.exchange.seed(orders=orders)
    caller: Any = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert [order.order_id for order in caller.open_orders(OWN, symbol="aapl", side=["Buy", "BuyToCover"])] == [1]
    ended = caller.cancel_all(OWN, symbol="aapl", side="Sell")
    assert type(ended) is AllCancelled
    assert (set(ended.outcomes), ended.filter) == ({2}, OrderFilter(symbols=("AAPL",), sides=("Sell",)))
    assert live(mock_server) == KNOWN | {1}
    assert caller.cancel_all(OWN, side={"SellShort"}).outcomes == {}
    assert caller.cancel_all(OWN).filter is None


def test_what_remains_repeats_the_filter(make_caller: MakeCaller) -> None:
    """The message names the filter, and claims nothing about orders that do not match."""
    caller: Any = make_caller(**SETTINGS, sleep=None)
    FakeBackend(caller.client, listing(shown(1, Symbol="AAPL"), shown(2, Symbol="MSFT")))
    remain = caller.cancel_all(ACCOUNT, symbol="AAPL")
    assert type(remain) is OrdersRemain
    assert ([order.order_id for order in remain.remaining], remain.filter) == ([1], AAPL)
    assert f"{OrdersRemain.meaning} of orders that match symbol AAPL: " in str(remain)


@pytest.mark.parametrize(("minutes", "listed"), [(59, []), (61, [1])])
def test_an_age_is_by_the_clock_of_the_server(make_caller: MakeCaller, minutes: int, listed: list[int]) -> None:
    """The age of an order is measured by the Date of the listing, not by the clock of this machine."""
    date = (CREATED_AT + timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    caller: Any = make_caller(**SETTINGS)
    FakeBackend(caller.client, listing(shown(1, CreateDate=CREATED_AT.isoformat()), date=date))
    assert [order.order_id for order in caller.open_orders(ACCOUNT, older_than=HOUR)] == listed


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_without_a_date_of_the_server_this_machine_s_clock_counts(make_caller: MakeCaller, date: str) -> None:
    """Without a Date, ages are measured by the clock of this machine, in UTC."""
    caller: Any = make_caller(**SETTINGS)
    dates = ("2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z")
    orders = [shown(number, CreateDate=date) for number, date in enumerate(dates)]
    FakeBackend(caller.client, listing(*orders, date=date))
    assert [order.order_id for order in caller.open_orders(ACCOUNT, older_than=HOUR)] == [0]


def test_an_order_that_lacks_the_fields_matches(make_caller: MakeCaller) -> None:
    """An order without symbol, side and creation time matches every filter."""
    caller: Any = make_caller(**SETTINGS)
    FakeBackend(caller.client, listing(shown(1)))
    found = caller.open_orders(ACCOUNT, symbol="AAPL", side="Buy", older_than=HOUR)
    assert [order.order_id for order in found] == [1]


WRONG: list[dict[str, Any]] = [{"symbol": ""}, {"side": []}, {"side": "Hold"}, {"older_than": timedelta()}]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_filter_is_refused_before_any_request(make_caller: MakeCaller, wrong: dict[str, Any]) -> None:
    """A wrong filter raises ConfigurationError: nothing is listed, and no block begins."""
    caller: Any = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client, lambda _: GONE)
    (name,) = wrong
    for call in (caller.open_orders, caller.cancel_all):
        ended = call(ACCOUNT, **wrong)
        assert type(ended) is ConfigurationError
        assert str(ended).startswith(f"{name} must")
    with pytest.raises(ConfigurationError, match=f"^{name} must"):
        caller.cancel_on_exit(ACCOUNT, lambda: pytest.fail("the block began"), **wrong)
    assert backend.at_once_at_most == 0
