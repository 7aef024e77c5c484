"""AsyncBatch with concurrency=1: each order runs in the task that waits for its outcome, on asyncio and on trio."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from support.clients import TLS
from support.fake_backend import PATIENCE_SECONDS, SETTINGS, FakeBackend, once_each, orders

from autoshares_cancel import AsyncBatch, AsyncClient, Cancelled, ConfigurationError, NoReply

pytestmark = pytest.mark.anyio


@pytest.fixture
async def fake(anyio_backend: str) -> AsyncIterator[FakeBackend]:
    async with AsyncClient(**SETTINGS, verify=TLS) as client:
        yield FakeBackend(client)


async def is_held(fake: FakeBackend, order_id: int) -> None:
    """Wait until the request for this order has arrived."""
    while order_id not in fake.waiting:
        await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize(("concurrency", "runs_here"), [(1, True), (2, False)])
async def test_orders_one_at_a_time_need_no_task(anyio_backend: str, concurrency: int, *, runs_here: bool) -> None:
    """The task that iterates runs the orders one by one; two at a time have tasks of their own."""
    here, tasks = anyio.get_current_task().id, list[int]()
    async with AsyncClient(
        **SETTINGS, verify=TLS, on_attempt=lambda _: tasks.append(anyio.get_current_task().id)
    ) as client:
        batch = FakeBackend(client).client.cancel_orders(orders(3), concurrency=concurrency)
        assert [type(outcome) async for _, outcome in batch] == [Cancelled] * 3
    assert [task == here for task in tasks] == [runs_here] * 3


async def test_tasks_that_share_a_batch_get_every_order_once(fake: FakeBackend) -> None:
    """Rule 1: of several tasks that iterate one batch, one runs an order, and no order is sent or yielded twice."""
    batch: AsyncBatch[Any] = fake.client.cancel_orders(orders(30), concurrency=1)
    yielded = list[tuple[Any, Any]]()

    async def iterate() -> None:
        async for step in batch:
            yielded.append(step)
            await anyio.lowlevel.checkpoint()

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(iterate)
    assert once_each(orders(30), yielded)
    assert (fake.twice, fake.at_once_at_most) == ([], 1)


async def test_a_cancelled_aclose_leaves_the_order_to_the_task_that_runs_it(fake: FakeBackend) -> None:
    """Rule 1: the cancelled task does not wait, and the task that waits for the outcome gets it."""
    fake.hold(1)
    batch: AsyncBatch[Any] = fake.client.cancel_orders(orders(3), concurrency=1)
    yielded = list[tuple[Any, Any]]()

    async def iterate() -> None:
        yielded.extend([step async for step in batch])

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as group:
            group.start_soon(iterate)
            await is_held(fake, 1)
            with anyio.CancelScope() as scope:
                scope.cancel()
                assert await batch.aclose() == []
            assert (fake.held, yielded) == ({1}, [])
            fake.release()
    assert [(order, type(outcome)) for order, outcome in yielded] == [(orders(1)[0], Cancelled)]
    assert fake.sent == [1]


async def test_aclose_waits_for_the_order_that_another_task_runs(fake: FakeBackend) -> None:
    """`aclose` returns after the last order, whose outcome the other task gets; no further order begins."""
    fake.hold(1)
    batch: AsyncBatch[Any] = fake.client.cancel_orders(orders(3), concurrency=1)
    ended = list[str]()

    async def iterate() -> None:
        ended.extend([type(outcome).__name__ async for _, outcome in batch])

    async def close() -> None:
        ended.extend(type(outcome).__name__ for _, outcome in await batch.aclose())
        ended.append("closed")

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as group:
            group.start_soon(iterate)
            await is_held(fake, 1)
            group.start_soon(close)
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            assert ended == []
            fake.release()
    assert sorted(ended) == ["Cancelled", "closed"]
    assert fake.sent == [1]


async def test_an_order_that_is_cut_off_is_unknown(fake: FakeBackend) -> None:
    """Law 4: a cancellation of the task cuts off its order, whose outcome `aclose` returns."""
    fake.hold(2)
    batch: AsyncBatch[Any] = fake.client.cancel_orders(orders(3), concurrency=1)
    yielded = list[tuple[Any, Any]]()

    async def iterate() -> None:
        async for step in batch:
            yielded.append(step)

    async with anyio.create_task_group() as group:
        group.start_soon(iterate)
        await is_held(fake, 2)
        group.cancel_scope.cancel()
    yielded += await batch.aclose()
    assert [type(outcome) for _, outcome in yielded] == [Cancelled, NoReply]
    assert fake.sent == [1, 2]


async def test_outcomes_without_waiting_let_other_tasks_run(fake: FakeBackend) -> None:
    """A batch whose orders need no I/O can be cancelled, and keeps no other task from running."""
    batch: AsyncBatch[Any] = fake.client.cancel_orders(("wrong" for _ in range(100_000)), concurrency=1)
    yielded = list[Any]()

    async def iterate() -> None:
        async for _, outcome in batch:
            yielded.append(outcome)

    async with anyio.create_task_group() as group:
        group.start_soon(iterate)
        while not yielded:
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert 0 < len(yielded) < 1000
    assert {type(outcome) for outcome in yielded} == {ConfigurationError}
