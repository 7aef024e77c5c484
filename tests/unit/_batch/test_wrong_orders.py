"""Mistakes in a batch: wrong orders, wrong options, and clients that can't be used."""

import asyncio
import math
from typing import Any

import pytest
from conftest import MakeCaller
from support.clients import TLS
from support.fake_backend import ACCOUNT, SETTINGS, FakeBackend, once_each, orders
from support.fake_clock import FakeClock

from autoshares_cancel import AsyncClient, Cancelled, ConfigurationError, NotSent, OutcomeUnknown


class Evil:
    def __iter__(self) -> Any:
        raise LookupError


WRONG: dict[str, Any] = {
    "a bool as account": (True, 73552),
    "a bool as order": (ACCOUNT, False),
    "text": (ACCOUNT, "73552"),
    "a number too large": (ACCOUNT, 2**31),
    "a number too small": (-(2**31) - 1, 73552),
    "no whole number": (ACCOUNT, 1.0),
    "three": (ACCOUNT, 73552, 1),
    "one": (ACCOUNT,),
    "none": (),
    "None": None,
    "a number": 73552,
    "two letters": "ab",
    "what can't be iterated after all": Evil(),
}
OPTIONS: dict[str, list[Any]] = {
    "concurrency": [0, -1, 257, True, 1.5, "8", None],
    "rate": [0, -1, math.nan, math.inf, 100_001, True, "8"],
    "deadline": [0, -1, math.nan, True, "1", 86_401],
    "batch_deadline": [0, -1, math.nan, True, "1", 86_401],
    "confirm": [1, None, "yes"],
    "venue": [1, None, "yes"],
    "in_doubt": [True, "yes"],
    "on_progress": [1, "print"],
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_order_in_the_middle_is_an_outcome(make_caller: MakeCaller, name: str) -> None:
    """Law 9 and rule 2: the outcome of a wrong order is ConfigurationError; only the other orders are sent."""
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    given = [(ACCOUNT, 1), WRONG[name], (ACCOUNT, 3)]
    yielded = caller.batch(given, concurrency=2)
    assert len(yielded) == 3
    kinds = {id(order): type(outcome) for order, outcome in yielded}
    assert [kinds[id(order)] for order in given] == [Cancelled, ConfigurationError, Cancelled]
    assert sorted(backend.sent) == [1, 3]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_order_is_wrong_also_when_the_batch_is_stopped(make_caller: MakeCaller, name: str) -> None:
    """A wrong order is never NotSent, which would mean that it can be sent later."""
    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client)
    batch = caller.open_batch([(ACCOUNT, 1), WRONG[name]], concurrency=1)
    next(batch)
    assert {type(outcome) for _, outcome in [*batch, *batch.close()]} == {ConfigurationError}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in OPTIONS for value in OPTIONS[name]])
def test_an_option_that_makes_no_sense_is_refused_at_once(make_caller: MakeCaller, name: str, value: object) -> None:
    """A wrong option raises ConfigurationError, which names it, before an order is taken or sent."""
    caller = make_caller(**SETTINGS)
    backend, source = FakeBackend(caller.client), iter(orders(3))
    with pytest.raises(ConfigurationError, match=name):
        caller.open_batch(source, **{name: value})
    assert [*source] == orders(3)
    assert backend.sent == []


@pytest.mark.parametrize(("name", "values"), {"concurrency": [1, 256], "rate": [0.001, 100_000]}.items())
def test_the_edges_of_options_are_right(make_caller: MakeCaller, name: str, values: list[Any]) -> None:
    """Both ends of an option's range are accepted."""
    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client)
    for value in values:
        assert once_each(orders(1), caller.batch(orders(1), **{name: value}))


@pytest.mark.parametrize(("answer", "problem"), [(1, "in_doubt"), (None, "in_doubt"), (LookupError, "LookupError")])
def test_an_order_whose_in_doubt_check_fails_is_not_sent(make_caller: MakeCaller, answer: Any, problem: str) -> None:
    """A failing in_doubt gives ConfigurationError for that order only: it is not sent, and the batch goes on."""

    def in_doubt(order: tuple[int, int]) -> Any:
        if order == (ACCOUNT, 2):
            if answer is LookupError:
                raise LookupError
            return answer
        return False

    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    outcomes = dict(caller.batch(orders(3), concurrency=1, in_doubt=in_doubt))
    assert [type(outcome) for outcome in outcomes.values()] == [Cancelled, ConfigurationError, Cancelled]
    assert problem in str(outcomes[ACCOUNT, 2])
    assert backend.sent == [1, 3]


def test_an_order_in_doubt_that_had_no_turn_is_still_unknown(make_caller: MakeCaller) -> None:
    """Law 4: an order in doubt is unknown and not NotSent, because an earlier cancel may have been sent."""
    clock = FakeClock()
    caller = make_caller(**SETTINGS, clock=clock)
    backend = FakeBackend(caller.client, on_held=lambda _: clock.advance(1.0))
    backend.hold(1)
    batch = caller.open_batch(
        orders(3), concurrency=1, deadline=0.05, batch_deadline=0.05, in_doubt=lambda order: order[1] == 2
    )
    outcomes = dict(batch)
    assert [type(outcomes[ACCOUNT, order_id]) for order_id in (2, 3)] == [OutcomeUnknown, NotSent]
    assert backend.sent == [1]


def test_a_closed_client_begins_no_batch(make_caller: MakeCaller) -> None:
    """A closed client raises ConfigurationError when the batch is made."""
    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client)
    caller.close()
    with pytest.raises(ConfigurationError, match="closed"):
        caller.open_batch(orders(1))


def test_a_client_closed_in_the_middle_sends_no_more(make_caller: MakeCaller) -> None:
    """The outcome of each order that has not begun says why."""
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    batch = caller.open_batch(orders(8), concurrency=2)
    yielded = [next(batch)]
    caller.close()
    sent = len(backend.sent)
    yielded += batch
    assert once_each(orders(8), yielded)
    assert {type(outcome) for _, outcome in yielded[2:]} <= {Cancelled, ConfigurationError}
    assert type(yielded[-1][1]) is ConfigurationError
    assert len(backend.sent) <= max(sent, 2)


def test_an_async_client_of_another_event_loop_says_so_for_each_order() -> None:
    """Rule 2: the outcome of each order is ConfigurationError; no lock waits for an event loop that has ended."""
    client = AsyncClient(**SETTINGS, verify=TLS)
    backend = FakeBackend(client)

    async def batch() -> list[Any]:
        return [outcome async for _, outcome in client.cancel_orders(orders(3), concurrency=2)]

    assert {type(outcome) for outcome in asyncio.run(batch())} == {Cancelled}
    again = asyncio.run(batch())
    assert [type(outcome) for outcome in again] == [ConfigurationError] * 3
    assert "event loop" in str(again[0])
    assert len(backend.sent) == 3
