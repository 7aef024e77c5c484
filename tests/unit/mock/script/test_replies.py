"""Replies and faults that are armed by operation and order, over a real socket."""

from __future__ import annotations

import time

import httpx
import pytest
from support.http_caller import APP_KEY, TRADER, HttpCaller

from autoshares_cancel.mock import MockServer


def statuses(caller: HttpCaller, order: int, times: int, *, method: str = "DELETE") -> list[int]:
    """Call about an order this many times, and return the statuses."""
    headers = caller.log_in()
    return [caller.cancel(order, headers, method=method).status_code for _ in range(times)]


def status_of(server: MockServer, order: int) -> str:
    return server.exchange.orders[order].status


@pytest.mark.parametrize(("takes_effect", "read"), [(True, "Canceled"), (False, "New")])
def test_a_failure_takes_effect_or_not(caller: HttpCaller, takes_effect: bool, read: str) -> None:  # noqa: FBT001  # pytest passes it by name
    """The status is the same, and a read shows whether the cancel took effect."""
    caller.server.on_cancel(73552).respond(500, takes_effect=takes_effect)
    headers = caller.log_in()
    assert caller.cancel(73552, headers).status_code == 500
    assert caller.read(73552, headers).json()["Status"] == read


def test_a_failure_has_no_effect_unless_it_is_asked_for(caller: HttpCaller) -> None:
    """Without takes_effect, a 500 leaves the ledger empty."""
    caller.server.on_cancel(73552).respond(500)
    assert statuses(caller, 73552, 1) == [500]
    assert caller.server.ledger == ()


def test_steps_follow_each_other(caller: HttpCaller) -> None:
    """Each step is used as often as armed; then the exchange answers again."""
    caller.server.on_cancel(73552).respond(500, times=2).then(503, undocumented=True).pass_through().then(403)
    assert statuses(caller, 73552, 5) == [500, 500, 503, 204, 403]
    assert statuses(caller, 73552, 1) == [409]
    caller.server.assert_all_used()


def test_the_nth_call_is_armed(caller: HttpCaller) -> None:
    """The exchange answers the calls before the nth one, and those after it."""
    caller.server.on_read(73552, nth=3).respond(500)
    assert statuses(caller, 73552, 4, method="GET") == [200, 200, 500, 200]


def test_a_step_can_strike_every_call(caller: HttpCaller) -> None:
    """times=None strikes all calls, and counts as used after one."""
    caller.server.on_cancel(73552).respond(422, times=None)
    assert statuses(caller, 73552, 3) == [422] * 3
    caller.server.assert_all_used()


def test_a_step_strikes_its_own_order_or_any_order(caller: HttpCaller) -> None:
    """A step strikes no other order, account or operation than it names."""
    caller.server.on_cancel(73552, account_id=6400).respond(500, optional=True)
    caller.server.on_cancel(73553).respond(403)
    caller.server.on_cancel().respond(422)
    assert statuses(caller, 73553, 1, method="GET") == [200]
    assert statuses(caller, 73552, 2) == [422, 204]
    assert statuses(caller, 73553, 2) == [403, 204]


@pytest.mark.parametrize("orders", ["orders", "syncorders"])
def test_both_kinds_of_cancels_are_armed(caller: HttpCaller, orders: str) -> None:
    """on_cancel strikes the quick cancel and the cancel at the venue."""
    caller.server.on_cancel(73552).respond(500)
    assert caller.cancel(73552, caller.log_in(), orders=orders).status_code == 500


def test_lists_and_log_ins_are_armed(caller: HttpCaller) -> None:
    """Lists are armed by their account, log-ins by their user."""
    headers = caller.log_in()
    caller.server.on_list(account_id=6303).respond(500)
    caller.server.on_token("trader").respond(401).then(500, undocumented=True)
    assert caller.list_orders(headers).status_code == 500
    assert caller.ask_token(APP_KEY | {"Username": "other", "Password": "battery-staple"}).status_code == 200
    refused = caller.ask_token(APP_KEY | TRADER)
    assert (refused.status_code, refused.json()["State"]) == (401, "Failed")
    assert [caller.ask_token(APP_KEY | TRADER).status_code for _ in range(2)] == [500, 200]


def test_opening_a_connection_is_no_log_in(caller: HttpCaller) -> None:
    """A client opens connections by OPTIONS, which uses up no step."""
    caller.server.on_token().respond(401)
    assert caller.client.options(f"{caller.server.base_url}/token").status_code == 405
    assert caller.ask_token(APP_KEY | TRADER).status_code == 401


def test_a_log_in_is_known_in_any_order_of_its_headers(caller: HttpCaller) -> None:
    """The user name may be the first or the last header."""
    headers = [*APP_KEY.items(), *TRADER.items()]
    for given in (headers, headers[::-1]):
        caller.server.on_token("trader").respond(401)
        assert caller.ask_token(given).status_code == 401


def test_a_log_in_that_is_answered_with_200_gives_a_token(caller: HttpCaller) -> None:
    """A 200 that is armed for a log-in is the exchange's own reply."""
    caller.server.on_token().respond(200)
    assert caller.cancel(73552, caller.log_in()).status_code == 204


