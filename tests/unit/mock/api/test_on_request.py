"""Statuses on request, and the order of the rules of a cancel."""

from __future__ import annotations

import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock.exchange.orders import Order


def untouched(caller: HttpCaller) -> bool:
    return caller.server.exchange.ledger == ()


# Statuses on request: rules 6 and 7

STATUSES = [200, 204, 205, 299, 300, 303, 304, 400, 401, 403, 404, 405, 409, 418, 422, 429, 499, 500, 503, 599]


@pytest.mark.parametrize("status", STATUSES)
def test_a_preferred_status_is_answered_and_the_book_left_alone(caller: HttpCaller, status: int) -> None:
    """Prefer: code=NNN gives the status NNN, and no order changes."""
    reply = caller.cancel(73552, caller.log_in() | {"Prefer": f"code={status}"})
    assert reply.status_code == status
    assert untouched(caller)
    assert caller.server.exchange.orders[73552].status == "New"


@pytest.mark.parametrize("status", STATUSES)
def test_an_order_number_answers_its_status_and_the_book_is_left_alone(caller: HttpCaller, status: int) -> None:
    """The order number 9000NNN gives the status NNN, and no order changes."""
    assert caller.cancel(9000000 + status, caller.log_in()).status_code == status
    assert untouched(caller)


@pytest.mark.parametrize("order", [9000000, 9000099, 9000600, 9000999, 9001200, 900200, 19000200, -9000200])
def test_other_numbers_are_orders_like_any(caller: HttpCaller, order: int) -> None:
    """An order with any other number is cancelled if it exists, and gets 409 if not."""
    headers = caller.log_in()
    assert caller.cancel(order, headers).status_code == 409
    caller.server.exchange.seed(orders=[Order(order_id=order, account_id=6303)])
    assert caller.cancel(order, headers).status_code == 204


def test_an_order_number_answers_even_when_such_an_order_is_there(caller: HttpCaller) -> None:
    """The number 9000204 gives the status 204, and a seeded order with this number stays New."""
    caller.server.exchange.seed(orders=[Order(order_id=9000204, account_id=6303)])
    assert caller.cancel(9000204, caller.log_in()).status_code == 204
    assert caller.server.exchange.orders[9000204].status == "New"


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("code=500", 500),
        ("CODE=500", 500),
        ('code="500"', 500),
        ("code = 500 ,", 500),
        ("respond-async, code=500", 500),
        ("code=500;why=test", 500),
        ("code=500, code=409", 500),
        ("code=099, code=409", 409),
        ("code=99", 204),
        ("code=099", 204),
        ("code=600", 204),
        ("code=1000", 204),
        ("code=", 204),
        ("code=abc", 204),
        ("code=5 0", 204),
        ("code=\u0665\u0660\u0660", 204),
        ('code="500', 204),
        ("return=minimal", 204),
        ("xcode=500", 204),
    ],
)
def test_how_a_preference_is_read(caller: HttpCaller, prefer: str, status: int) -> None:
    """The first code from 100 to 599 counts; anything else is ignored, and the book decides."""
    headers = {name.encode(): value.encode() for name, value in (caller.log_in() | {"Prefer": prefer}).items()}
    url = f"{caller.server.base_url}/v1/accounts/6303/orders/73552"
    assert caller.client.delete(url, headers=headers).status_code == status


@pytest.mark.parametrize("status", [100, 101, 102, 103, 150, 199])
@pytest.mark.parametrize("way", ["number", "preference"])
def test_a_1xx_goes_out_as_the_final_answer(caller: HttpCaller, status: int, way: str) -> None:
    """A 1xx on request has a status line and headers, and then the connection is closed."""
    order, prefer = (9000000 + status, "") if way == "number" else (73552, f"code={status}")
    lines = [f"DELETE /api/v1/accounts/6303/orders/{order} HTTP/1.1", "Host: mock", f"Prefer: {prefer}"]
    lines += [f"{name}: {value}" for name, value in caller.log_in().items()]
    reply = caller.raw("\r\n".join([*lines, "", ""]).encode())
    head, body = reply.split(b"\r\n\r\n", 1)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"connection: close" in head.lower()
    assert b"transfer-encoding" not in head.lower()
    assert body == b""
    assert untouched(caller)


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("bodies", ["guide", "none"])
def test_a_status_without_a_body_sends_none(caller: HttpCaller, status: int, bodies: str) -> None:
    """No byte follows the head of a 204 or 304."""
    caller.control("settings", {"bodies": bodies})
    lines = [f"DELETE /api/v1/accounts/6303/orders/{9000000 + status} HTTP/1.1", "Host: mock", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in caller.log_in().items()]
    head, body = caller.raw("\r\n".join([*lines, "", ""]).encode()).split(b"\r\n\r\n", 1)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"content-type" not in head.lower()
    assert body == b""


# The order of the rules

GOOD = {"account": "6303", "order": "73552", "version": "1"}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"key", "token", "version", "id", "account", "prefer", "number"}, 403),
        ({"token", "version", "id", "account", "prefer", "number"}, 401),
        ({"version", "id", "account", "prefer", "number"}, 404),
        ({"id", "account", "prefer"}, 422),
        ({"account", "prefer", "number"}, 401),
        ({"prefer", "number"}, 418),
        ({"number"}, 599),
        (set[str](), 204),
    ],
)
def test_the_first_rule_that_is_broken_answers(caller: HttpCaller, wrong: set[str], status: int) -> None:
    """The rules apply in this order: key, token, version, ids, owner, preference, number, order book."""
    headers = caller.log_in()
    headers |= {"Et-App-Key": "wrong"} if "key" in wrong else {}
    headers |= {"Authorization": "Bearer wrong"} if "token" in wrong else {}
    headers |= {"Prefer": "code=418"} if "prefer" in wrong else {}
    order = "abc" if "id" in wrong else "9000599" if "number" in wrong else "73552"
    account = "6400" if "account" in wrong else "6303"
    version = "2" if "version" in wrong else "1"
    assert caller.cancel(order, headers, account=account, version=version).status_code == status
