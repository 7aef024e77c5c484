"""DELETE of an order over a real socket: every rule, and the order of the rules."""

from __future__ import annotations

import pytest
from support.http_caller import APP_KEY, HttpCaller

FORBIDDEN = {"error": "Application key is not defined or does not exist"}
DENIED = {"Message": "Authorization has been denied for this request."}


def untouched(caller: HttpCaller) -> bool:
    return caller.server.exchange.ledger == ()


# The order book


@pytest.mark.parametrize("order", [73552, 73561, 73563])
def test_an_open_order_is_cancelled(caller: HttpCaller, order: int) -> None:
    """An open order gets 204 without a body, and is Canceled in the order book."""
    reply = caller.cancel(order, caller.log_in())
    assert (reply.status_code, reply.content) == (204, b"")
    assert "Content-Type" not in reply.headers
    assert caller.server.exchange.orders[order].status == "Canceled"
    assert [event.order_id for event in caller.server.exchange.ledger] == [order]


@pytest.mark.parametrize("order", [73562, 73564, 1, 73600, -5, 2147483647, -2147483648])
def test_an_order_that_is_not_open_is_a_conflict(caller: HttpCaller, order: int) -> None:
    """Filled, cancelled, unknown and other users' orders get 409 without a body; nothing changes."""
    before = caller.server.exchange.orders
    reply = caller.cancel(order, caller.log_in())
    assert (reply.status_code, reply.content) == (409, b"")
    assert "Content-Type" not in reply.headers
    assert caller.server.exchange.orders == before
    assert untouched(caller)


def test_a_second_cancel_is_a_conflict(caller: HttpCaller) -> None:
    """The first cancel gets 204, and the second one 409."""
    headers = caller.log_in()
    assert [caller.cancel(73552, headers).status_code for _ in range(2)] == [204, 409]


@pytest.mark.parametrize("version", ["1", "1.0", "%31"])
def test_the_served_versions(caller: HttpCaller, version: str) -> None:
    """The versions 1 and 1.0 are served, percent-encoded or not."""
    assert caller.cancel(73552, caller.log_in(), version=version).status_code == 204


@pytest.mark.parametrize("order", ["073552", "%37%33%35%35%32", "0" * 5000 + "73552"])
def test_a_plain_decimal_is_read_as_a_number(caller: HttpCaller, order: str) -> None:
    """Leading zeros and percent-encoding name the same order."""
    assert caller.cancel(order, caller.log_in()).status_code == 204
    assert caller.server.exchange.orders[73552].status == "Canceled"


# Credentials: rules 1, 2 and 5


@pytest.mark.parametrize(
    "key",
    [[], [("Et-App-Key", "wrong")], [("Et-App-Key", "")], [("Et-App-Key", "demo-app-key")] * 2],
    ids=["missing", "wrong", "empty", "twice"],
)
@pytest.mark.parametrize("token", ["good", "bad", "missing"])
def test_a_bad_app_key_is_forbidden_whatever_the_token(
    caller: HttpCaller, key: list[tuple[str, str]], token: str
) -> None:
    """A bad application key gets 403 with the guide's body."""
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
def test_a_token_that_is_not_bearer_and_one_space_is_denied(caller: HttpCaller, shape: str) -> None:
    """Any other form of the header gets 401 with the guide's body, even with a good token in it."""
    token = caller.log_in()["Authorization"].removeprefix("Bearer ")
    request = (
        b"DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1\r\nHost: mock\r\nEt-App-Key: demo-app-key\r\n"
        b"Connection: close\r\nAuthorization: " + shape.format(token).encode() + b"\r\n\r\n"
    )
    reply = caller.raw(request)
    assert reply.startswith(b"HTTP/1.1 401 ")
    assert b"Authorization has been denied" in reply
    assert untouched(caller)


def test_a_missing_token_is_denied(caller: HttpCaller) -> None:
    """A request without a token gets 401 with the guide's body."""
    reply = caller.cancel(73552, APP_KEY)
    assert (reply.status_code, reply.json()) == (401, DENIED)
    assert untouched(caller)


def test_an_unknown_token_is_denied(caller: HttpCaller) -> None:
    """An unknown token gets 401."""
    assert caller.cancel(73552, APP_KEY | {"Authorization": "Bearer unknown"}).status_code == 401


def test_an_expired_token_is_denied(caller: HttpCaller) -> None:
    """A token gets 401 from 24 hours on."""
    headers = caller.log_in()
    caller.server.exchange.advance(24 * 3600)
    assert caller.cancel(73552, headers).status_code == 401
    assert untouched(caller)


def test_an_interim_token_is_denied(caller: HttpCaller) -> None:
    """An interim token gets 401, even for its own user's account."""
    asked = caller.ask_token(APP_KEY | {"Username": "two-factor", "Password": "correct-horse"})
    assert asked.status_code == 202
    headers = APP_KEY | {"Authorization": f"Bearer {asked.json()['Token']}"}
    assert caller.cancel(73650, headers, account=6500).status_code == 401
    assert untouched(caller)


def test_two_authorization_headers_are_denied(caller: HttpCaller) -> None:
    """Two Authorization headers get 401, even if both are good and equal."""
    headers = list(caller.log_in().items())
    assert caller.cancel(73552, [*headers, ("Authorization", dict(headers)["Authorization"])]).status_code == 401
    assert untouched(caller)


@pytest.mark.parametrize("account", [6400, 1, -1])
def test_an_account_of_another_user_is_denied(caller: HttpCaller, account: int) -> None:
    """An account that is not the user's gets 401, whether it exists or not."""
    reply = caller.cancel(73600, caller.log_in(), account=account)
    assert (reply.status_code, reply.json()) == (401, DENIED)
    assert untouched(caller)


def test_the_other_user_cancels_at_the_other_account(caller: HttpCaller) -> None:
    """The user of another account can cancel its orders."""
    headers = caller.log_in("other", "battery-staple")
    assert caller.cancel(73600, headers, account=6400).status_code == 204


# Version and ids: rules 3 and 4


@pytest.mark.parametrize("version", ["2", "1.1", "01", "1.", "1.00", "v1", "1%2F", "%201", "%EF%BC%91"])
def test_other_versions_are_not_found(caller: HttpCaller, version: str) -> None:
    """Any other version gets 404."""
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
def test_an_order_that_is_no_int32_is_invalid(caller: HttpCaller, order: str) -> None:
    """An order id that is no int32 gets 422 with a body that names the field."""
    reply = caller.cancel(order, caller.log_in())
    assert reply.status_code == 422
    assert reply.json() == {
        "Message": "Validation error occured while processing entity",
        "ModelState": {"orderId": ["orderId is not an int32"]},
    }
    assert untouched(caller)


@pytest.mark.parametrize("account", NOT_INT32)
def test_an_account_that_is_no_int32_is_invalid(caller: HttpCaller, account: str) -> None:
    """An account id that is no int32 gets 422, before the account's owner is checked."""
    reply = caller.cancel(73552, caller.log_in(), account=account)
    assert (reply.status_code, reply.json()["ModelState"]) == (422, {"accountId": ["accountId is not an int32"]})
    assert untouched(caller)
