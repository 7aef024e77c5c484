"""What control under `/_mock/` refuses, and the reasons that it gives."""

from __future__ import annotations

from typing import Any

import pytest
from support.http_caller import HttpCaller

OF_AN_ORDER = (
    "account_id, executed_quantity, expires_at, extra, legs, order_id, placed_at, quantity, status, time_in_force"
)

BAD_INPUT: list[tuple[str, Any, str]] = [
    ("clock", {}, "advance must be a number of seconds, zero or more, not None"),
    ("clock", {"advance": -1}, "advance must be a number of seconds, zero or more, not -1"),
    ("clock", {"advance": "1"}, "advance must be a number of seconds, zero or more, not '1'"),
    ("clock", {"advance": True}, "advance must be a number of seconds, zero or more, not True"),
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
        f"an order has 'Id'; known are {OF_AN_ORDER}",
    ),
    (
        "seed",
        {"orders": [{"order_id": 1, "account_id": 6303, "extra": []}]},
        "an order: extra must be an object, not []",
    ),
    (
        "seed",
        {"orders": [{"order_id": 1, "account_id": 6303, "placed_at": -1}]},
        "an order: placed_at must be a number of seconds, zero or more, not -1",
    ),
    (
        "seed",
        {"orders": [{"order_id": 1, "account_id": 6303, "legs": [1]}]},
        "an order: legs must have higher numbers than their order, not (1,)",
    ),
    (
        "seed",
        {"orders": [{"order_id": 1, "account_id": 6303, "legs": [2]}]},
        "order 1 has the leg 2, which account 6303 has not",
    ),
    ("races", {}, "races must be a list"),
    ("races", {"race": []}, "the body has 'race'; known are races"),
    ("races", {"races": [{"order_id": 1}]}, "a race: quantity missing"),
    ("races", {"races": [{"order_id": "1", "quantity": 1}]}, "a race: order_id must be an int32, not '1'"),
    ("races", {"races": [{"order_id": 1, "quantity": 0}]}, "a race: quantity must be at least 1, not 0"),
    (
        "races",
        {"races": [{"order_id": 1, "quantity": 1, "when": "later"}]},
        "a race: when must be one of before, after, not 'later'",
    ),
    (
        "races",
        {"races": [{"order_id": 1, "quantity": 1, "when": "after"}]},
        "a race after the cancel needs a cancel that takes time: set cancel_delay first",
    ),
    ("seed", {"users": [{"username": "x"}]}, "a user: password, accounts missing"),
    (
        "seed",
        {"users": [{"username": "x", "password": "y", "accounts": 5}]},
        "a user: accounts must be int32 account numbers, not 5",
    ),
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
    (
        "settings",
        {"body": "none"},
        (
            "the body has 'body'; known are bodies, cancel_delay, fault_pause, rate_limit, redirect_to, retry_after, "
            "single_session, status_form, token_answer, token_delay, venue_delay"
        ),
    ),
    ("settings", {"rate_limit": 0}, "rate_limit must be a number from 1 to 2147483647, not 0"),
    ("settings", {"rate_limit": 0.5}, "rate_limit must be a number from 1 to 2147483647, not 0.5"),
    ("settings", {"retry_after": -1}, "retry_after must be a number from 0 to 2147483647, not -1"),
    ("settings", {"retry_after": "1"}, "retry_after must be a number from 0 to 2147483647, not '1'"),
    ("settings", {"single_session": 1}, "single_session must be true or false, not 1"),
    ("settings", {"status_form": "x"}, "status_form must be one of word, number, both, spaced, lower, not 'x'"),
    ("settings", {"cancel_delay": -1}, "cancel_delay must be a number of seconds, zero or more, not -1"),
    ("settings", {"venue_delay": "1"}, "venue_delay must be a number of seconds from 0 to 30, not '1'"),
    ("settings", {"venue_delay": 30.1}, "venue_delay must be a number of seconds from 0 to 30, not 30.1"),
    ("settings", {"fault_pause": "1"}, "fault_pause must be a number of seconds from 0 to 60, not '1'"),
    ("settings", {"fault_pause": 60.1}, "fault_pause must be a number of seconds from 0 to 60, not 60.1"),
    (
        "settings",
        {"redirect_to": "other.example"},
        "redirect_to must be scheme and host, as in https://other.example, not 'other.example'",
    ),
    (
        "settings",
        {"redirect_to": "http://x/y"},
        "redirect_to must be scheme and host, as in https://other.example, not 'http://x/y'",
    ),
    (
        "settings",
        {"redirect_to": "http://x\r\n"},
        "redirect_to must be scheme and host, as in https://other.example, not 'http://x\\r\\n'",
    ),
    ("settings", {"redirect_to": None}, "redirect_to must be scheme and host, as in https://other.example, not None"),
    ("settings", {"bodies": "some"}, "bodies must be one of guide, none, not 'some'"),
    ("settings", {"bodies": []}, "bodies must be one of guide, none, not []"),
    ("settings", {"token_delay": None}, "token_delay must be a number of seconds from 0 to 30, not None"),
    ("settings", {"token_delay": 30.1}, "token_delay must be a number of seconds from 0 to 30, not 30.1"),
    ("settings", {"token_answer": 500}, "token_answer must be a JSON object"),
    ("settings", {"token_answer": {}}, "token_answer: status missing"),
    ("settings", {"token_answer": {"status": 600}}, "token_answer: status must be a number from 100 to 599, not 600"),
    ("settings", {"token_answer": {"status": 99}}, "token_answer: status must be a number from 100 to 599, not 99"),
    (
        "settings",
        {"token_answer": {"status": "500"}},
        "token_answer: status must be a number from 100 to 599, not '500'",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "code": 1}},
        "token_answer has 'code'; known are body, headers, status",
    ),
    ("settings", {"token_answer": {"status": 500, "body": {}}}, "token_answer: body must be text"),
    (
        "settings",
        {"token_answer": {"status": 204, "body": "x"}},
        "token_answer: body must be empty, since a 204 has none",
    ),
    (
        "settings",
        {"token_answer": {"status": 304, "body": "x"}},
        "token_answer: body must be empty, since a 304 has none",
    ),
    (
        "settings",
        {"token_answer": {"status": 199, "body": "x"}},
        "token_answer: body must be empty, since a 199 has none",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": []}},
        "token_answer: headers must be an object",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"Content-Length": "5"}}},
        "token_answer: headers can't have 'Content-Length'",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"a b": "5"}}},
        "token_answer: headers can't have 'a b'",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"a": "5\r\nb: 6"}}},
        "token_answer: the value of header 'a' must be one line of Latin-1 text",
    ),
    (
        "settings",
        {"token_answer": {"status": 500, "headers": {"a": "€"}}},
        "token_answer: the value of header 'a' must be one line of Latin-1 text",
    ),
]


