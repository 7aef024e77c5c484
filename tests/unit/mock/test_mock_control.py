"""Control under /_mock/, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest
from unit.mock.caller import APP_KEY, TRADER, Caller

from autoshares_cancel.mock._desk import REMEMBERED_REQUESTS, Seen, Traffic


def test_the_state_at_start(caller: Caller) -> None:
    """Orders and users in order, all counters zero, nothing in the ledger, no requests."""
    state = caller.state()
    assert state.pop("now") >= 0
    orders, users = state.pop("orders"), state.pop("users")
    assert (len(orders), orders[11]) == (
        23,
        {
            "order_id": 73563,
            "account_id": 6303,
            "status": "PartiallyFilled",
            "quantity": 100,
            "executed_quantity": 40,
            "leaves_quantity": 60,
        },
    )
    assert users[0] == {"username": "both", "accounts": [6700], "steps": ["VerificationCode", "SecutityPin"]}
    assert [user["username"] for user in users] == ["both", "other", "pin", "trader", "two-factor"]
    assert state == {
        "counters": {"token_requests": 0, "token_requests_in_flight_at_most": 0, "order_requests": 0},
        "ledger": [],
        "requests": [],
        "settings": {"bodies": "guide", "token_answer": None, "token_delay": 0},
    }


def test_the_state_tells_what_was_asked_and_what_happened(caller: Caller) -> None:
    """Requests as they came, with their statuses, and one line of the ledger for the one cancel."""
    headers = caller.log_in()
    caller.cancel(73552, headers, version="1.0")
    caller.cancel("%37", headers)
    caller.client.get(f"{caller.server.base_url}/nothing?a=%20b")
    state = caller.state()
    assert state["requests"] == [
        {"method": "POST", "path": "/api/token", "status": 200},
        {"method": "DELETE", "path": "/api/v1.0/accounts/6303/orders/73552", "status": 204},
        {"method": "DELETE", "path": "/api/v1/accounts/6303/orders/%37", "status": 409},
        {"method": "GET", "path": "/api/nothing?a=%20b", "status": 404},
    ]
    assert state["counters"] == {
        "token_requests": 1,
        "token_requests_in_flight_at_most": 1,
        "order_requests": 2,
    }
    (event,) = state["ledger"]
    assert event.pop("at") >= 0
    assert event == {"status": "Canceled", "account_id": 6303, "order_id": 73552, "quantity": 100}


def test_only_the_last_requests_are_remembered() -> None:
    """The oldest give way."""
    traffic = Traffic()
    for number in range(REMEMBERED_REQUESTS + 1):
        traffic.requests.append(Seen(method="GET", path=str(number), status=404))
    assert (len(traffic.requests), traffic.requests[0].path) == (REMEMBERED_REQUESTS, "1")


def test_the_state_shows_no_secret(caller: Caller) -> None:
    """Neither password, code, PIN nor token, nor the body of a set-up answer."""
    token = caller.log_in()["Authorization"].removeprefix("Bearer ")
    interim = caller.ask_token(APP_KEY | TRADER | {"Username": "pin"}).json()["Token"]
    caller.cancel(73552, APP_KEY | {"Authorization": f"Bearer {token}"})
    caller.control("settings", {"token_answer": {"status": 200, "body": "s3cret", "headers": {"X": "s3cret"}}})
    shown = caller.client.get(f"{caller.server.origin}/_mock/state").text
    for secret in ("correct-horse", "battery-staple", "123456", "4711", "demo-app-key", token, interim, "s3cret"):
        assert secret not in shown


def test_a_reset_brings_everything_back(caller: Caller) -> None:
    """Book, users, tokens, clock, settings, counters and requests."""
    fresh = caller.state()
    headers = caller.log_in()
    caller.cancel(73552, headers)
    caller.control("seed", {"users": [{"username": "new", "password": "new", "accounts": [1]}]})
    caller.control("settings", {"bodies": "none", "token_answer": {"status": 500}, "token_delay": 0.001})
    caller.control("clock", {"advance": 60})
    reply = caller.control("reset")
    assert (reply.status_code, reply.content) == (204, b"")
    again = caller.state()
    assert again.pop("now") < 60
    assert again == {name: value for name, value in fresh.items() if name != "now"}
    assert caller.cancel(73552, headers).status_code == 401


def test_a_reset_keeps_the_bodies_that_the_server_was_made_with(bodiless_caller: Caller) -> None:
    """The start is how it was started."""
    bodiless_caller.control("settings", {"bodies": "guide"})
    bodiless_caller.control("reset")
    assert bodiless_caller.state()["settings"]["bodies"] == "none"


def test_seeded_users_and_orders_are_there(caller: Caller) -> None:
    """A seeded user logs in and cancels a seeded order; a seeded second factor is asked for."""
    user = {"username": "new", "password": "pass", "accounts": [1, 2]}
    careful: dict[str, Any] = {
        "username": "careful",
        "password": "pass",
        "accounts": [],
        "pin": "1",
        "verification_code": "2",
    }
    orders = [
        {"order_id": 1, "account_id": 1, "status": "Held", "quantity": 9, "executed_quantity": 4},
        {"order_id": 2, "account_id": 2},
    ]
    reply = caller.control("seed", {"users": [user, careful], "orders": orders})
    assert (reply.status_code, reply.content) == (204, b"")
    headers = caller.log_in("new", "pass")
    assert caller.cancel(1, headers, account=1).status_code == 204
    assert caller.cancel(2, headers, account=2).status_code == 204
    ledger = caller.state()["ledger"]
    assert [(event["order_id"], event["quantity"]) for event in ledger] == [(1, 5), (2, 100)]
    asked = caller.ask_token(APP_KEY | {"Username": "careful", "Password": "pass"})
    assert (asked.status_code, asked.json()["Step"]) == (202, "VerificationCode")


def test_any_text_can_be_seeded_and_shown(caller: Caller) -> None:
    """Even half a character, which UTF-8 can't hold."""
    name = b'{"users": [{"username": "\\ud800", "password": "x", "accounts": []}]}'
    reply = caller.client.post(f"{caller.server.origin}/_mock/seed", content=name)
    assert reply.status_code == 204
    assert "\\ud800" in caller.client.get(f"{caller.server.origin}/_mock/state").text


