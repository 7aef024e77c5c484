"""Control under /_mock/, over a real socket."""

from __future__ import annotations

from typing import Any

from support.http_caller import APP_KEY, TRADER, HttpCaller
from support.times import without_times

from autoshares_cancel.mock._state import REMEMBERED_REQUESTS, Seen, Traffic


def test_the_state_at_start(caller: HttpCaller) -> None:
    """At start, orders and users are sorted, and ledger and requests are empty."""
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
            "placed_at": 0,
            "time_in_force": None,
            "expires_at": None,
            "legs": [],
            "extra": {},
        },
    )
    assert users[0] == {"username": "both", "accounts": [6700], "steps": ["VerificationCode", "SecutityPin"]}
    assert [user["username"] for user in users] == ["both", "other", "pin", "trader", "two-factor"]
    assert state == {
        "counters": {
            "token_requests": 0,
            "token_requests_in_flight_at_most": 0,
            "order_requests": 0,
            "connections": 1,
            "faults_in_flight": 0,
        },
        "races": [],
        "ledger": [],
        "requests": [],
        "settings": {
            "bodies": "guide",
            "cancel_delay": 0,
            "fault_pause": 1,
            "rate_limit": None,
            "redirect_to": "https://other.example",
            "retry_after": None,
            "single_session": False,
            "status_form": "word",
            "token_answer": None,
            "token_delay": 0,
            "venue_delay": 0,
        },
    }


def test_the_state_tells_what_was_asked_and_what_happened(caller: HttpCaller) -> None:
    """The state has requests with undecoded paths and statuses, and a ledger entry for the one cancel."""
    headers = caller.log_in()
    caller.cancel(73552, headers, version="1.0")
    caller.cancel("%37", headers)
    caller.client.get(f"{caller.server.base_url}/nothing?a=%20b")
    state = caller.state()
    honest = {"connection": 1, "fault": None, "when": None}
    assert state["requests"] == [
        {"method": "POST", "path": "/api/token", "status": 200} | honest,
        {"method": "DELETE", "path": "/api/v1.0/accounts/6303/orders/73552", "status": 204} | honest,
        {"method": "DELETE", "path": "/api/v1/accounts/6303/orders/%37", "status": 409} | honest,
        {"method": "GET", "path": "/api/nothing?a=%20b", "status": 404} | honest,
    ]
    assert state["counters"] == {
        "token_requests": 1,
        "token_requests_in_flight_at_most": 1,
        "order_requests": 2,
        "connections": 1,
        "faults_in_flight": 0,
    }
    (event,) = state["ledger"]
    assert event.pop("at") >= 0
    assert event == {"status": "Canceled", "account_id": 6303, "order_id": 73552, "quantity": 100}


def test_only_the_last_requests_are_remembered() -> None:
    """The oldest requests are dropped."""
    traffic = Traffic()
    for number in range(REMEMBERED_REQUESTS + 1):
        traffic.requests.append(Seen(method="GET", path=str(number), status=404))
    assert (len(traffic.requests), traffic.requests[0].path) == (REMEMBERED_REQUESTS, "1")


def test_the_state_shows_no_secret(caller: HttpCaller) -> None:
    """The state has no password, code, PIN or token, and no body of token_answer."""
    token = caller.log_in()["Authorization"].removeprefix("Bearer ")
    interim = caller.ask_token(APP_KEY | TRADER | {"Username": "pin"}).json()["Token"]
    caller.cancel(73552, APP_KEY | {"Authorization": f"Bearer {token}"})
    caller.control("settings", {"token_answer": {"status": 200, "body": "s3cret", "headers": {"X": "s3cret"}}})
    shown = without_times(caller.client.get(f"{caller.server.origin}/_mock/state").text)
    for secret in ("correct-horse", "battery-staple", "123456", "4711", "demo-app-key", token, interim, "s3cret"):
        assert secret not in shown


