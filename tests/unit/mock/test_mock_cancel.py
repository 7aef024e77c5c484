"""DELETE of an order over a real socket: every rule, and the order of the rules."""

from __future__ import annotations

import pytest
from unit.mock.caller import APP_KEY, Caller

from autoshares_cancel.mock._orders import Order

FORBIDDEN = {"error": "Application key is not defined or does not exist"}
DENIED = {"Message": "Authorization has been denied for this request."}


def untouched(caller: Caller) -> bool:
    return caller.server.exchange.ledger == ()


# The book


@pytest.mark.parametrize("order", [73552, 73561, 73563])
def test_an_open_order_is_cancelled(caller: Caller, order: int) -> None:
    """204 without a body, and the order is Canceled in the book."""
    reply = caller.cancel(order, caller.log_in())
    assert (reply.status_code, reply.content) == (204, b"")
    assert "Content-Type" not in reply.headers
    assert caller.server.exchange.orders[order].status == "Canceled"
    assert [event.order_id for event in caller.server.exchange.ledger] == [order]


@pytest.mark.parametrize("order", [73562, 73564, 1, 73600, -5, 2147483647, -2147483648])
def test_an_order_that_is_not_open_is_a_conflict(caller: Caller, order: int) -> None:
    """409 without a body for filled, cancelled, unknown and other people's orders; nothing changes."""
    before = caller.server.exchange.orders
    reply = caller.cancel(order, caller.log_in())
    assert (reply.status_code, reply.content) == (409, b"")
    assert "Content-Type" not in reply.headers
    assert caller.server.exchange.orders == before
    assert untouched(caller)


def test_a_second_cancel_is_a_conflict(caller: Caller) -> None:
    """204, then 409."""
    headers = caller.log_in()
    assert [caller.cancel(73552, headers).status_code for _ in range(2)] == [204, 409]


@pytest.mark.parametrize("version", ["1", "1.0", "%31"])
def test_the_served_versions(caller: Caller, version: str) -> None:
    """1 and 1.0, however they are encoded."""
    assert caller.cancel(73552, caller.log_in(), version=version).status_code == 204


@pytest.mark.parametrize("order", ["073552", "%37%33%35%35%32", "0" * 5000 + "73552"])
def test_a_plain_decimal_is_read_as_a_number(caller: Caller, order: str) -> None:
    """Leading zeros and percent-encoding make no other order of it."""
    assert caller.cancel(order, caller.log_in()).status_code == 204
    assert caller.server.exchange.orders[73552].status == "Canceled"


# Who may: rules 1, 2 and 5


@pytest.mark.parametrize(
    "key",
    [[], [("Et-App-Key", "wrong")], [("Et-App-Key", "")], [("Et-App-Key", "demo-app-key")] * 2],
    ids=["missing", "wrong", "empty", "twice"],
)
@pytest.mark.parametrize("token", ["good", "bad", "missing"])
def test_a_bad_app_key_is_forbidden_whatever_the_token(caller: Caller, key: list[tuple[str, str]], token: str) -> None:
    """403 with the guide's body."""
    authorization = {
        "good": [("Authorization", caller.log_in()["Authorization"])],
        "bad": [("Authorization", "Bearer bad")],
        "missing": [],
    }
    reply = caller.cancel(73552, key + authorization[token])
    assert (reply.status_code, reply.json()) == (403, FORBIDDEN)
    assert untouched(caller)


@pytest.mark.parametrize(
    "shape",
    [
        "",
        "{0}",
        "Bearer",
        "Bearer ",
        "Bearer  {0}",
        "bearer {0}",
        "BEARER {0}",
        "Token {0}",
        "Bearer {0} {0}",
        "Bearer\t{0}",
    ],
)
def test_a_token_that_is_not_bearer_and_one_space_is_denied(caller: Caller, shape: str) -> None:
    """401 with the guide's body, though the token in it is good."""
    token = caller.log_in()["Authorization"].removeprefix("Bearer ")
    request = (
        b"DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1\r\nHost: mock\r\nEt-App-Key: demo-app-key\r\n"
        b"Connection: close\r\nAuthorization: " + shape.format(token).encode() + b"\r\n\r\n"
    )
    reply = caller.raw(request)
    assert reply.startswith(b"HTTP/1.1 401 ")
    assert b"Authorization has been denied" in reply
    assert untouched(caller)


def test_a_missing_token_is_denied(caller: Caller) -> None:
    """401 with the guide's body."""
    reply = caller.cancel(73552, APP_KEY)
    assert (reply.status_code, reply.json()) == (401, DENIED)
    assert untouched(caller)


def test_an_unknown_token_is_denied(caller: Caller) -> None:
    """401."""
    assert caller.cancel(73552, APP_KEY | {"Authorization": "Bearer unknown"}).status_code == 401


def test_an_expired_token_is_denied(caller: Caller) -> None:
    """401 from 24 hours on."""
    headers = caller.log_in()
    caller.server.exchange.advance(24 * 3600)
    assert caller.cancel(73552, headers).status_code == 401
    assert untouched(caller)


def test_an_interim_token_is_denied(caller: Caller) -> None:
    """401 even for its own user's account."""
    asked = caller.ask_token(APP_KEY | {"Username": "two-factor", "Password": "correct-horse"})
    assert asked.status_code == 202
    headers = APP_KEY | {"Authorization": f"Bearer {asked.json()['Token']}"}
    assert caller.cancel(73650, headers, account=6500).status_code == 401
    assert untouched(caller)


def test_two_authorization_headers_are_denied(caller: Caller) -> None:
    """401 though both are good and the same."""
    headers = list(caller.log_in().items())
    assert caller.cancel(73552, [*headers, ("Authorization", dict(headers)["Authorization"])]).status_code == 401
    assert untouched(caller)


