"""Assertions about the requests that a server has seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock._state import REMEMBERED_REQUESTS, Seen
from autoshares_cancel.mock.script.calls import Calls

PATH = "/api/v1/accounts/6303/orders"


def seen(method: str, path: str, status: int | None = 200, **more: Any) -> Seen:
    return Seen(method=method, path=path, status=status, **more)


REQUESTS = [
    seen("POST", "/api/token", username="trader"),
    seen("DELETE", f"{PATH}/73552", None, fault="500", when="before"),
    seen("GET", f"{PATH}/73552"),
    seen("DELETE", f"{PATH.replace('orders', 'syncorders')}/73553", 204),
    seen("GET", f"{PATH}?pageNumber=0"),
    seen("OPTIONS", "/api/token", 405),
]
CANCELS, READS = Calls("cancel", REQUESTS), Calls("read", REQUESTS)

FAILING: dict[str, tuple[Callable[[], None], str]] = {
    "called once": (CANCELS.assert_called_once, "expected exactly one cancel, but there were 2; requests seen:\n"),
    "called once with": (
        lambda: CANCELS.assert_called_once_with(account_id=6303, order_id=73552),
        "expected exactly one cancel, a cancel account_id=6303 order_id=73552, but there were 2; ",
    ),
    "called once with another order": (
        lambda: READS.assert_called_once_with(order_id=73553),
        "expected exactly one read, a read order_id=73553, but there were 1; requests seen:",
    ),
    "any call": (lambda: READS.assert_any_call(account_id=6400), "expected at least one read account_id=6400, but the"),
    "called": (READS.of(order_id=1).assert_called, "expected at least one read order_id=1, but there were 0; requests"),
    "not called": (READS.assert_not_called, "expected no read, but there were 1; requests seen:"),
}


@pytest.mark.parametrize("case", FAILING)
def test_a_failed_assertion_shows_the_requests(case: str) -> None:
    """The message has a line for each request, with the exchange's decision and the armed step."""
    fail, beginning = FAILING[case]
    with pytest.raises(AssertionError) as caught:
        fail()
    assert str(caught.value).startswith(beginning)
    assert str(caught.value).splitlines()[1:] == [
        "  POST /api/token by trader: decided 200",
        "  DELETE /api/v1/accounts/6303/orders/73552: not carried out; armed: 500",
        "  GET /api/v1/accounts/6303/orders/73552: decided 200",
        "  DELETE /api/v1/accounts/6303/syncorders/73553: decided 204",
        "  GET /api/v1/accounts/6303/orders?pageNumber=0: decided 200",
        "  OPTIONS /api/token: decided 405",
    ]


def test_assertions_that_hold() -> None:
    """An assertion that holds raises nothing."""
    READS.assert_called_once_with(account_id=6303, order_id=73552)
    READS.assert_called_once()
    CANCELS.assert_called()
    CANCELS.assert_any_call(order_id=73553)
    CANCELS.of(order_id=73553).assert_called_once_with(account_id=6303)
    CANCELS.of(account_id=6400).assert_not_called()
    Calls("list", REQUESTS).assert_called_once_with(account_id=6303)
    Calls("token", REQUESTS).assert_called_once_with(username="trader")


def test_calls_are_a_sequence_of_what_was_seen() -> None:
    """Calls can be counted, iterated and indexed."""
    assert (len(CANCELS), list(CANCELS), CANCELS[-1]) == (2, [REQUESTS[1], REQUESTS[3]], REQUESTS[3])


def test_only_the_last_requests_are_shown() -> None:
    """A message shows at most the last 20 requests."""
    many = [seen("GET", f"{PATH}/{number}") for number in range(50)]
    with pytest.raises(AssertionError) as caught:
        Calls("cancel", many).assert_called()
    lines = str(caught.value).splitlines()
    assert (len(lines), lines[-1]) == (21, "  GET /api/v1/accounts/6303/orders/49: decided 200")
    assert lines[0].endswith("requests seen, the last 20 of 50:")


def test_a_server_shows_its_calls(caller: HttpCaller) -> None:
    """A server has its calls by operation, and can forget them."""
    headers = caller.log_in()
    caller.cancel_at_venue(73552, headers)
    caller.read(73552, headers)
    caller.list_orders(headers)
    caller.server.cancels.assert_called_once_with(account_id=6303, order_id=73552)
    caller.server.reads.assert_called_once_with(account_id=6303, order_id=73552)
    caller.server.lists.assert_called_once_with(account_id=6303)
    caller.server.tokens.assert_called_once_with(username="trader")
    caller.server.forget_requests()
    assert caller.server.requests == []


def test_a_server_that_has_forgotten_requests_asserts_nothing() -> None:
    """An assertion raises RuntimeError in place of a false answer, until forget_requests is called."""
    server = MockServer()
    for number in range(REMEMBERED_REQUESTS + 1):
        server._state.traffic.record(seen("GET", f"{PATH}/{number}"))
    with pytest.raises(RuntimeError, match="1 requests are no longer remembered"):
        server.cancels.assert_not_called()
    server.forget_requests()
    server.cancels.assert_not_called()


def test_control_shows_no_user_name_of_a_request(caller: HttpCaller) -> None:
    """The state leaves user names out, because a wrong header may hold a secret."""
    caller.log_in()
    assert "username" not in caller.state()["requests"][0]
