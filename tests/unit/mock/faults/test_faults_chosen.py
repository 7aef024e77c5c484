"""Which request gets a fault: by header, by number, armed, or at random; and the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock import create_app
from autoshares_cancel.mock.faults.catalogue import BY_NAME, FIRST_FAULT_ORDER

LOSING_ORDER = FIRST_FAULT_ORDER + BY_NAME["close-without-reply"].number


def fail(caller: HttpCaller, order: int, headers: dict[str, str] | None = None) -> bool:
    """Cancel, and return whether the reply was lost."""
    try:
        caller.cancel(order, caller.log_in() | (headers or {}))
    except httpx.TransportError:
        return True
    return False


@pytest.mark.parametrize(("when", "status", "decided"), [("after", "Canceled", 204), ("before", "New", None)])
def test_a_header_asks_for_a_fault(caller: HttpCaller, when: str, status: str, decided: int | None) -> None:
    """The order is cancelled for `after` and not for `before`; the record says which it was."""
    assert fail(caller, 73552, {"X-Mock-Fault": f"close-without-reply; when={when}"})
    assert caller.server.exchange.orders[73552].status == status
    seen = caller.state()["requests"][-1]
    assert (seen["status"], seen["fault"], seen["when"]) == (decided, "close-without-reply", when)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("stal", "there is no fault 'stal'; known are reset-on-accept, "),
        ("drip; when=before", "drip strikes after only, not 'before'"),
        ("reset-during-request; when=after", "reset-during-request strikes before only, not 'after'"),
        ("stall; when=never", "stall strikes after or before only, not 'never'"),
        ("stall; before", "X-Mock-Fault must be NAME, or NAME; when=before, not 'stall; before'"),
        ("", "X-Mock-Fault must be NAME, or NAME; when=before, not ''"),
    ],
)
def test_a_header_that_asks_for_too_much_is_refused(caller: HttpCaller, asked: str, error: str) -> None:
    """A wrong header gets 400 with a reason, and the order is unchanged."""
    reply = caller.cancel(73552, caller.log_in() | {"X-Mock-Fault": asked})
    assert reply.status_code == 400
    assert reply.json()["error"].startswith(error)
    assert caller.server.exchange.ledger == ()


def test_control_has_no_faults(caller: HttpCaller) -> None:
    """Control ignores the header X-Mock-Fault."""
    url = f"{caller.server.origin}/_mock/state"
    assert caller.client.get(url, headers={"X-Mock-Fault": "stall"}).status_code == 200


def test_an_order_number_leaves_the_book_alone(caller: HttpCaller) -> None:
    """A number with a fault changes no order, even if it exists; numbers without a fault are ordinary orders."""
    caller.control("seed", {"orders": [{"order_id": LOSING_ORDER, "account_id": 6303}]})
    assert fail(caller, LOSING_ORDER)
    assert caller.server.exchange.ledger == ()
    assert caller.cancel(FIRST_FAULT_ORDER + 999, caller.log_in()).status_code == 409


def test_armed_faults_strike_as_often_as_they_are_armed(caller: HttpCaller) -> None:
    """One fault is for an order, two are for the next requests, one is for a log-in; later requests have none."""
    lost: dict[str, Any] = {"fault": "close-without-reply"}
    reply = caller.control("faults", {"faults": [lost | {"order_id": 73553}, lost | {"times": 2, "when": "before"}]})
    assert reply.json()["faults"] == [
        lost | {"when": "after", "endpoint": "orders", "order_id": 73553, "method": None, "times": 1},
        lost | {"when": "before", "endpoint": "orders", "order_id": None, "method": None, "times": 2},
    ]
    assert [fail(caller, order) for order in (73552, 73553, 73552, 73552)] == [True, True, True, False]
    assert [event.order_id for event in caller.server.exchange.ledger] == [73553, 73552]
    caller.control("faults", {"faults": [lost | {"endpoint": "token"}]})
    with pytest.raises(httpx.RemoteProtocolError):
        caller.log_in()
    assert not fail(caller, 73554)


def test_arming_takes_the_place_of_what_was_armed(caller: HttpCaller) -> None:
    """Armed faults and random faults are replaced apart: what a request does not name stays."""
    caller.control("faults", {"faults": [{"fault": "stall"}], "random": {"rate": 0.5, "seed": 3, "faults": ["drip"]}})
    shown = caller.control("faults", {"faults": []}).json()
    assert shown == {"faults": [], "random": {"rate": 0.5, "seed": 3, "faults": ["drip"], "methods": None}}
    assert caller.control("faults", {"random": None}).json() == {"faults": [], "random": None}


ORDERS = (73552, 73553, 73554)
AT_RANDOM = {"rate": 0.5, "seed": 8, "faults": ["close-without-reply", "reset-after-request"]}


def struck(caller: HttpCaller, orders: Sequence[int]) -> dict[int, list[tuple[str | None, str | None]]]:
    """The faults of the requests for each order."""
    caller.control("reset")
    caller.control("faults", {"random": AT_RANDOM})
    for order in orders:
        fail(caller, order)
    seen = [each for each in caller.state()["requests"] if each["method"] == "DELETE"]
    return {
        order: [(each["fault"], each["when"]) for each in seen if each["path"].endswith(str(order))] for order in ORDERS
    }


def test_what_is_random_can_be_had_again(caller: HttpCaller) -> None:
    """The same seed strikes the same requests for an order, whatever comes between them."""
    in_turn = struck(caller, list(ORDERS) * 6)
    assert struck(caller, sorted(list(ORDERS) * 6)) == in_turn
    flat = [fault for order in ORDERS for fault, _ in in_turn[order]]
    assert 3 < flat.count(None) < 15
    assert {when for order in ORDERS for _, when in in_turn[order]} == {None, "after", "before"}


@pytest.mark.parametrize(("rate", "is_struck"), [(0, False), (1, True)])
def test_none_or_all_are_struck_at_the_ends_of_chance(caller: HttpCaller, rate: float, is_struck: bool) -> None:  # noqa: FBT001  # pytest passes it by name
    """A rate of 0 strikes no request, a rate of 1 every request."""
    caller.control("faults", {"random": {"rate": rate, "faults": ["close-without-reply"]}})
    assert [fail(caller, 73562) for _ in range(5)] == [is_struck] * 5


@pytest.mark.anyio
async def test_without_a_wire_there_are_no_faults(anyio_backend: str) -> None:
    """In process a fault gets 400: an intact reply would be taken for a fault that was survived."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        reply = await client.post("/api/token", headers={"X-Mock-Fault": "stall"})
        assert reply.status_code == 400
        assert "MockServer" in reply.json()["error"]


