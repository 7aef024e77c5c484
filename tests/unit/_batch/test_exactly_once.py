"""Every order that a batch takes is yielded exactly once with a true outcome, with every kind of client."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import MakeCaller
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clients import CLIENT_KINDS, open_caller
from support.fake_backend import ACCOUNT, SETTINGS, FakeBackend, once_each, orders, until
from support.fake_clock import FakeClock

from autoshares_cancel import Cancelled, ConfigurationError, NoReply, NotSent, OutcomeUnknown
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply

CONFLICT = Reply(status_code=409)
WRONG: list[Any] = [None, "ab", (1, "2"), (True, 2), (1, 2**31), 7, (1, 2, 3), "6303", (1.0, 2)]


class SourceError(Exception):
    pass


def test_a_caller_that_stops_gets_the_rest_by_closing(make_caller: MakeCaller) -> None:
    """After a break no order is taken, and those under way have true outcomes. A second close returns nothing."""
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    batch = caller.open_batch(orders(100), concurrency=8)
    yielded = [next(batch) for _ in range(20)]
    rest = batch.close()
    assert once_each(orders(len(yielded) + len(rest)), yielded + rest)
    assert {type(outcome) for _, outcome in yielded + rest} <= {Cancelled, NotSent}
    for (_, order_id), outcome in rest:
        assert (type(outcome) is Cancelled) == (order_id in backend.sent)
    assert batch.close() == []
    assert [*batch] == []


def test_a_batch_that_is_stopped_finishes_what_is_under_way(make_caller: MakeCaller) -> None:
    """Law 4: it takes no more orders, and yields those under way with their true outcomes, one after the other."""
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    backend.hold(*range(5, 9))
    batch = caller.open_batch(orders(100), concurrency=4)
    yielded = [next(batch) for _ in range(4)]
    until(lambda: len(backend.sent) >= 5)
    batch.stop()
    backend.release()
    yielded += batch
    assert once_each(orders(len(yielded)), yielded)
    for (_, order_id), outcome in yielded:
        assert type(outcome) is (Cancelled if order_id in backend.sent else NotSent)
    assert (len(backend.sent) <= 8, batch.close()) == (True, [])


def test_after_an_exception_of_the_caller_the_batch_goes_on(make_caller: MakeCaller) -> None:
    """An exception of the caller between two outcomes loses no order."""
    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client)
    batch, yielded = caller.open_batch(orders(30), concurrency=4), list[Any]()

    def iterate() -> None:
        for step in batch:
            yielded.append(step)
            if len(yielded) == 5:
                raise SourceError

    with pytest.raises(SourceError):
        iterate()
    yielded += batch
    assert once_each(orders(30), yielded)
    assert {type(outcome) for _, outcome in yielded} == {Cancelled}


def test_an_error_of_the_source_is_raised_once_and_the_rest_is_yielded(make_caller: MakeCaller) -> None:
    """The caller gets the error of the iterable once, and then only the outcomes of the orders before it."""

    def broken() -> Iterator[tuple[int, int]]:
        yield from orders(6)
        raise SourceError

    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    backend.hold(*range(1, 7))
    batch = caller.open_batch(broken(), concurrency=10)
    with pytest.raises(SourceError):
        next(batch)
    backend.release()
    assert once_each(orders(6), batch)
    assert batch.close() == []


def test_the_deadline_of_a_batch_gives_each_order_its_true_outcome(make_caller: MakeCaller) -> None:
    """Laws 4 and 7: orders that had not begun are NotSent, those that had left are unknown; no more is sent."""
    clock = FakeClock()
    caller = make_caller(**SETTINGS, clock=clock)
    backend = FakeBackend(caller.client, on_held=lambda waiting: clock.advance(1.0 if len(waiting) == 4 else 0.0))
    backend.hold(*range(5, 9))
    batch = caller.batch(orders(300), concurrency=4, batch_deadline=0.2)
    outcomes = {order_id: type(outcome) for (_, order_id), outcome in batch}
    assert once_each(orders(300), batch)
    assert {outcomes[order_id] for order_id in range(1, 5)} == {Cancelled}
    assert {outcomes[order_id] for order_id in range(5, 9)} == {NoReply}
    assert {outcomes[order_id] for order_id in range(9, 301)} == {NotSent}
    assert sorted(backend.sent) == [*range(1, 9)]


def test_an_order_that_the_batch_deadline_ends_before_it_left_is_not_sent(make_caller: MakeCaller) -> None:
    """Law 4: an order under way is NotSent if provably no byte has left."""
    clock = FakeClock()
    caller = make_caller(**SETTINGS, clock=clock)
    backend = FakeBackend(caller.client, early=True, on_held=lambda waiting: clock.advance(len(waiting) - 1.0))
    backend.hold(1, 2)
    batch = caller.batch(orders(3), concurrency=2, batch_deadline=0.1)
    assert [type(outcome) for _, outcome in batch] == [NotSent] * 3
    assert (backend.waiting, backend.sent) == ({1, 2}, [])


def test_closing_waits_for_what_is_under_way(make_caller: MakeCaller) -> None:
    """Closing waits for the replies to requests that have left, at most for their deadlines."""
    clock = FakeClock()
    caller = make_caller(**SETTINGS, clock=clock)
    backend = FakeBackend(caller.client)
    backend.hold(2, 3)
    batch = caller.open_batch(orders(9), concurrency=3, deadline=0.1)
    assert next(batch)[0] == (ACCOUNT, 1)
    until(lambda: backend.waiting == {2, 3})
    clock.run()
    rest = batch.close()
    assert {order: type(outcome) for order, outcome in rest} == {(ACCOUNT, 2): NoReply, (ACCOUNT, 3): NoReply}


@pytest.mark.parametrize("seed", range(12))
def test_each_order_is_yielded_once_whatever_the_caller_does(make_caller: MakeCaller, seed: int) -> None:
    """Rule 1: each order is yielded once for any sequence of steps, source errors, wrong orders and replies."""
    chance = random.Random(seed)
    given_orders, taken = orders(chance.randrange(1, 60)), list[Any]()
    for wrong in chance.sample(WRONG, chance.randrange(4)):
        given_orders.insert(chance.randrange(len(given_orders)), wrong)

    def source() -> Iterator[Any]:
        for order in given_orders:
            if chance.random() < 0.01:
                raise SourceError
            taken.append(order)
            yield order

    replies: list[Evidence] = [
        Reply(status_code=204),
        CONFLICT,
        NoResponse(reason="reset"),
        NotWritten(reason="refused"),
    ]
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client, lambda _: chance.choice(replies))
    batch, yielded = caller.open_batch(source(), concurrency=chance.randrange(1, 20)), list[Any]()
    for _ in range(chance.randrange(80)):
        try:
            yielded += [step] if (step := next(batch, None)) else []
        except SourceError:
            continue
    yielded += batch.close()
    assert once_each(map(repr, taken), [(repr(order), outcome) for order, outcome in yielded])
    assert backend.twice == []
    for order, outcome in yielded:
        assert (type(outcome) is ConfigurationError) == (order in WRONG)


COMMANDS = st.lists(st.sampled_from(["step", "hold", "let go", "close"]), max_size=25)


@pytest.mark.parametrize("client_kind", CLIENT_KINDS)
@settings(max_examples=40)
@given(commands=COMMANDS, count=st.integers(0, 12), concurrency=st.integers(1, 5))
def test_any_schedule_gives_each_order_once(
    client_kind: str, commands: list[str], count: int, concurrency: int
) -> None:
    """Rule 1: by the record of requests, a Cancelled order was sent once, and a NotSent order never."""
    with open_caller(client_kind, **SETTINGS) as caller:
        backend = FakeBackend(caller.client)
        taken = list[tuple[int, int]]()
        batch = caller.open_batch(_noted(orders(count), taken), concurrency=concurrency, deadline=0.05)
        yielded = list[tuple[Any, Any]]()
        for command in commands:
            match command:
                case "step":
                    yielded += [step] if (step := next(batch, None)) else []
                case "hold":
                    backend.hold(*range(1, count + 1, 3))
                case "let go":
                    backend.release()
                case _:
                    yielded += batch.close()
        yielded += batch.close()
    assert once_each(taken, yielded)
    for (_, order_id), outcome in yielded:
        assert backend.sent.count(order_id) == (type(outcome) in {Cancelled, NoReply, OutcomeUnknown})


def _noted(given_orders: list[tuple[int, int]], taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for order in given_orders:
        taken.append(order)
        yield order
