"""GET of an order: what is shown, and when."""

from __future__ import annotations

from typing import Any

import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock.exchange.orders import STATUSES, Order

PARTLY_FILLED = {
    "Id": 73563,
    "AccountId": 6303,
    "Symbol": "ABCD",
    "Side": "Buy",
    "Type": "Limit",
    "Quantity": 100,
    "ExecutedQuantity": 40,
    "LeavesQuantity": 60,
    "AveragePrice": 10.5,
    "Status": "PartiallyFilled",
    "ExecutionStatus": "PartiallyFilled",
    "Description": "",
    "Date": "2026-01-02T03:04:05Z",
    "CreateDate": "2026-01-02T03:04:05Z",
    "ExecInst": "",
}
NEW = {
    "ExecutedQuantity": 0,
    "LeavesQuantity": 100,
    "AveragePrice": 0,
    "Status": "New",
    "ExecutionStatus": "New",
}


@pytest.mark.parametrize("accept", ["application/json", "text/json"])
def test_an_order_is_shown_in_the_vendors_spelling(caller: HttpCaller, accept: str) -> None:
    """A read gets 200 with an object, in the media type of the Accept header, and changes nothing."""
    reply = caller.read(73563, caller.log_in() | {"Accept": accept})
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, accept)
    assert reply.json() == PARTLY_FILLED
    assert caller.server.exchange.ledger == ()


def test_an_order_without_executions_has_no_average_price(caller: HttpCaller) -> None:
    """The average price of an order without executions is 0."""
    assert caller.read(73552, caller.log_in()).json() == PARTLY_FILLED | NEW | {"Id": 73552}


FORMS = {
    "word": ["PendingCancel", "Canceled", "Held"],
    "number": [6, 4, "Held"],
    "both": ["6 - PendingCancel", "4 - Canceled", "Held"],
    "spaced": ["Pending Cancel", "Canceled", "Held"],
    "lower": ["pendingcancel", "cancelled", "held"],
}


@pytest.mark.parametrize("form", FORMS)
def test_a_status_has_the_spelling_of_the_settings(caller: HttpCaller, form: str) -> None:
    """Reads, lists and legs use status_form; a status without a number stays a word."""
    statuses = ("PendingCancel", "Canceled", "Held")
    orders: list[dict[str, Any]] = [
        {"order_id": number, "account_id": 6303, "status": status} for number, status in enumerate(statuses, start=2)
    ]
    caller.control("seed", {"orders": [{"order_id": 1, "account_id": 6303, "legs": [2, 3, 4]}, *orders]})
    caller.control("settings", {"status_form": form})
    headers = caller.log_in()
    read = [caller.read(number, headers).json() for number in (2, 3, 4)]
    listed = caller.list_orders(headers).json()["Result"][1:4]
    for shown in (read, listed, caller.read(1, headers).json()["Legs"]):
        assert [order["Status"] for order in shown] == [order["ExecutionStatus"] for order in shown] == FORMS[form]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_can_be_seeded_and_read(caller: HttpCaller, status: str) -> None:
    """Every status of the vendor can be seeded; an order that can be filled has shares left."""
    caller.control("seed", {"orders": [{"order_id": 1, "account_id": 6303, "status": status}]})
    order = caller.read(1, caller.log_in()).json()
    leaves = 100 if status in {"New", "PartiallyFilled", "PendingNew", "Held", "PendingCancel"} else 0
    assert (order["Status"], order["ExecutionStatus"], order["LeavesQuantity"]) == (status, status, leaves)


def test_a_seeded_order_shows_its_extra_fields(caller: HttpCaller) -> None:
    """`extra` changes a type, a status and a name, adds a field, and removes a null one; the book is not changed."""
    extra: dict[str, Any] = {"ExecInst": 0, "Status": "Frozen", "Legs": [{"Id": 2}], "Quantity": "100", "Symbol": None}
    caller.control("seed", {"orders": [{"order_id": 1, "account_id": 6303, "extra": extra}]})
    expected = PARTLY_FILLED | NEW | extra | {"Id": 1}
    del expected["Symbol"]
    headers = caller.log_in()
    assert caller.read(1, headers).json() == expected
    assert caller.cancel(1, headers).status_code == 204
    assert caller.server.exchange.orders[1].status == "Canceled"
    assert caller.read(1, headers).json()["Status"] == "Frozen"


def test_an_order_shows_how_long_it_lives(caller: HttpCaller) -> None:
    """An order shows its time in force and its expiry date, if they are set."""
    order = {"order_id": 1, "account_id": 6303, "time_in_force": "GoodTillDate", "expires_at": 86400}
    caller.control("seed", {"orders": [order]})
    shown = caller.read(1, caller.log_in()).json()
    assert shown == PARTLY_FILLED | NEW | {
        "Id": 1,
        "TimeInForce": "GoodTillDate",
        "ExpireDate": "2026-01-03T03:04:05Z",
    }