@pytest.mark.parametrize("bodies", ["guide", "none"])
def test_the_body_is_what_the_mock_sends_with_this_status(caller: HttpCaller, bodies: str) -> None:
    """An armed status has the body of the same status on request."""
    caller.control("settings", {"bodies": bodies})
    headers = caller.log_in()
    caller.server.on_cancel(73552).respond(403)
    reply = caller.cancel(73552, headers)
    natural = caller.cancel(9000403, headers)
    assert (reply.content, reply.headers.get("content-type")) == (natural.content, natural.headers.get("content-type"))


def test_a_body_and_headers_may_be_given(caller: HttpCaller) -> None:
    """A body is JSON, or text with a content type of its own."""
    headers = caller.log_in()
    caller.server.on_read(73552).respond(200, json={"Status": "Frozen"}, headers={"X-Request-Id": "7"})
    caller.server.on_cancel(73552).respond(200, text="<p>done</p>", headers={"Content-Type": "text/html"})
    read, cancelled = caller.read(73552, headers), caller.cancel(73552, headers)
    assert (read.json(), read.headers["x-request-id"]) == ({"Status": "Frozen"}, "7")
    assert (cancelled.text, cancelled.headers["content-type"]) == ("<p>done</p>", "text/html")
    assert status_of(caller.server, 73552) == "Canceled"


def test_a_success_without_a_body_is_the_exchanges_own(caller: HttpCaller) -> None:
    """A read shows the order, and a cancel with 200 has an empty object."""
    headers = caller.log_in()
    caller.server.on_read(73552).respond(200)
    caller.server.on_cancel(73552).respond(200)
    assert caller.read(73552, headers).json()["Id"] == 73552
    assert caller.cancel(73552, headers).json() == {}


def test_no_success_is_sent_for_a_cancel_that_the_exchange_refuses(caller: HttpCaller) -> None:
    """The cancel of a filled order gets 409, whatever success is armed."""
    caller.server.on_cancel(73562).respond(204).then(200, json={"Status": "Canceled"})
    caller.server.on_cancel(73562).respond(204, takes_effect=False)
    assert statuses(caller, 73562, 3) == [409, 409, 409]


def test_a_reply_is_delayed(caller: HttpCaller) -> None:
    """The delay is in real seconds, after the cancel; the event loop may be a millisecond early."""
    caller.server.on_cancel(73552).respond(204, delay=0.05)
    headers, begun = caller.log_in(), time.monotonic()
    assert caller.cancel(73552, headers).status_code == 204
    assert time.monotonic() - begun > 0.04


@pytest.mark.parametrize("status", [101, 199, 304, 418, 599])
def test_any_status_can_be_sent(caller: HttpCaller, status: int) -> None:
    """Any status has its own framing, so that the next request is answered, too."""
    caller.server.on_cancel(73552).respond(status, undocumented=True)
    lines = ["DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1", "Host: mock", "Connection: close", "", ""]
    reply = caller.raw("\r\n".join(lines).encode())
    assert reply.startswith(f"HTTP/1.1 {status} ".encode())
    assert caller.log_in()


@pytest.mark.parametrize(("when", "status"), [("after", "Canceled"), ("before", "New")])
def test_a_fault_strikes_the_order_that_it_is_armed_for(caller: HttpCaller, when: str, status: str) -> None:
    """A fault strikes after the cancel was carried out, or before."""
    caller.server.on_cancel(73552).fault("reset", when="after" if when == "after" else "before")
    headers = caller.log_in()
    assert caller.cancel(73553, headers).status_code == 204
    with pytest.raises(httpx.TransportError):
        caller.cancel(73552, headers)
    assert status_of(caller.server, 73552) == status
    caller.server.assert_all_used()


def test_control_over_http_does_not_touch_a_script(caller: HttpCaller) -> None:
    """Control over HTTP neither shows nor replaces the steps of a script."""
    caller.server.on_cancel(73552).respond(500)
    assert caller.control("faults", {"faults": []}).json()["faults"] == []
    assert statuses(caller, 73552, 1) == [500]


def test_disarming_leaves_the_exchange_alone(caller: HttpCaller) -> None:
    """After disarm no step is expected, and the exchange answers calls."""
    caller.server.on_cancel(73552).respond(500)
    caller.server.disarm()
    assert statuses(caller, 73552, 1) == [204]
    caller.server.assert_all_used()


def test_a_server_that_is_left_with_unused_steps_raises() -> None:
    """The message names the call that armed the step."""
    unused = r"armed and not used:\n  on_list\(\)\.fault\('stall'\)\nno request was seen"
    with pytest.raises(AssertionError, match=unused), MockServer() as server:
        server.on_list().fault("stall")


def test_an_exception_that_leaves_a_server_is_raised() -> None:
    """The exception hides the report of unused steps."""
    server = MockServer()
    server.on_list().fault("stall")

    def fail_inside() -> None:
        with server:
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        fail_inside()