def test_a_reset_brings_everything_back(caller: HttpCaller) -> None:
    """A reset restores book, users, tokens, clock, settings, races, faults, counters and requests."""
    fresh = caller.state()
    headers = caller.log_in()
    caller.cancel(73552, headers)
    caller.control("seed", {"users": [{"username": "new", "password": "new", "accounts": [1]}]})
    caller.control("settings", {"bodies": "none", "token_answer": {"status": 500}, "token_delay": 0.001})
    caller.control("settings", {"fault_pause": 2, "redirect_to": "http://127.0.0.1:1"})
    caller.control("settings", {"cancel_delay": 60, "venue_delay": 0.001})
    caller.control("settings", {"rate_limit": 1, "retry_after": 1, "single_session": True, "status_form": "both"})
    caller.cancel(73553, headers)
    caller.control("races", {"races": [{"order_id": 73552, "quantity": 1, "when": "after"}]})
    caller.control("faults", {"faults": [{"fault": "stall"}], "random": {"rate": 1}})
    caller.control("clock", {"advance": 60})
    reply = caller.control("reset")
    assert (reply.status_code, reply.content) == (204, b"")
    again = caller.state()
    assert again.pop("now") < 60
    assert again == {name: value for name, value in fresh.items() if name != "now"}
    armed = caller.client.get(f"{caller.server.origin}/_mock/faults").json()
    assert (armed["faults"], armed["random"]) == ([], None)
    assert caller.cancel(73552, headers).status_code == 401


def test_a_reset_keeps_the_bodies_that_the_server_was_made_with(bodiless_caller: HttpCaller) -> None:
    """A reset restores the value of bodies that the constructor got, not its default."""
    bodiless_caller.control("settings", {"bodies": "guide"})
    bodiless_caller.control("reset")
    assert bodiless_caller.state()["settings"]["bodies"] == "none"


def test_seeded_users_and_orders_are_there(caller: HttpCaller) -> None:
    """A seeded user logs in and cancels a seeded order; a seeded second factor is required."""
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


def test_any_text_can_be_seeded_and_shown(caller: HttpCaller) -> None:
    """Even a lone surrogate, which UTF-8 can't hold, can be seeded and shown."""
    name = b'{"users": [{"username": "\\ud800", "password": "x", "accounts": []}]}'
    reply = caller.client.post(f"{caller.server.origin}/_mock/seed", content=name)
    assert reply.status_code == 204
    assert "\\ud800" in caller.client.get(f"{caller.server.origin}/_mock/state").text


def test_the_clock_is_advanced(caller: HttpCaller) -> None:
    """An advance of a day expires a token at once; the reply has the time."""
    headers = caller.log_in()
    reply = caller.control("clock", {"advance": 86400})
    assert (reply.status_code, reply.json()["now"] >= 86400) == (200, True)
    assert caller.cancel(73552, headers).status_code == 401


def test_a_fraction_of_a_second_is_time(caller: HttpCaller) -> None:
    """An advance may be a fraction of a second."""
    before = caller.server.exchange.now()
    caller.control("clock", {"advance": 0.5})
    assert caller.server.exchange.now() >= before + 0.5


def test_revoked_tokens_are_unknown(caller: HttpCaller) -> None:
    """The next call about an order gets 401, and a new log-in works."""
    headers = caller.log_in()
    reply = caller.control("revoke")
    assert (reply.status_code, reply.content) == (204, b"")
    assert caller.cancel(73552, headers).status_code == 401
    assert caller.cancel(73552, caller.log_in()).status_code == 204


def test_settings_that_are_not_named_stay(caller: HttpCaller) -> None:
    """Each call changes the settings that it names, and shows all of them."""
    caller.control("settings", {"bodies": "none"})
    changed = caller.state()["settings"] | {"bodies": "none", "token_delay": 0.001}
    assert caller.control("settings", {"token_delay": 0.001}).json() == changed
    reply = caller.control("settings", {"token_answer": {"status": 500, "body": "x"}})
    assert reply.json() == changed | {"token_answer": {"status": 500}}


def test_bodies_are_switched(caller: HttpCaller) -> None:
    """The bodies can be switched to none and back to guide."""
    headers = caller.log_in()
    sizes: list[bool] = []
    for bodies in ("none", "guide"):
        caller.control("settings", {"bodies": bodies})
        sizes.append(bool(caller.cancel(9000500, headers).content))
    assert sizes == [False, True]
