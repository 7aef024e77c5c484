"""A step that can't be served raises ValueError when it is armed, and nothing is armed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from autoshares_cancel.mock import MockServer

Arm = Callable[[Any], object]

REFUSED: dict[str, tuple[Arm, str]] = {
    "an undocumented status of a cancel": (
        lambda it: it.on_cancel(1).respond(429),
        "429 is not documented for a cancel: known are 200, 204, 401, 403, 409, 422, 500; undocumented=True arms it",
    ),
    "an undocumented status of a reading": (lambda it: it.on_read(1).respond(409), "409 is not documented for a read"),
    "an undocumented status later": (lambda it: it.on_list().pass_through().then(204), "204 is not documented for a"),
    "an undocumented status of a log-in": (lambda it: it.on_token().respond(403), "403 is not documented for a token"),
    "no status": (lambda it: it.on_cancel(1).respond(99, undocumented=True), "status must be a number from 100 to 599"),
    "a refusal that takes effect": (
        lambda it: it.on_cancel(1).respond(409, takes_effect=True),
        "a client believes that 409 changed nothing, so it can't take effect",
    ),
    "a body where there is none": (lambda it: it.on_cancel(1).respond(204, json={}), "a 204 has none"),
    "two bodies": (lambda it: it.on_read(1).respond(200, json={}, text="x"), "either json or text, not both"),
    "headers that frame": (
        lambda it: it.on_read(1).respond(200, headers={"Content-Length": "1"}),
        "headers can't have 'Content-Length'",
    ),
    "an endless delay": (
        lambda it: it.on_cancel(1).respond(204, delay=61),
        "delay must be a number of seconds from 0 to 60, not 61",
    ),
    "no times": (lambda it: it.on_cancel(1).respond(204, times=0), "times must be a number from 1 to 1000000, or None"),
    "no times of a fault": (lambda it: it.on_cancel(1).fault("stall", times=True), "times must be a number from 1 to"),
    "an unknown fault": (lambda it: it.on_cancel(1).fault("stal"), "there is no fault 'stal'; known are reset-on-acc"),
    "a fault at a time that it does not have": (
        lambda it: it.on_cancel(1).fault("drip", when="before"),
        "drip strikes after only, not 'before'",
    ),
    "a fault of connections": (
        lambda it: it.on_cancel(1).fault("reset-on-accept"),
        "reset-on-accept strikes connections, whose requests are not known yet: use reset_connections()",
    ),
    "an order with a fault by its number": (
        lambda it: it.on_cancel(9100011).respond(500),
        "order 9100011 has the fault stall by its number, and no other",
    ),
    "an order that is no number": (lambda it: it.on_read("1"), "order_id must be an int32, not '1'"),
    "an account that is no number": (lambda it: it.on_list(account_id=2**31), "account_id must be an int32, not"),
    "no call": (lambda it: it.on_list(nth=0), "nth must be a number from 1 on, not 0"),
    "a user that is no text": (lambda it: it.on_token(6303), "username must be text, not 6303"),
    "what JSON can't hold": (lambda it: it.on_read(1).respond(200, json={1, 2}), "json must be what JSON can hold: "),
    "no reading": (lambda it: it.on_cancel(1).filled_while_pending(readings=-1), "filled_after must be a number from"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(case: str) -> None:
    """Afterwards the server has nothing armed, except calls that are left to the exchange."""
    arm, sentence = REFUSED[case]
    server = MockServer()
    with pytest.raises(ValueError, match=re.escape(sentence)):
        arm(server)
    assert {armed.chosen.fault.name for armed in server._state.faults.armed} <= {"pass-through"}
    server.assert_all_used()


def test_a_misspelt_argument_is_refused() -> None:
    """A misspelt argument fails to type-check, and raises TypeError or ValueError."""
    server = MockServer()
    with pytest.raises(TypeError, match=r"respond\(\) got an unexpected keyword argument 'tims'"):
        server.on_cancel(1).respond(500, tims=2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match=r"then\(\) got an unexpected keyword argument 'takes_effect'"):
        server.on_read(1).then(500, takes_effect=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ValueError, match="there is no fault 'stal'"):
        server.on_read(1).fault("stal")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    server.assert_all_used()


def test_an_undocumented_status_is_armed_on_request() -> None:
    """undocumented=True arms such a status, and the message about unused steps names it."""
    server = MockServer()
    server.on_token().respond(403, undocumented=True, times=2)
    with pytest.raises(AssertionError, match=r"on_token\(\)\.respond\(403, times=2\)"):
        server.assert_all_used()


def test_what_was_armed_is_named_as_it_was_written() -> None:
    """The message has all unused calls, without the bodies of replies."""
    server = MockServer()
    server.on_cancel(7, account_id=6303, nth=2).respond(500, takes_effect=True, json={"a": 1}).then(204, times=3)
    server.on_cancel().filled_while_pending(readings=2).fault("reset", when="before")
    server.on_token("trader").respond(401)
    with pytest.raises(AssertionError) as caught:
        server.assert_all_used()
    assert str(caught.value).splitlines() == [
        "armed and not used:",
        "  on_cancel(7, account_id=6303, nth=2).respond(500, takes_effect=True, json=…)",
        "  on_cancel(7, account_id=6303, nth=2).then(204, times=3)",
        "  on_cancel().filled_while_pending(readings=2)",
        "  on_cancel().fault('reset', when='before')",
        "  on_token(username='trader').respond(401)",
        "no request was seen",
    ]
