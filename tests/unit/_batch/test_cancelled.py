"""A task that is cancelled during a batch loses no order, on asyncio and on trio."""

import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from support.clients import TLS
from support.fake_backend import ACCOUNT, PATIENCE_SECONDS, SETTINGS, FakeBackend, once_each, orders

from autoshares_cancel import AsyncBatch, AsyncClient, Cancelled, NoReply, NotSent

pytestmark = pytest.mark.anyio


@pytest.fixture
async def fake(anyio_backend: str) -> AsyncIterator[FakeBackend]:
    async with AsyncClient(**SETTINGS, verify=TLS) as client:
        yield FakeBackend(client)


class Caller:
    """Iterates a batch, and always closes it."""

    def __init__(self, fake: FakeBackend, source: Any, **options: Any) -> None:
        self.batch: AsyncBatch[Any] = fake.client.cancel_orders(source, **options)
        self.yielded = list[tuple[Any, Any]]()
        self.was_cancelled = False

    async def run(self, each: Callable[[], Any] | None = None) -> None:
        try:
            async for step in self.batch:
                self.yielded.append(step)
                if each is not None:
                    await each()
        except anyio.get_cancelled_exc_class():
            self.was_cancelled = True
            raise
        finally:
            self.yielded += await self.batch.aclose()


def taken_in(count: int) -> tuple[list[tuple[int, int]], Any]:
    """A source of this many orders, which records those that were taken."""
    taken = list[tuple[int, int]]()

    def source() -> Any:
        for order in orders(count):
            taken.append(order)
            yield order

    return taken, source()


def is_true(fake: FakeBackend, yielded: list[tuple[Any, Any]]) -> bool:
    """Law 4: an order is NotSent if, and only if, no request for it has left."""
    kinds = {order_id: type(outcome) for (_, order_id), outcome in yielded}
    return all((kind is NotSent) == (order_id not in fake.sent) for order_id, kind in kinds.items())


async def test_orders_under_way_are_cut_off_and_unknown(fake: FakeBackend) -> None:
    """Laws 3 and 4: orders that had left are NoReply, and the cancelled task gets every order once."""
    taken, source = taken_in(100)
    fake.hold(*range(10, 101))
    caller = Caller(fake, source, concurrency=6)
    with anyio.fail_after(PATIENCE_SECONDS), anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(caller.run)
            while len(fake.held & {*fake.sent}) < 6:
                await anyio.lowlevel.checkpoint()
            scope.cancel()
    assert caller.was_cancelled
    assert once_each(taken, caller.yielded)
    assert [type(outcome) for _, outcome in caller.yielded] == [Cancelled] * 9 + [NoReply] * 6


async def test_what_was_cut_off_before_it_left_is_not_sent(fake: FakeBackend) -> None:
    """Law 4: an order whose request is cut off before it leaves is NotSent."""
    fake.early = True
    fake.hold(*range(1, 7))
    caller = Caller(fake, orders(6), concurrency=6)
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(caller.run)
            while fake.at_once < 6:
                await anyio.lowlevel.checkpoint()
            scope.cancel()
    assert [type(outcome) for _, outcome in caller.yielded] == [NotSent] * 6


async def test_orders_that_had_not_begun_are_not_sent_and_yielded_once(fake: FakeBackend) -> None:
    """Rule 1: orders whose tasks had not begun at the cancellation are yielded once, and never sent."""
    caller = Caller(fake, orders(20), concurrency=20)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await caller.run()
    assert once_each(orders(20), caller.yielded)
    assert is_true(fake, caller.yielded)
    for _ in range(100):
        await anyio.lowlevel.checkpoint()
    assert await caller.batch.aclose() == []
    assert is_true(fake, caller.yielded)


async def test_a_batch_that_never_waits_can_be_cancelled(fake: FakeBackend) -> None:
    """A batch whose replies never wait can still be cancelled."""
    caller = Caller(fake, orders(10_000), concurrency=4)
    async with anyio.create_task_group() as group:
        group.start_soon(caller.run)
        while not caller.yielded:
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert caller.was_cancelled
    assert len(caller.yielded) < 10_000


async def test_a_caller_cancelled_in_its_own_code_closes_the_batch(fake: FakeBackend) -> None:
    """In a cancelled scope, closing interrupts the cancels under way, and still returns their outcomes."""
    taken, source = taken_in(50)
    fake.hold(*range(4, 51))
    caller = Caller(fake, source, concurrency=5)
    with anyio.fail_after(PATIENCE_SECONDS), anyio.CancelScope() as scope:

        async def each() -> None:
            if len(caller.yielded) == 3:
                while len(fake.held & {*fake.sent}) < 4:
                    await anyio.lowlevel.checkpoint()
                scope.cancel()
                await anyio.lowlevel.checkpoint()

        await caller.run(each)
    assert scope.cancelled_caught
    assert once_each(taken, caller.yielded)
    assert is_true(fake, caller.yielded)


@pytest.mark.parametrize("seed", range(30))
async def test_a_caller_cancelled_at_any_step_gets_every_order_once(fake: FakeBackend, seed: int) -> None:
    """Rule 1 and law 4: a caller cancelled at any step gets every order once, with a true outcome."""
    chance = random.Random(seed)
    taken, source = taken_in(60)
    fake.hold(*chance.sample(range(1, 61), chance.randrange(30)))
    caller = Caller(fake, source, concurrency=chance.randrange(1, 16))
    with anyio.fail_after(PATIENCE_SECONDS), anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(caller.run, anyio.lowlevel.checkpoint)
            for _ in range(chance.randrange(40)):
                await anyio.lowlevel.checkpoint()
            scope.cancel()
    assert once_each(taken, caller.yielded)
    assert fake.twice == []
    assert is_true(fake, caller.yielded)
    for _ in range(20):
        await anyio.lowlevel.checkpoint()
    assert is_true(fake, caller.yielded)


async def test_what_an_asynchronous_source_raises_reaches_the_caller(fake: FakeBackend) -> None:
    """The caller gets the error once, and then the outcomes of the orders before it."""
    fake.hold(1, 2)

    async def broken() -> AsyncIterator[tuple[int, int]]:
        yield ACCOUNT, 1
        yield ACCOUNT, 2
        raise LookupError("mine")

    batch = fake.client.cancel_orders(broken(), concurrency=5)
    with pytest.raises(LookupError, match="mine"):
        await anext(batch)
    fake.release()
    assert once_each(orders(2), [each async for each in batch])
