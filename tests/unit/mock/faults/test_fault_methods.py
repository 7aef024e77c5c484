"""Faults of the other operations on orders, and faults that strike one method alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock.faults.armed import RandomFaults
from autoshares_cancel.mock.faults.catalogue import BY_NAME, FIRST_FAULT_ORDER
from autoshares_cancel.mock.faults.request_target import Target, read_target

LOSE: dict[str, Any] = {"fault": "close-without-reply"}
LOST = httpx.RemoteProtocolError
ACCOUNT_PATH = "/api/v1/accounts/6303"


def fail(caller: HttpCaller, method: str, order: int = 73562, orders: str = "orders", fault: str | None = None) -> bool:
    """Make a call, and return whether its reply was lost."""
    try:
        asked = {} if fault is None else {"X-Mock-Fault": fault}
        caller.cancel(order, caller.log_in() | asked, method=method, orders=orders)
    except LOST:
        return True
    return False


CALLS = [("DELETE", "orders"), ("DELETE", "syncorders"), ("GET", "orders")]


@pytest.mark.parametrize(("method", "orders"), CALLS)
def test_every_call_about_an_order_can_have_a_fault(caller: HttpCaller, method: str, orders: str) -> None:
    """A fault comes by number, by header or armed; the next call has none."""
    number = FIRST_FAULT_ORDER + BY_NAME["close-without-reply"].number
    assert fail(caller, method, number, orders)
    assert fail(caller, method, orders=orders, fault="close-without-reply; when=before")
    caller.control("faults", {"faults": [LOSE | {"order_id": 73562}]})
    assert [fail(caller, method, orders=orders) for _ in range(2)] == [True, False]
    assert caller.server.exchange.ledger == ()


def test_the_honest_reply_of_a_reading_is_the_order(caller: HttpCaller) -> None:
    """The reply that a fault of the order 9100NNN distorts is a 200 with an object."""
    number = FIRST_FAULT_ORDER + BY_NAME["early-hints-first"].number
    reply = caller.read(number, caller.log_in())
    assert (reply.status_code, reply.json()["Id"], reply.json()["Status"]) == (200, number, "New")
    assert caller.state()["requests"][-1]["status"] == 200


def test_the_venues_reply_is_lost_after_or_before_the_cancel(caller: HttpCaller) -> None:
    """The order is cancelled for `after` and not for `before`."""
    assert fail(caller, "DELETE", 73552, "syncorders", fault="close-without-reply")
    assert fail(caller, "DELETE", 73553, "syncorders", fault="close-without-reply; when=before")
    orders = caller.server.exchange.orders
    assert (orders[73552].status, orders[73553].status) == ("Canceled", "New")


@pytest.mark.parametrize(("method", "lost"), [("DELETE", [False, True]), ("GET", [True, False])])
def test_an_armed_fault_strikes_one_method_alone(caller: HttpCaller, method: str, lost: list[bool]) -> None:
    """A request with the other method has no fault, and does not use it up."""
    shown = caller.control("faults", {"faults": [LOSE | {"method": method}]}).json()["faults"]
    assert [fault["method"] for fault in shown] == [method]
    assert [fail(caller, "GET"), fail(caller, "DELETE")] == lost
    assert caller.control("faults", {}).json()["faults"] == []


@pytest.mark.parametrize(("method", "lost"), [("DELETE", [False, True]), ("GET", [True, False])])
def test_chance_strikes_the_named_methods_alone(caller: HttpCaller, method: str, lost: list[bool]) -> None:
    """At a rate of 1 all requests with the named method get a fault, and no others."""
    drawn: dict[str, Any] = {"rate": 1, "seed": 0, "faults": ["close-without-reply"], "methods": [method]}
    assert caller.control("faults", {"random": drawn}).json()["random"] == drawn
    assert [fail(caller, "GET"), fail(caller, "DELETE")] == lost


def drawn(caller: HttpCaller, methods: str) -> list[str | None]:
    """The faults of the cancels among these requests for one order."""
    caller.control("reset")
    caller.control("faults", {"random": {"rate": 0.5, "seed": 3, "faults": ["close-without-reply"]}})
    for letter in methods:
        fail(caller, "DELETE" if letter == "d" else "GET")
    return [each["fault"] for each in caller.state()["requests"] if each["method"] == "DELETE"]


def test_readings_do_not_change_what_happens_to_cancels(caller: HttpCaller) -> None:
    """Cancels get the same faults with reads between them: requests are counted by order and method."""
    alone = drawn(caller, "d" * 8)
    assert {None, "close-without-reply"} == set(alone)
    assert drawn(caller, "gdddgggddddgdg") == alone


def test_random_faults_are_drawn_per_method() -> None:
    """The nth read of an order need not fail as its nth cancel does."""
    chance = RandomFaults(rate=0.5, seed=1, faults=(BY_NAME["stall"],))
    draws = {method: [chance.draw(73552, method, nth) is None for nth in range(20)] for method in ("DELETE", "GET")}
    assert draws["DELETE"] != draws["GET"]


@pytest.mark.parametrize(
    ("path", "order_id"),
    [
        (f"{ACCOUNT_PATH}/orders/5", 5),
        (f"{ACCOUNT_PATH}/syncorders/5", 5),
        (f"{ACCOUNT_PATH}/syncorders/005?x=1", 5),
        (f"{ACCOUNT_PATH}/sync%6frders/-5", -5),
        (f"{ACCOUNT_PATH}/Syncorders/5", None),
        (f"{ACCOUNT_PATH}/syncorders/5/x", None),
        (f"{ACCOUNT_PATH}/synorders/5", None),
    ],
)
def test_orders_are_found_in_both_places(path: str, order_id: int | None) -> None:
    """Only the paths of orders and syncorders name an order."""
    target = Target(endpoint="orders", method="DELETE", order_id=order_id, account_id=6303)
    expected = None if order_id is None else target
    assert read_target("DELETE", path) == expected
