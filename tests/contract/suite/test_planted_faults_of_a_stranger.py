"""Each fault of a server that is not the mock is found, and the same server without it has no finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from support.dishonest_stranger import AFTERWARDS, FOREIGN_ORDER, TAKEN_FOR, Dishonest, dishonest_stranger
from support.honest_stranger import KEY

from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.checks import Unspecified, about_reply
from autoshares_cancel.contract.server.effects import PROBES, SPELLINGS, about_effect, about_spelling
from autoshares_cancel.contract.server.order_requests import book, changed, raw_request
from autoshares_cancel.contract.server.raw import RawRequest, close_idle
from autoshares_cancel.contract.server.scenario_table import read_table
from autoshares_cancel.contract.server.side_effects import (
    INJECTIONS,
    about_another_user,
    about_cancelled,
    about_injection,
    about_service,
    about_spared,
)
from autoshares_cancel.contract.server.test_log_ins import log_in_request

USER = {"AUTOSHARES_APP_KEY": KEY, "AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "correct-horse"}
FOUND_BY = {
    "a header names the method": ["GET with a header that names another method"],
    "a parameter names the method": ["GET with a parameter that names another method"],
    "GET ahead of time cancels": ["GET ahead of time"],
    "HEAD cancels": ["HEAD"],
    "OPTIONS cancels": ["OPTIONS"],
    "the beginning of a token is enough": ["a token that lacks its last character"],
    "a token with more behind it": ["a token with a character behind it"],
    "a token with more before it": ["a token with a character before it"],
    "a token in any case": ["a token in the other case"],
    "the beginning of a key is enough": ["a key that lacks its last character"],
    "a key with more behind it": ["a key with a character behind it"],
    "a key with more before it": ["a key with a character before it"],
    "a token in the query": ["a token in the query"],
    "a key in the query": ["a key in the query"],
    "any account": ["another user's account"],
    "octal": ["zeros before a number, which is another one in octal"],
    "the last segment": ["a second number behind a slash"],
    "the last encoded segment": ["a second number behind an encoded slash"],
    "behind a semicolon": ["a second number behind a semicolon"],
    "behind a comma": ["a second number behind a comma"],
    "the query names the order": ["a second number in the query"],
    "the body names the order": ["a body that names another order"],
    "any version": ["version 2", "version x"],
    "numbers are trimmed": ["a sign before the number", "a blank before the number"],
    "a cancel takes a neighbour with it": ["what no request named"],
    "a cancel is undone": ["what was cancelled"],
    "another user's order": ["another user's order"],
    "another user's order, which is shown, too": ["another user's order"],
    "a long target ends the service": ["the service"],
    "line ends come back": list(INJECTIONS),
    "a wrong password comes back": ["a log-in: the reply gives back a wrong password"],
    "a wrong token comes back": ["a reading: the reply gives back a wrong token"],
    "a token comes back in base64": ["an order: the reply gives back AUTOSHARES_TOKEN"],
    "a 204 has a length": ["noted: a cancel: a 204 has a Content-Length"],
    "readings are public": [
        "noted: an order: a cache may share the reply: Cache-Control is public, max-age=60",
        "noted: a cancel: a cache may share the reply: Cache-Control is public, max-age=60",
    ],
}
"""The rows of the report, or the complaints about a reply, that show each fault."""
FILLED = 73562
READ_ANYWAY = ["a wrong token before the right one", "zeros before the number"]
"""Spellings that the correct server accepts, too: a remark each, and no fault."""


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Aim, Dishonest]]:
    """A server with this fault, as the suite sees it."""
    with dishonest_stranger(request.param) as (base_url, behind):
        yield Aim(base_url, read_table(EXAMPLE), USER, controlled=False), behind
        close_idle()


def found_by_effects(aim: Aim, names: Iterable[str]) -> Iterator[str]:
    """The given rows that have a complaint."""
    for name in names:
        if name in PROBES:
            found = list(about_effect(aim, PROBES[name]))
        else:
            found = list(about_spelling(aim, SPELLINGS[name], FILLED))
        yield from [name] * len(found)


def about_replies(aim: Aim) -> Iterator[str]:
    """The complaints about the reply to each kind of request."""
    requests: dict[str, tuple[str, Callable[[], RawRequest]]] = {
        "a log-in": ("getToken", lambda: log_in_request(aim, "mistyped")),
        "a reading": ("getOrder", lambda: raw_request(aim, "wrong", "right", aim.account, FILLED, "getOrder")),
        "an order": ("getOrder", lambda: raw_request(aim, "right", "right", aim.account, FILLED, "getOrder")),
        "a cancel": ("cancelOrder", lambda: raw_request(aim, "right", "right", aim.account, aim.take("open"))),
    }
    for what, (operation, make) in requests.items():
        for each in about_reply(aim.send(make()), operation, aim.secrets()):
            yield f"{'noted: ' if isinstance(each, Unspecified) else ''}{what}: {each}"


def found_elsewhere(aim: Aim) -> Iterator[str]:
    """The complaints about replies, and the other rows that have one."""
    _, victim = aim.victim("right")
    order_id = aim.take("open")
    for _ in range(2):  # a success and a conflict
        aim.send(raw_request(aim, "right", "right", aim.account, order_id))
    checks: dict[str, Iterator[str]] = {
        "what was cancelled": about_cancelled(aim, order_id),
        "what no request named": (text for each in aim.spared for text in about_spared(aim, each)),
        "another user's order": about_another_user(aim, FOREIGN_ORDER),
        **{name: about_injection(aim, probe, victim) for name, probe in INJECTIONS.items()},
    }
    yield from (name for name, found in checks.items() if list(found))
    yield from about_replies(aim)
    yield from ["the service"] * len(list(about_service(aim, victim)))


def test_every_fault_has_a_row() -> None:
    """Every fault that can be planted has a row in FOUND_BY."""
    assert FOUND_BY.keys() == TAKEN_FOR.keys() | AFTERWARDS.keys()


@pytest.mark.parametrize("served", [""], indirect=True)
def test_the_server_without_a_fault_has_no_finding(served: tuple[Aim, Dishonest]) -> None:
    """Law 1: a server without a fault has no red row, and two spellings give a remark."""
    aim, _ = served
    assert [*found_by_effects(aim, [*PROBES, *SPELLINGS]), *found_elsewhere(aim)] == READ_ANYWAY


@pytest.mark.parametrize("served", TAKEN_FOR, indirect=True)
def test_a_request_that_is_taken_for_another_is_found(served: tuple[Aim, Dishonest]) -> None:
    """Law 1: a request that is taken for another is found by its effect."""
    aim, behind = served
    wanted = FOUND_BY[behind.fault]
    assert list(found_by_effects(aim, wanted)) == wanted


@pytest.mark.table
@pytest.mark.parametrize("served", TAKEN_FOR, indirect=True)
def test_a_planted_fault_is_found_in_its_own_row_only(served: tuple[Aim, Dishonest]) -> None:
    """No other row has a complaint about the fault."""
    aim, behind = served
    rest = [name for name in (*PROBES, *SPELLINGS) if name not in {*FOUND_BY[behind.fault], *READ_ANYWAY}]
    assert list(found_by_effects(aim, rest)) == []


@pytest.mark.parametrize("served", AFTERWARDS, indirect=True)
def test_a_side_effect_of_a_request_is_found(served: tuple[Aim, Dishonest]) -> None:
    """Law 1: a side effect is found in the order book or in the reply, and nothing else is found."""
    aim, behind = served
    assert sorted(found_elsewhere(aim)) == sorted(FOUND_BY[behind.fault])


@pytest.mark.parametrize("served", [""], indirect=True)
def test_an_order_that_changes_between_two_readings_is_in_the_book(served: tuple[Aim, Dishonest]) -> None:
    """Law 1: a refused cancel that cancels an order is seen at once, also at a server that is no mock."""
    aim, behind = served
    assert book(aim) == {}
    _, order_id = aim.victim("right")
    before = book(aim)
    behind.exchange.orders[order_id]["Status"] = "Canceled"
    assert (before, changed(aim, before)) == ({order_id: "New"}, {order_id: "Canceled"})