def test_the_clock_is_advanced(caller: Caller) -> None:
    """A token grows old at once; the answer tells the time."""
    headers = caller.log_in()
    reply = caller.control("clock", {"advance": 86400})
    assert (reply.status_code, reply.json()["now"] >= 86400) == (200, True)
    assert caller.cancel(73552, headers).status_code == 401


def test_a_fraction_of_a_second_is_time(caller: Caller) -> None:
    """Advances are numbers, not whole ones."""
    before = caller.server.exchange.now()
    caller.control("clock", {"advance": 0.5})
    assert caller.server.exchange.now() >= before + 0.5


def test_revoked_tokens_are_unknown(caller: Caller) -> None:
    """The next order call answers 401, and a new log-in works."""
    headers = caller.log_in()
    reply = caller.control("revoke")
    assert (reply.status_code, reply.content) == (204, b"")
    assert caller.cancel(73552, headers).status_code == 401
    assert caller.cancel(73552, caller.log_in()).status_code == 204


def test_settings_that_are_not_named_stay(caller: Caller) -> None:
    """Each call changes what it names, and answers all of them."""
    caller.control("settings", {"bodies": "none"})
    reply = caller.control("settings", {"token_delay": 0.001})
    assert reply.json() == {"bodies": "none", "token_answer": None, "token_delay": 0.001}
    reply = caller.control("settings", {"token_answer": {"status": 500, "body": "x"}})
    assert reply.json() == {"bodies": "none", "token_answer": {"status": 500}, "token_delay": 0.001}


def test_bodies_are_switched(caller: Caller) -> None:
    """From guide to none and back."""
    headers = caller.log_in()
    sizes: list[bool] = []
    for bodies in ("none", "guide"):
        caller.control("settings", {"bodies": bodies})
        sizes.append(bool(caller.cancel(9000500, headers).content))
    assert sizes == [False, True]


