"""A batch takes an order when a slot is free, and yields outcomes as they come, with every kind of client."""

import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any, NamedTuple

import anyio
import anyio.lowlevel
import pytest
from conftest import MakeCaller
from support.clients import TLS
from support.fake_backend import ACCOUNT, PATIENCE_SECONDS, SETTINGS, FakeBackend, once_each, orders, until

from autoshares_cancel import AsyncClient, Cancelled


class Source:
    """An endless or limited source of orders, which records the orders that were taken."""

    def __init__(self, most: int | None = None) -> None:
        self.taken = list[tuple[int, int]]()
        self._numbers = itertools.count(1) if most is None else iter(range(1, most + 1))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return self

    def __next__(self) -> tuple[int, int]:
        self.taken.append((ACCOUNT, next(self._numbers)))
        return self.taken[-1]


@pytest.mark.parametrize("concurrency", [1, 2, 7])
def test_no_more_orders_are_taken_than_may_be_under_way(make_caller: MakeCaller, concurrency: int) -> None:
    """Rule 1: the batch takes no order before its first step, then one per outcome, never more than `concurrency`."""
    caller, source = make_caller(**SETTINGS), Source()
    backend = FakeBackend(caller.client)
    batch = caller.open_batch(source, concurrency=concurrency)
    assert (source.taken, backend.sent) == ([], [])
    yielded = list[tuple[Any, Any]]()
    for step in itertools.islice(batch, 40):
        yielded.append(step)
        assert len(source.taken) <= concurrency - 1 + len(yielded)
    yielded += batch.close()
    assert backend.at_once_at_most <= concurrency
    assert len(source.taken) <= 40 + concurrency - 1
    assert once_each(source.taken, yielded)


def test_a_source_without_end_is_left_by_a_break(make_caller: MakeCaller) -> None:
    """Rule 1: after a break, every order that was taken is yielded, and no more orders are taken."""
    caller, source = make_caller(**SETTINGS), Source()
    FakeBackend(caller.client)
    batch, yielded = caller.open_batch(source, concurrency=5), list[tuple[Any, Any]]()
    for step in batch:
        yielded.append(step)
        if len(yielded) == 12:
            break
    yielded += batch.close()
    assert once_each(source.taken, yielded)
    assert 12 <= len(source.taken) <= 16


def test_a_slow_order_holds_up_no_other(make_caller: MakeCaller) -> None:
    """Outcomes are yielded as they finish: all others come before that of a slow order."""
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    backend.hold(1)
    batch = caller.open_batch(orders(50), concurrency=3)
    first = [next(batch) for _ in range(49)]
    assert sorted(order_id for (_, order_id), _ in first) == [*range(2, 51)]
    backend.release()
    assert [order for order, _ in batch] == [(ACCOUNT, 1)]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_slot_waits_until_the_caller_asks_for_the_next_outcome(make_caller: MakeCaller, concurrency: int) -> None:
    """Rule 1: a slot takes its next order only when the caller asks for the next outcome."""
    caller, source = make_caller(**SETTINGS), Source()
    backend = FakeBackend(caller.client)
    batch = caller.open_batch(source, concurrency=concurrency)
    for number in range(1, 10):
        next(batch)
        assert len(source.taken) == number - 1 + concurrency
        until(lambda: len(backend.sent) == len(source.taken))
    batch.close()


def test_an_order_is_yielded_as_the_same_object(make_caller: MakeCaller) -> None:
    """The yielded order is the same object, also of a subclass with further fields."""

    class Line(NamedTuple):
        account_id: int
        order_id: int

    line = Line(ACCOUNT, 7)
    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client)
    ((order, outcome),) = caller.batch([line])
    assert order is line
    assert type(outcome) is Cancelled


def test_without_orders_there_is_nothing_to_do(make_caller: MakeCaller) -> None:
    """An empty batch ends at once, again and again, and has nothing to close."""
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    batch = caller.open_batch([])
    assert [next(batch, None), next(batch, None), batch.close(), backend.sent] == [None, None, [], []]