LOST = {"fault": "stall"}
BAD: list[tuple[Any, str]] = [
    ({"fault": []}, "the body has 'fault'; known are faults, random"),
    ({"faults": {}}, "faults must be a list"),
    ({"faults": ["stall"]}, "a fault must be a JSON object"),
    ({"faults": [{"name": "stall"}]}, "a fault has 'name'; known are endpoint, fault, method, order_id, times, when"),
    ({"faults": [{}]}, f"there is no fault None; known are {', '.join(BY_NAME)}"),
    ({"faults": [LOST | {"when": 1}]}, "stall strikes after or before only, not 1"),
    ({"faults": [{"fault": "drip", "when": "before"}]}, "drip strikes after only, not 'before'"),
    ({"faults": [LOST | {"times": 0}]}, "a fault: times must be a number from 1 to 1000000, not 0"),
    ({"faults": [LOST | {"times": True}]}, "a fault: times must be a number from 1 to 1000000, not True"),
    ({"faults": [LOST | {"order_id": "7"}]}, "a fault: order_id must be an int32, not '7'"),
    ({"faults": [LOST | {"endpoint": "order"}]}, "a fault: endpoint must be one of orders, list, token, not 'order'"),
    ({"faults": [LOST | {"endpoint": "token", "order_id": 1}]}, "a fault: a request for a token has no order_id"),
    ({"faults": [LOST | {"endpoint": "list", "order_id": 1}]}, "a fault: a request for a list has no order_id"),
    ({"faults": [LOST | {"endpoint": "list", "method": "DELETE"}]}, "a fault: a request for a list is a GET"),
    (
        {"faults": [{"fault": "reset-on-accept", "order_id": 1}]},
        "reset-on-accept strikes connections, whose requests are not known yet",
    ),
    ({"random": []}, "random must be a JSON object"),
    ({"random": {"rate": 1, "count": 1}}, "random has 'count'; known are faults, methods, rate, seed"),
    ({"faults": [LOST | {"method": "POST"}]}, "a fault: method must be one of DELETE, GET, not 'POST'"),
    (
        {"faults": [LOST | {"endpoint": "token", "method": "GET"}]},
        "a fault: a request for a token is neither DELETE nor GET",
    ),
    (
        {"faults": [{"fault": "reset-on-accept", "method": "GET"}]},
        "reset-on-accept strikes connections, whose requests are not known yet",
    ),
    ({"random": {"rate": 1, "methods": "GET"}}, "random.methods must be a list"),
    ({"random": {"rate": 1, "methods": []}}, "random: methods must name DELETE, GET or both"),
    ({"random": {"rate": 1, "methods": [1]}}, "random: methods must name DELETE, GET or both"),
    ({"random": {}}, "random: rate missing"),
    ({"random": {"rate": 1.1}}, "random: rate must be a number from 0 to 1, not 1.1"),
    ({"random": {"rate": True}}, "random: rate must be a number from 0 to 1, not True"),
    ({"random": {"rate": 1, "seed": "7"}}, "random: seed must be a whole number, not '7'"),
    ({"random": {"rate": 1, "faults": []}}, "random: faults must name at least one fault, and faults of requests only"),
    (
        {"random": {"rate": 1, "faults": ["reset-on-accept"]}},
        "random: faults must name at least one fault, and faults of requests only",
    ),
    ({"random": {"rate": 1, "faults": [1]}}, f"there is no fault 1; known are {', '.join(BY_NAME)}"),
]


@pytest.mark.parametrize(("document", "error"), BAD)
def test_bad_arming_is_refused_with_a_reason(caller: HttpCaller, document: Any, error: str) -> None:
    """Bad input gets 400, and the armed faults stay."""
    before = caller.control("faults", {"faults": [LOST], "random": {"rate": 0}}).json()
    reply = caller.control("faults", document)
    assert (reply.status_code, reply.json()) == (400, {"error": error})
    assert caller.control("faults", {}).json() == before


def test_an_unknown_fault_is_refused_with_the_known_ones(caller: HttpCaller) -> None:
    """The 400 lists the known faults."""
    error = caller.control("faults", {"faults": [{"fault": "stal"}]}).json()["error"]
    assert error == f"there is no fault 'stal'; known are {', '.join(BY_NAME)}"