@pytest.mark.parametrize("account", [6400, 1, -1])
def test_somebody_elses_account_is_denied(caller: Caller, account: int) -> None:
    """401, whether the account is there or not."""
    reply = caller.cancel(73600, caller.log_in(), account=account)
    assert (reply.status_code, reply.json()) == (401, DENIED)
    assert untouched(caller)


def test_the_other_user_cancels_at_the_other_account(caller: Caller) -> None:
    """Accounts are bound to users, not to one user."""
    headers = caller.log_in("other", "battery-staple")
    assert caller.cancel(73600, headers, account=6400).status_code == 204


# What is asked: rules 3 and 4


@pytest.mark.parametrize("version", ["2", "1.1", "01", "1.", "1.00", "v1", "1%2F", "%201", "%EF%BC%91"])
def test_other_versions_are_not_found(caller: Caller, version: str) -> None:
    """404."""
    assert caller.cancel(73552, caller.log_in(), version=version).status_code == 404
    assert untouched(caller)


NOT_INT32 = [
    "abc",
    "1.5",
    "1e3",
    "0x10",
    "2147483648",
    "-2147483649",
    "9" * 5000,
    "%20",
    "%2073552",
    "73552%20",
    "73552%0A",
    "%00",
    "+1",
    "--1",
    "-",
    "1_0",
    "73552%2F",
    "%2F",
    "..%2F",
    "%D9%A3",
    "%EF%BC%97%EF%BC%93%EF%BC%95%EF%BC%95%EF%BC%92",
    "²",
    "%FF",
    "%",
    "{orderId}",
]


@pytest.mark.parametrize("order", NOT_INT32)
def test_an_order_that_is_no_int32_is_invalid(caller: Caller, order: str) -> None:
    """422 with a body that names the field."""
    reply = caller.cancel(order, caller.log_in())
    assert reply.status_code == 422
    assert reply.json() == {
        "Message": "Validation error occured while processing entity",
        "ModelState": {"orderId": ["orderId is not an int32"]},
    }
    assert untouched(caller)


@pytest.mark.parametrize("account", NOT_INT32)
def test_an_account_that_is_no_int32_is_invalid(caller: Caller, account: str) -> None:
    """422 before anybody asks whose account it is."""
    reply = caller.cancel(73552, caller.log_in(), account=account)
    assert (reply.status_code, reply.json()["ModelState"]) == (422, {"accountId": ["accountId is not an int32"]})
    assert untouched(caller)


# Statuses on request: rules 6 and 7

STATUSES = [200, 204, 205, 299, 300, 303, 304, 400, 401, 403, 404, 405, 409, 418, 422, 429, 499, 500, 503, 599]


@pytest.mark.parametrize("status", STATUSES)
def test_a_preferred_status_is_answered_and_the_book_left_alone(caller: Caller, status: int) -> None:
    """Prefer: code=NNN."""
    reply = caller.cancel(73552, caller.log_in() | {"Prefer": f"code={status}"})
    assert reply.status_code == status
    assert untouched(caller)
    assert caller.server.exchange.orders[73552].status == "New"


@pytest.mark.parametrize("status", STATUSES)
def test_an_order_number_answers_its_status_and_the_book_is_left_alone(caller: Caller, status: int) -> None:
    """Order 9000NNN."""
    assert caller.cancel(9000000 + status, caller.log_in()).status_code == status
    assert untouched(caller)


@pytest.mark.parametrize("order", [9000000, 9000099, 9000600, 9000999, 9001200, 900200, 19000200, -9000200])
def test_other_numbers_are_orders_like_any(caller: Caller, order: int) -> None:
    """Cancelled when they are there, and 409 when not."""
    headers = caller.log_in()
    assert caller.cancel(order, headers).status_code == 409
    caller.server.exchange.seed(orders=[Order(order_id=order, account_id=6303)])
    assert caller.cancel(order, headers).status_code == 204


def test_an_order_number_answers_even_when_such_an_order_is_there(caller: Caller) -> None:
    """Seeding 9000204 does not make a book order of it."""
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
def test_how_a_preference_is_read(caller: Caller, prefer: str, status: int) -> None:
    """The first code from 100 to 599 counts; anything else is passed over, and the book decides."""
    headers = {name.encode(): value.encode() for name, value in (caller.log_in() | {"Prefer": prefer}).items()}
    url = f"{caller.server.base_url}/v1/accounts/6303/orders/73552"
    assert caller.client.delete(url, headers=headers).status_code == status


@pytest.mark.parametrize("status", [100, 101, 102, 103, 150, 199])
@pytest.mark.parametrize("way", ["number", "preference"])
def test_a_1xx_goes_out_as_the_final_answer(caller: Caller, status: int, way: str) -> None:
    """Its status line and headers are all that comes before the connection is closed."""
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
def test_a_status_without_a_body_sends_none(caller: Caller, status: int, bodies: str) -> None:
    """Nothing follows the head, on the wire."""
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
def test_the_first_rule_that_is_broken_answers(caller: Caller, wrong: set[str], status: int) -> None:
    """Key, token, version, ids, owner, preference, number, book."""
    headers = caller.log_in()
    headers |= {"Et-App-Key": "wrong"} if "key" in wrong else {}
    headers |= {"Authorization": "Bearer wrong"} if "token" in wrong else {}
    headers |= {"Prefer": "code=418"} if "prefer" in wrong else {}
    order = "abc" if "id" in wrong else "9000599" if "number" in wrong else "73552"
    account = "6400" if "account" in wrong else "6303"
    version = "2" if "version" in wrong else "1"
    assert caller.cancel(order, headers, account=account, version=version).status_code == status