BAD_INPUT: list[tuple[str, Any, str]] = [
    ("clock", {}, "advance must be a number of seconds, zero or more"),
    ("clock", {"advance": -1}, "advance must be a number of seconds, zero or more"),
    ("clock", {"advance": "1"}, "advance must be a number of seconds, zero or more"),
    ("clock", {"advance": True}, "advance must be a number of seconds, zero or more"),
    ("clock", {"advance": 1, "by": 2}, "the body has 'by'; known are advance"),
    ("clock", [], "the body must be a JSON object"),
    ("clock", 5, "the body must be a JSON object"),
    ("seed", {"user": []}, "the body has 'user'; known are orders, users"),
    ("seed", {"users": {}}, "users must be a list"),
    ("seed", {"orders": None}, "orders must be a list"),
    ("seed", {"orders": [1]}, "an order must be a JSON object"),
    ("seed", {"orders": [{"order_id": 1}]}, "an order: account_id missing"),
    ("seed", {"orders": [{"order_id": "1", "account_id": 6303}]}, "an order: order_id must be an int32, not '1'"),
    ("seed", {"orders": [{"order_id": 1, "account_id": 5}]}, "order 1 is of account 5, which no user owns"),
    (
        "seed",
        {"orders": [{"Id": 1}]},
        "an order has 'Id'; known are account_id, executed_quantity, order_id, quantity, status",
    ),
    ("seed", {"users": [{"username": "x"}]}, "a user: password, accounts missing"),
    ("seed", {"users": [{"username": "x", "password": "y", "accounts": 5}]}, "accounts must be a list"),
    (
        "seed",
        {"users": [{"username": "x", "password": "y", "accounts": ["5"]}]},
        "a user: accounts must be int32 account numbers, not ['5']",
    ),
    (
        "seed",
        {"users": [{"username": "x", "password": 987654, "accounts": []}]},
        "a user: password must be text that is not empty",
    ),
    (
        "seed",
        {"users": [{"username": "x", "password": "y", "accounts": [], "pin": 4711}]},
        "a user: pin must be text that is not empty",
    ),
    ("settings", {"body": "none"}, "the body has 'body'; known are bodies, token_answer, token_delay"),
    ("settings", {"bodies": "some"}, "bodies must be 'guide' or 'none'"),
    ("settings", {"bodies": []}, "bodies must be 'guide' or 'none'"),
    ("settings", {"token_delay": None}, "token_delay must be a number of seconds, zero or more"),
    ("settings", {"token_delay": 30.1}, "token_delay must be at most 30 seconds"),
    ("settings", {"token_answer": 500}, "token_answer must be a JSON object"),
    ("settings", {"token_answer": {}}, "token_answer.status must be a number from 100 to 599"),
    ("settings", {"token_answer": {"status": 600}}, "token_answer.status must be a number from 100 to 599"),
    ("settings", {"token_answer": {"status": 99}}, "token_answer.status must be a number from 100 to 599"),
    ("settings", {"token_answer": {"status": "500"}}, "token_answer.status must be a number from 100 to 599"),
    (
        "settings",
        {"token_answer": {"status": 500, "code": 1}},
        "token_answer has 'code'; known are body, headers, status",
    ),
    ("settings", {"token_answer": {"status": 500, "body": {}}}, "token_answer.body must be text"),
    (
        "settings",
        {"token_answer": {"status": 204, "body": "x"}},
        "token_answer.body must be empty, since a 204 has none",
    ),
    (
        "settings",
        {"token_answer": {"status": 304, "body": "x"}},
        "token_answer.body must be empty, since a 304 has none",
    ),
    (
        "settings",
        {"token_answer": {"status": 199, "body": "x"}},
        "token_answer.body must be empty, since a 199 has none",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": []}},
        "token_answer.headers must be a JSON object",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"Content-Length": "5"}}},
        "token_answer.headers can't have 'Content-Length'",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"a b": "5"}}},
        "token_answer.headers can't have 'a b'",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"a": "5\r\nb: 6"}}},
        "token_answer.headers: the value of 'a' must be one line of Latin-1 text",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"a": "€"}}},
        "token_answer.headers: the value of 'a' must be one line of Latin-1 text",
    ),
]


@pytest.mark.parametrize(("control", "document", "error"), BAD_INPUT)
def test_bad_input_is_refused_with_a_reason(caller: Caller, control: str, document: Any, error: str) -> None:
    """400 with an error that says what is wrong, and nothing changes."""
    before = caller.state()
    reply = caller.control(control, document)
    assert (reply.status_code, reply.headers["Content-Type"]) == (400, "application/json")
    assert reply.json() == {"error": error}
    assert caller.state() | {"now": 0} == before | {"now": 0}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 200_000,
        b'{"advance": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "broken", "not UTF-8", "deep", "a long number"],
)
@pytest.mark.parametrize("control", ["clock", "seed", "settings"])
def test_what_is_not_json_is_refused(caller: Caller, control: str, body: bytes) -> None:
    """400 with an error."""
    reply = caller.client.post(f"{caller.server.origin}/_mock/{control}", content=body)
    assert (reply.status_code, reply.json()) == (400, {"error": "the body is not JSON"})


def test_an_answer_that_cannot_be_sent_is_refused(caller: Caller) -> None:
    """400 for half a character, which UTF-8 can't hold."""
    content = b'{"token_answer": {"status": 200, "body": "\\ud800"}}'
    reply = caller.client.post(f"{caller.server.origin}/_mock/settings", content=content)
    assert (reply.status_code, reply.json()) == (400, {"error": "token_answer.body must be text"})


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_an_advance_is_finite(caller: Caller, number: bytes) -> None:
    """400 for what Python's JSON takes for a number and is none."""
    content = b'{"advance": ' + number + b"}"
    reply = caller.client.post(f"{caller.server.origin}/_mock/clock", content=content)
    assert (reply.status_code, reply.json()["error"]) == (400, "advance must be a number of seconds, zero or more")


def test_a_seed_with_one_wrong_order_changes_nothing(caller: Caller) -> None:
    """All or nothing, over both lists."""
    user = {"username": "new", "password": "pass", "accounts": [1]}
    orders = [{"order_id": 1, "account_id": 1}, {"order_id": 2, "account_id": 1, "quantity": 0}]
    assert caller.control("seed", {"users": [user], "orders": orders}).status_code == 400
    assert "new" not in caller.server.exchange.users
    assert 1 not in caller.server.exchange.orders


def test_settings_with_one_wrong_value_change_nothing(caller: Caller) -> None:
    """All or nothing."""
    assert caller.control("settings", {"bodies": "none", "token_delay": -1}).status_code == 400
    assert caller.state()["settings"]["bodies"] == "guide"
