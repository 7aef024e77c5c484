"""Log-ins and reads that fail for a while, as a user of the mock arms them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support.http_caller import APP_KEY, TRADER, HttpCaller

FAILING: dict[str, tuple[int, str | None]] = {
    "500": (500, None),
    "503": (503, None),
    "503-at-once": (503, "0"),
    "503-in-a-second": (503, "1"),
    "503-in-an-hour": (503, "3600"),
    "429": (429, None),
    "429-in-a-second": (429, "1"),
}
LOST = {"reset-after-request": httpx.ReadError, "close-without-reply": httpx.RemoteProtocolError}


def arm(caller: HttpCaller, *faults: dict[str, Any]) -> None:
    assert caller.control("faults", {"faults": faults}).status_code == 200


@pytest.mark.parametrize("fault", FAILING)
def test_log_ins_fail_as_often_as_is_armed(caller: HttpCaller, fault: str) -> None:
    """Log-ins get the armed status with its Retry-After, and then a token."""
    arm(caller, {"fault": fault, "endpoint": "token", "times": 2})
    for _ in range(2):
        reply = caller.ask_token(APP_KEY | TRADER)
        assert (reply.status_code, reply.headers.get("Retry-After"), reply.content) == (*FAILING[fault], b"")
    caller.log_in()


@pytest.mark.parametrize("fault", LOST)
def test_the_replies_to_log_ins_are_lost(caller: HttpCaller, fault: str) -> None:
    """Replies are lost as often as armed, and then there is a token."""
    arm(caller, {"fault": fault, "endpoint": "token", "times": 2})
    for _ in range(2):
        with pytest.raises(LOST[fault]):
            caller.ask_token(APP_KEY | TRADER)
    caller.log_in()


def test_a_log_in_can_be_silent(caller: HttpCaller) -> None:
    """No byte comes while the connection stays open."""
    arm(caller, {"fault": "stall", "endpoint": "token"})
    with pytest.raises(httpx.ReadTimeout):
        caller.client.post(f"{caller.server.base_url}/token", headers=APP_KEY | TRADER, timeout=0.05)
    caller.log_in()


@pytest.mark.parametrize(("fault", "status"), [("201-with-the-reply", 201), ("500-with-the-reply", 500)])
def test_a_token_comes_with_the_wrong_status(caller: HttpCaller, fault: str, status: int) -> None:
    """The body is that of a log-in that succeeded, and its token opens orders."""
    arm(caller, {"fault": fault, "endpoint": "token"})
    reply = caller.ask_token(APP_KEY | TRADER)
    assert (reply.status_code, reply.json()["State"]) == (status, "Succeeded")
    headers = APP_KEY | {"Authorization": f"Bearer {reply.json()['Token']}"}
    assert caller.read(73552, headers).status_code == 200


@pytest.mark.parametrize(("when", "shown"), [("after", "Canceled"), ("before", "New")])
def test_a_500_to_a_cancel_and_the_reading_after_it(caller: HttpCaller, when: str, shown: str) -> None:
    """A read after the 500 shows whether the order was cancelled."""
    headers = caller.log_in()
    arm(caller, {"fault": "500", "order_id": 73552, "method": "DELETE", "when": when})
    assert caller.cancel(73552, headers).status_code == 500
    assert caller.read(73552, headers).json()["Status"] == shown


@pytest.mark.parametrize(
    ("fault", "status", "number"),
    [("404", 404, None), ("401", 401, None), ("500", 500, None), ("200-another-order", 200, 73553)],
)
@pytest.mark.parametrize("before", [73552, 73562, 73564, 99], ids=["lost", "filled", "cancelled", "missing"])
def test_a_cancel_and_readings_that_fail(
    caller: HttpCaller, before: int, fault: str, status: int, number: int | None
) -> None:
    """Two reads fail after a lost 204 or a 409; the third one finds the order, or that there is none."""
    headers = caller.log_in()
    lost = {"fault": "close-without-reply", "order_id": 73552, "method": "DELETE"}
    arm(caller, lost, {"fault": fault, "order_id": before, "method": "GET", "times": 2})
    if before == 73552:
        with pytest.raises(httpx.RemoteProtocolError):
            caller.cancel(before, headers)
    else:
        assert caller.cancel(before, headers).status_code == 409
    for _ in range(2):
        reply = caller.read(before, headers)
        assert reply.status_code == status
        assert number is None or reply.json()["Id"] == before + 1
    found = caller.read(before, headers)
    expected = {73552: "Canceled", 73562: "Filled", 73564: "Canceled", 99: None}[before]
    assert (found.status_code, found.json().get("Status")) == (200 if expected else 422, expected)