def test_what_is_no_iterable_is_refused_at_once(make_caller: MakeCaller) -> None:
    """A source that is no iterable raises TypeError at once, with every kind of client."""
    with pytest.raises(TypeError, match="iterable"):
        make_caller(**SETTINGS).open_batch(7)


@pytest.fixture
async def fake(anyio_backend: str) -> AsyncIterator[FakeBackend]:
    async with AsyncClient(**SETTINGS, verify=TLS) as client:
        yield FakeBackend(client)


@pytest.mark.anyio
async def test_an_asynchronous_source_is_as_lazy(fake: FakeBackend) -> None:
    """Rule 1: a batch takes an order from an asynchronous iterable only when a slot is free."""
    source = Source()

    async def come() -> AsyncGenerator[tuple[int, int], None]:
        for order in source:
            await anyio.lowlevel.checkpoint()
            yield order

    async with aclosing(come()) as coming:
        batch, yielded = fake.client.cancel_orders(coming, concurrency=4), list[Any]()
        async for step in batch:
            yielded.append(step)
            assert len(source.taken) <= 4 - 1 + len(yielded)
            if len(yielded) == 30:
                break
        yielded += await batch.aclose()
    assert fake.at_once_at_most <= 4
    # An order that was being fetched when the batch was closed was not taken.
    assert once_each(source.taken[: len(yielded)], yielded)
    assert len(source.taken) - len(yielded) <= 1


@pytest.mark.anyio
async def test_a_source_that_waits_delays_no_outcome(fake: FakeBackend) -> None:
    """A source that waits delays no outcome."""
    more = anyio.Event()

    async def come() -> AsyncIterator[tuple[int, int]]:
        yield ACCOUNT, 1
        yield ACCOUNT, 2
        await more.wait()
        yield ACCOUNT, 3

    batch = fake.client.cancel_orders(come(), concurrency=8)
    with anyio.fail_after(PATIENCE_SECONDS):
        assert {(await anext(batch))[0][1] for _ in range(2)} == {1, 2}
        assert not more.is_set()
        more.set()
        assert [order async for order, _ in batch] == [(ACCOUNT, 3)]


@pytest.mark.anyio
async def test_a_caller_that_does_not_wait_gets_one_more_order_taken(fake: FakeBackend) -> None:
    """Rule 1: of an asynchronous source, the order that was being fetched is taken, and no other one."""
    source = Source()

    async def come() -> AsyncGenerator[tuple[int, int], None]:
        for order in source:
            yield order
            await anyio.lowlevel.checkpoint()

    async with aclosing(come()) as coming, fake.client.cancel_orders(coming, concurrency=64) as batch:
        for _ in range(3):
            await anext(batch)
            taken = len(source.taken)
            assert taken < 32  # otherwise there would be no free slots
            for _ in range(100):
                await anyio.lowlevel.checkpoint()
            assert len(source.taken) <= taken + 1


@pytest.mark.anyio
async def test_a_source_that_never_waits_fills_all_free_slots_at_once(fake: FakeBackend) -> None:
    """An asynchronous source costs no round of the event loop for each order."""
    source = Source()

    async def come() -> AsyncGenerator[tuple[int, int], None]:
        for order in source:
            yield order

    async with aclosing(come()) as coming, fake.client.cancel_orders(coming, concurrency=16) as batch:
        await anext(batch)
        assert len(source.taken) == 16


@pytest.mark.anyio
async def test_a_source_is_never_called_twice_at_the_same_time(fake: FakeBackend) -> None:
    """An asynchronous generator is never called twice at the same time, however many slots are free."""
    asking, most = [0], [0]

    class Slow:
        def __init__(self) -> None:
            self.number = 0

        def __aiter__(self) -> "Slow":
            return self

        async def __anext__(self) -> tuple[int, int]:
            asking[0] += 1
            most[0] = max(*asking, *most)
            await anyio.lowlevel.checkpoint()
            asking[0] -= 1
            self.number += 1
            if self.number > 40:
                raise StopAsyncIteration
            return ACCOUNT, self.number

    yielded = [each async for each in fake.client.cancel_orders(Slow(), concurrency=16)]
    assert once_each(orders(40), yielded)
    assert most == [1]
