"""Reading many orders at the same time, in virtual time, against a client with scripted answers."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from attrs import define, field
from support.virtual_time import START, VirtualLoop, run_virtually

from autoshares_cancel import AsyncClient, InvalidCredentials, Order, OrderUnreadable
from autoshares_cancel._cli.readings import MOST_AT_ONCE, POLLS_A_SECOND, Reading, Readings
from autoshares_cancel._values.deadline import Deadline

Answer = Callable[[int, float], Awaitable[Order]]


def order(order_id: int, status: str | None = "PendingCancel", *, named: bool = True) -> Order:
    return Order(account_id=6303, order_id=order_id, status=status, named=named)


def unreadable(order_id: int, status_code: int | None) -> OrderUnreadable:
    return OrderUnreadable(account_id=6303, order_id=order_id, status_code=status_code, detail="reason")


@define
class FakeClient:
    """Answers each read by the order, and notes when it began."""

    loop: VirtualLoop
    answer: Answer
    began: dict[int, list[float]] = field(factory=lambda: defaultdict(list))
    under_way: int = 0
    most: int = 0

    async def read_order(self, *, account_id: int, order_id: int, deadline: float) -> Order:
        self.began[order_id].append(self.loop.time() - START)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await self.answer(order_id, deadline)
        finally:
            self.under_way -= 1


def play(answer: Answer, count: int, wait: float | None = None) -> tuple[FakeClient, list[Reading], list[float]]:
    """Read orders 1 to `count`: the client, the readings as they were reported, and when."""
    reported: list[Reading] = []
    times: list[float] = []

    async def main(loop: VirtualLoop) -> FakeClient:
        def report(reading: Reading) -> None:
            reported.append(reading)
            times.append(loop.time() - START)

        client = FakeClient(loop, answer)
        until = None if wait is None else Deadline.after(wait, loop.time)
        orders = tuple(Reading(6303, number) for number in range(1, count + 1))
        await Readings(cast(AsyncClient, client), orders, 30.0, until).run(report)
        return client

    return run_virtually(main), reported, times


async def hangs(order_id: int, deadline: float) -> Order:
    """No reply comes before the deadline."""
    await asyncio.sleep(deadline)
    raise unreadable(order_id, None)


def once(*steps: Order | Exception) -> Answer:
    """These answers, one for each read; the last one is repeated."""
    waiting = list(steps)

    async def answer(_: int, __: float) -> Order:
        step = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(step, Exception):
            raise step
        return step

    return answer


def test_without_a_wait_each_order_is_read_once() -> None:
    """Without a wait, each order is read once, even if it is open."""
    client, (reading,), _ = play(once(order(1, "New")), 1)
    assert (len(client.began[1]), reading.order, reading.problem, reading.is_done) == (1, order(1, "New"), None, True)


def test_an_order_is_read_until_it_is_final() -> None:
    """An order is read until it is final, and no longer."""
    client, (reading,), (ended,) = play(once(order(1, "New"), order(1), order(1, "Canceled")), 1, wait=60)
    assert (len(client.began[1]), reading.is_final) == (3, True)
    assert ended < 1


@pytest.mark.parametrize("status", ["New", "PendingCancel", "Baked", "DoneForDay"])
def test_only_a_final_order_ends_the_wait(status: str) -> None:
    """Law 1: a working order, or a status that settles nothing, does not count as final, also at the end."""
    client, (reading,), (ended,) = play(once(order(1, status)), 1, wait=5)
    assert not reading.is_final
    assert reading.is_done
    assert len(client.began[1]) > 2
    assert 4.9 < ended <= 5.01


def test_an_order_without_a_reply_does_not_delay_the_others() -> None:
    """Each other order is read at once; they are reported in the order given."""

    async def answer(order_id: int, deadline: float) -> Order:
        return await hangs(order_id, deadline) if order_id == 1 else order(order_id, "Filled")

    client, reported, _ = play(answer, 50, wait=20)
    assert [reading.order_id for reading in reported] == list(range(1, 51))
    assert {times[0] for times in client.began.values()} == {0.0}
    assert [reading.is_final for reading in reported] == [False] + [True] * 49


def test_a_limited_number_of_orders_is_read_at_the_same_time() -> None:
    """At most MOST_AT_ONCE orders are read at the same time, and every order is read."""

    async def answer(order_id: int, _: float) -> Order:
        await asyncio.sleep(1.0)
        return order(order_id, "Filled")

    client, reported, times = play(answer, 3 * MOST_AT_ONCE)
    assert client.most == MOST_AT_ONCE
    assert len(reported) == 3 * MOST_AT_ONCE
    assert times[-1] == pytest.approx(3.0)


def test_many_orders_share_the_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many orders share a limited number of polls a second, so the server is not flooded."""
    monkeypatch.setattr("random.random", lambda: 0.5)
    client, _, _ = play(once(order(1)), 400, wait=300)
    steady = [time for times in client.began.values() for time in times if 100 <= time < 200]
    assert 0.4 * POLLS_A_SECOND <= len(steady) / 100 <= 2 * POLLS_A_SECOND