@pytest.mark.parametrize(("control", "document", "error"), BAD_INPUT)
def test_bad_input_is_refused_with_a_reason(caller: HttpCaller, control: str, document: Any, error: str) -> None:
    """Bad input gets 400 with an error that names the problem, and nothing changes."""
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
def test_what_is_not_json_is_refused(caller: HttpCaller, control: str, body: bytes) -> None:
    """A body that is not JSON gets 400 with an error."""
    reply = caller.client.post(f"{caller.server.origin}/_mock/{control}", content=body)
    assert (reply.status_code, reply.json()) == (400, {"error": "the body is not JSON"})


def test_an_answer_that_cannot_be_sent_is_refused(caller: HttpCaller) -> None:
    """A token_answer with a lone surrogate, which UTF-8 can't hold, gets 400."""
    content = b'{"token_answer": {"status": 200, "body": "\\ud800"}}'
    reply = caller.client.post(f"{caller.server.origin}/_mock/settings", content=content)
    assert (reply.status_code, reply.json()) == (400, {"error": "token_answer: body must be text"})


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_an_advance_is_finite(caller: HttpCaller, number: bytes) -> None:
    """Numbers that only Python's JSON accepts get 400."""
    content = b'{"advance": ' + number + b"}"
    reply = caller.client.post(f"{caller.server.origin}/_mock/clock", content=content)
    error: str = reply.json()["error"]
    assert (reply.status_code, error.partition(", not ")[0]) == (
        400,
        "advance must be a number of seconds, zero or more",
    )


def test_a_seed_with_one_wrong_order_changes_nothing(caller: HttpCaller) -> None:
    """One wrong order refuses the whole seed, users included."""
    user = {"username": "new", "password": "pass", "accounts": [1]}
    orders = [{"order_id": 1, "account_id": 1}, {"order_id": 2, "account_id": 1, "quantity": 0}]
    assert caller.control("seed", {"users": [user], "orders": orders}).status_code == 400
    assert "new" not in caller.server.exchange.users
    assert 1 not in caller.server.exchange.orders


def test_settings_with_one_wrong_value_change_nothing(caller: HttpCaller) -> None:
    """One wrong value leaves all settings unchanged."""
    assert caller.control("settings", {"bodies": "none", "token_delay": -1}).status_code == 400
    assert caller.state()["settings"]["bodies"] == "guide"
