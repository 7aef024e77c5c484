"""Cancels that take time over a real socket: quick and pending, at the venue, and with fills that race."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock.api import cancel as cancelling


def status_of(caller: HttpCaller, order: int = 73552) -> str:
    return caller.server.exchange.orders[order].status


# The quick cancel


def test_a_quick_cancel_is_pending_for_the_delay_that_is_set(caller: HttpCaller) -> None:
    """The order is PendingCancel, and Canceled once the delay has passed on the exchange's clock."""
    caller.control("settings", {"cancel_delay": 60})
    headers = caller.log_in()
    assert [caller.cancel(73552, headers).status_code for _ in range(2)] == [204, 409]
    order = caller.read(73552, headers).json()
    assert (order["Status"], order["LeavesQuantity"]) == ("PendingCancel", 100)
    caller.control("clock", {"advance": 60})
    order = caller.read(73552, headers).json()
    assert (order["Status"], order["LeavesQuantity"]) == ("Canceled", 0)


# At the venue


@pytest.mark.parametrize(("order", "status"), [(73552, 204), (73563, 204), (73562, 409), (73564, 409), (73600, 409)])
def test_the_venue_cancels_what_is_open(caller: HttpCaller, order: int, status: int) -> None:
    """A cancel at the venue gets 204 for an open order and 409 for any other, as a quick cancel does."""
    reply = caller.cancel_at_venue(order, caller.log_in())
    assert (reply.status_code, reply.content) == (status, b"")
    assert len(caller.server.exchange.ledger) == (status == 204)


def test_a_cancel_at_the_venue_is_final_at_once(caller: HttpCaller) -> None:
    """An order is Canceled at once, whatever cancel_delay is; a pending cancel is a conflict."""
    caller.control("settings", {"cancel_delay": 60})
    headers = caller.log_in()
    assert caller.cancel_at_venue(73552, headers).status_code == 204
    assert status_of(caller) == "Canceled"
    caller.cancel(73553, headers)
    assert caller.cancel_at_venue(73553, headers).status_code == 409
    assert status_of(caller, 73553) == "PendingCancel"


@pytest.mark.parametrize(("quantity", "answer", "end"), [(100, 409, "Filled"), (30, 204, "Canceled")])
def test_a_fill_can_win_while_the_venue_takes_its_time(
    caller: HttpCaller, monkeypatch: pytest.MonkeyPatch, quantity: int, answer: int, end: str
) -> None:
    """The order book decides after the venue's delay, not before it."""
    waits: list[float] = []

    async def fill_during_the_delay(seconds: float) -> None:
        waits.append(seconds)
        caller.server.exchange.fill(73552, quantity)

    monkeypatch.setattr(cancelling, "sleep", fill_during_the_delay)
    caller.control("settings", {"venue_delay": 30})
    assert caller.cancel_at_venue(73552, caller.log_in()).status_code == answer
    order = caller.server.exchange.orders[73552]
    assert (waits, order.status, order.executed_quantity) == ([30], end, quantity)


def test_the_venue_takes_the_time_that_is_set(caller: HttpCaller) -> None:
    """venue_delay is in real seconds; the event loop may be a millisecond early."""
    caller.control("settings", {"venue_delay": 0.05})
    begun = time.monotonic()
    assert caller.cancel_at_venue(73552, caller.log_in()).status_code == 204
    assert time.monotonic() - begun > 0.04


@pytest.mark.parametrize("order", [9000418, 9000204])
def test_statuses_on_request_do_not_wait_for_the_venue(caller: HttpCaller, order: int) -> None:
    """A status on request is answered at once; only a cancel in the order book waits."""
    caller.control("settings", {"venue_delay": 30})
    assert caller.cancel_at_venue(order, caller.log_in()).status_code == order - 9000000


def test_a_200_of_the_venue_carries_an_object(caller: HttpCaller) -> None:
    """A 200 of the venue has an empty object, as that of a quick cancel has."""
    assert caller.cancel_at_venue(9000200, caller.log_in()).json() == {}


# Races


def test_races_are_armed_and_shown(caller: HttpCaller) -> None:
    """Armed races are in the reply and in the state; `before` is the default."""
    reply = caller.control("races", {"races": [{"order_id": 73552, "quantity": 30}]})
    shown = [{"order_id": 73552, "quantity": 30, "when": "before"}]
    assert (reply.status_code, reply.json(), caller.state()["races"]) == (200, {"races": shown}, shown)
    assert caller.control("races", {"races": []}).json() == {"races": []}
    assert caller.state()["races"] == []


@pytest.mark.parametrize("orders", ["orders", "syncorders"])
@pytest.mark.parametrize(("quantity", "answer", "end"), [(100, 409, "Filled"), (30, 204, "Canceled")])
def test_a_fill_comes_just_before_a_cancel(
    caller: HttpCaller, orders: str, quantity: int, answer: int, end: str
) -> None:
    """The cancel gets 409 if nothing is left, else 204; a read shows what was executed."""
    caller.control("races", {"races": [{"order_id": 73552, "quantity": quantity}]})
    headers = caller.log_in()
    assert caller.cancel(73552, headers, orders=orders).status_code == answer
    order = caller.read(73552, headers).json()
    assert (order["Status"], order["ExecutedQuantity"], order["AveragePrice"]) == (end, quantity, 10.5)
    assert caller.state()["races"] == []


def test_a_fill_comes_just_after_a_quick_cancel(caller: HttpCaller) -> None:
    """The cancel gets 204, and the order is Filled nevertheless."""
    caller.control("settings", {"cancel_delay": 60})
    late: dict[str, Any] = {"order_id": 73552, "quantity": 100, "when": "after"}
    caller.control("races", {"races": [late]})
    headers = caller.log_in()
    assert caller.cancel(73552, headers).status_code == 204
    assert status_of(caller) == "Filled"
    assert [event["status"] for event in caller.state()["ledger"]] == ["PendingCancel", "Filled"]