def test_legs_are_shown_as_they_are_now(caller: HttpCaller) -> None:
    """Legs of any depth have their number and status; the cancel of a parent does not change them."""
    orders = [
        {"order_id": n, "account_id": 6303, "legs": legs} for n, legs in ((1, [2, 4]), (2, [3]), (3, []), (4, []))
    ]
    caller.control("seed", {"orders": orders})
    headers = caller.log_in()
    assert caller.cancel(3, headers).status_code == 204
    assert caller.cancel(1, headers).status_code == 204
    shown = caller.read(1, headers).json()
    assert [(leg["Id"], leg["Status"]) for leg in shown["Legs"]] == [(2, "New"), (4, "New")]
    assert [(leg["Id"], leg["Status"]) for leg in shown["Legs"][0]["Legs"]] == [(3, "Canceled")]
    assert "Legs" not in shown["Legs"][1]


@pytest.mark.parametrize(("seconds", "date"), [(0, "03:04:05"), (3600.9, "04:04:05"), (1e300, "04:50:45")])
def test_the_date_is_when_the_order_was_placed(caller: HttpCaller, seconds: float, date: str) -> None:
    """The date is in UTC, counted from the mock's epoch; a clock may go beyond the last date."""
    caller.server.exchange.seed(orders=[Order(order_id=1, account_id=6303, placed_at=seconds)])
    shown: str = caller.read(1, caller.log_in()).json()["Date"]
    assert shown.partition("T")[2] == f"{date}Z"


def test_a_placed_order_has_the_date_of_the_exchanges_clock(caller: HttpCaller) -> None:
    """Two hours on the exchange's clock are two hours in the date."""
    caller.server.exchange.advance(7200)
    order = caller.server.exchange.place(6303)
    assert caller.read(order.order_id, caller.log_in()).json()["Date"].startswith("2026-01-02T05:04:")


@pytest.mark.parametrize("order", [1, 73600, -5, 2147483647])
def test_an_order_that_is_not_there_is_invalid(caller: HttpCaller, order: int) -> None:
    """A missing order, or one of another account, gets 422: neither 404 nor 409 is documented."""
    reply = caller.read(order, caller.log_in())
    assert reply.status_code == 422
    assert reply.json() == {
        "Message": "Validation error occured while processing entity",
        "ModelState": {"resource.Symbol": ["Symbol is required"]},
    }
    assert caller.server.exchange.ledger == ()


def test_without_bodies_a_refused_reading_has_none(bodiless_caller: HttpCaller) -> None:
    """With bodies="none" a refused read has no body, and an order that is shown has its own."""
    headers = bodiless_caller.log_in()
    reply = bodiless_caller.read(1, headers)
    assert (reply.status_code, reply.content) == (422, b"")
    assert bodiless_caller.read(73563, headers).json() == PARTLY_FILLED


def test_a_200_on_request_carries_an_order(caller: HttpCaller) -> None:
    """A 200 on request has the order of that number, or a new one if there is none."""
    headers = caller.log_in()
    assert caller.read(9000200, headers).json() == PARTLY_FILLED | NEW | {"Id": 9000200}
    assert caller.read(73563, headers | {"Prefer": "code=200"}).json() == PARTLY_FILLED


@pytest.mark.parametrize("status", [100, 199, 204, 304, 401, 409, 418, 500, 503, 599])
@pytest.mark.parametrize("way", ["number", "preference"])
def test_any_status_can_be_had(caller: HttpCaller, status: int, way: str) -> None:
    """An order number or a preference gives any status, as with a cancel."""
    order, prefer = (9000000 + status, "") if way == "number" else (73552, f"code={status}")
    lines = [f"GET /api/v1/accounts/6303/orders/{order} HTTP/1.1", "Host: mock", "Connection: close"]
    lines += [f"Prefer: {prefer}", *(f"{name}: {value}" for name, value in caller.log_in().items())]
    reply = caller.raw("\r\n".join([*lines, "", ""]).encode())
    assert reply.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize("orders", ["orders", "syncorders"])
@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"key", "token", "version", "id", "account", "prefer"}, 403),
        ({"token", "version", "id", "account", "prefer"}, 401),
        ({"version", "id", "account", "prefer"}, 404),
        ({"id", "account", "prefer"}, 422),
        ({"account", "prefer"}, 401),
        ({"prefer"}, 418),
    ],
)
def test_the_rules_of_the_cancel_hold(caller: HttpCaller, orders: str, wrong: set[str], status: int) -> None:
    """A read and a cancel at the venue apply in order: key, token, version, ids, owner, preference."""
    headers = caller.log_in()
    headers |= {"Et-App-Key": "wrong"} if "key" in wrong else {}
    headers |= {"Authorization": "Bearer wrong"} if "token" in wrong else {}
    headers |= {"Prefer": "code=418"} if "prefer" in wrong else {}
    reply = caller.cancel(
        "abc" if "id" in wrong else "73552",
        headers,
        account="6400" if "account" in wrong else "6303",
        version="2" if "version" in wrong else "1",
        method="GET" if orders == "orders" else "DELETE",
        orders=orders,
    )
    assert reply.status_code == status
    assert caller.server.exchange.ledger == ()