def test_a_failed_log_in_is_not_tried_for_each_order() -> None:
    """Law 6: the orders that have not begun share the failure."""
    failure = InvalidCredentials(detail="no", status_code=401)
    client, reported, _ = play(once(failure), 3 * MOST_AT_ONCE)
    assert {reading.problem for reading in reported} == {failure}
    assert len(client.began) == 1


@pytest.mark.parametrize("status_code", [401, 403, 404, 422])
def test_a_refused_read_is_not_repeated(status_code: int) -> None:
    """A read that the server refuses is not repeated, because waiting changes nothing."""
    client, (reading,), (ended,) = play(once(unreadable(1, status_code)), 1, wait=60)
    assert isinstance(reading.problem, OrderUnreadable)
    assert (len(client.began[1]), ended) == (1, 0.0)


@pytest.mark.parametrize("status_code", [None, 429, 500, 503])
def test_trouble_does_not_end_the_wait(status_code: int | None) -> None:
    """A read that fails for a while is repeated until it succeeds."""
    steps = [unreadable(1, status_code)] * 4
    client, (reading,), _ = play(once(order(1), *steps, order(1, "Filled")), 1, wait=60)
    assert (len(client.began[1]), reading.is_final, reading.problem) == (6, True, None)


def test_what_was_read_before_stays_known() -> None:
    """An order that can't be read any more keeps its last reading, together with the reason."""
    _, (reading,), _ = play(once(order(1), unreadable(1, 422)), 1, wait=60)
    assert reading.order == order(1)
    assert isinstance(reading.problem, OrderUnreadable)
    assert not reading.is_final


@pytest.mark.parametrize(
    ("reply", "detail"),
    [
        (order(1, "Canceled", named=False), "the reply does not name the order"),
        (order(1, None), "the reply has no status"),
    ],
    ids=["unnamed", "without a status"],
)
def test_a_reply_that_proves_nothing_is_not_shown(reply: Order, detail: str) -> None:
    """Law 1: the status of an order that the reply does not name is not this order's."""
    _, (reading,), _ = play(once(reply), 1)
    assert reading.order is None
    assert isinstance(reading.problem, OrderUnreadable)
    assert (reading.problem.status_code, reading.problem.detail) == (200, detail)


def test_no_read_is_under_way_after_an_interruption() -> None:
    """After an interruption no read is under way, and orders that were read stay known."""

    async def answer(order_id: int, deadline: float) -> Order:
        return await hangs(order_id, deadline) if order_id == 2 else order(order_id, "Filled")

    async def main(loop: VirtualLoop) -> Any:
        client = FakeClient(loop, answer)
        orders = tuple(Reading(6303, number) for number in (1, 2, 3))
        running = asyncio.ensure_future(Readings(cast(AsyncClient, client), orders, 30.0, None).run(lambda _: None))
        await asyncio.sleep(1)
        running.cancel()
        await asyncio.wait([running])
        return client, orders

    client, orders = run_virtually(main)
    assert client.under_way == 0
    assert [reading.is_done for reading in orders] == [True, False, True]
