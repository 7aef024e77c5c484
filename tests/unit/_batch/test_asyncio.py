"""AsyncBatch under the cancellations of asyncio: Task.cancel, time-outs and signals."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from support.clients import TLS
from support.fake_backend import GONE, PATIENCE_SECONDS, SETTINGS, FakeBackend, once_each, orders
from support.fake_clock import FakeClock

from autoshares_cancel import AsyncClient, NotSent
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence


class Played:
    """A task that iterates a batch and then closes it."""

    def __init__(self) -> None:
        self.yielded = list[tuple[Any, Any]]()
        self.ended_by: BaseException | None = None
        self.went_on = False

    async def run(self, fake: FakeBackend, source: Any, concurrency: int) -> None:
        batch = fake.client.cancel_orders(source, concurrency=concurrency, deadline=0.1)
        try:
            async for step in batch:
                self.yielded.append(step)
                await asyncio.sleep(0)
        finally:
            try:
                self.yielded += await batch.aclose()
            except asyncio.CancelledError:
                self.yielded += await batch.aclose()
                raise
        await asyncio.sleep(0)
        self.went_on = True


def play(scene: Callable[[FakeBackend], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with AsyncClient(**SETTINGS, verify=TLS, **options) as client, asyncio.timeout(PATIENCE_SECONDS):
            await scene(FakeBackend(client))

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(40))
def test_a_cancelled_task_loses_no_order_and_is_cancelled(seed: int) -> None:
    """Rule 1: a task cancelled at any step, also while it closes, loses no order and raises the cancellation."""
    chance, clock = random.Random(seed), FakeClock()

    async def scene(fake: FakeBackend) -> None:
        count, played = 50, Played()
        fake.hold(*chance.sample(range(1, count + 1), chance.randrange(1, count)))
        task = asyncio.create_task(played.run(fake, orders(count), chance.randrange(1, 12)))
        for _ in range(chance.randrange(1, 3)):
            for _ in range(chance.randrange(60)):
                await asyncio.sleep(0)
            task.cancel()
        clock.run()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not played.went_on
        assert once_each(orders(len(played.yielded)), played.yielded)
        for (_, order_id), outcome in played.yielded:
            assert (type(outcome) is NotSent) == (order_id not in fake.sent)

    play(scene, clock=clock)


def test_a_cancelled_aclose_raises_and_the_next_one_returns_the_rest() -> None:
    """A cancelled aclose() raises, because asyncio cancels only once; a second aclose() returns the rest."""

    async def scene(fake: FakeBackend) -> None:
        fake.hold(1, 2, 3)
        batch = fake.client.cancel_orders(orders(3), concurrency=4)
        waiting = asyncio.create_task(anext(batch))
        while len(fake.sent) < 3:  # noqa: ASYNC110  # no event reports that a request has left
            await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await batch.aclose()
        rest = [await waiting, *await batch.aclose()]
        assert once_each(orders(3), rest)
        assert await batch.aclose() == []

    play(scene)


MOMENTS = [("source", 1), ("source", 9), ("source", 27), ("reply", 1), ("reply", 19), ("held", 1), ("held", 8)]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_ctrl_c_in_asyncio_loses_no_order(moment: tuple[str, int]) -> None:
    """On Ctrl-C at any moment, asyncio.run cancels the main task, which closes the batch without losing an order."""
    played, fakes, clock = Played(), list[FakeBackend](), FakeClock()

    def at(place: str, number: int) -> None:
        if (place, number) == moment:
            signal.raise_signal(signal.SIGINT)
            clock.run()

    def source() -> Iterator[tuple[int, int]]:
        for order in orders(30):
            at("source", order[1])
            yield order

    def answer(request: HttpRequest) -> Evidence:
        at("reply", int(request.target.rpartition("/")[2]))
        return GONE

    async def main() -> None:
        async with AsyncClient(**SETTINGS, verify=TLS, clock=clock) as client:
            fakes.append(FakeBackend(client, answer, on_held=lambda waiting: at("held", len(waiting))))
            fakes[0].hold(*range(20, 31))
            await played.run(fakes[0], source(), 8)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert once_each(orders(len(played.yielded)), played.yielded)
    for (_, order_id), outcome in played.yielded:
        assert (type(outcome) is NotSent) == (order_id not in fakes[0].sent)
