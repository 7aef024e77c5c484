"""Reads orders at the same time, and again until they are final if that is wanted.

1. Each order has a task of its own, and at most MOST_AT_ONCE of them read. An order that is not final, and one whose
   reply does not come, take no more than their own place.
2. Between two reads of an order passes the client's backoff. With many orders its longest wait grows, so that all of
   them together make about POLLS_A_SECOND reads a second.
3. A failed log-in is the result of every order that is not read by then: none of them tries it again.
4. A reply that does not name the order, or has no status, proves nothing about it, and counts as unreadable.
5. What was read before stays known if a later read fails, or is cut off.
"""

import asyncio
import random
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from attrs import define, field

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._retry.policy import RetryBudget, RetryPolicy
from autoshares_cancel._retry.waits import Waits
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.status import State
from autoshares_cancel.errors import AuthenticationError, OrderUnreadable

FINAL: Final = {State.CANCELLED, State.OVER}
MOST_AT_ONCE: Final = 64
POLLS_A_SECOND: Final = 20

Problem = OrderUnreadable | AuthenticationError


@define
class Reading:
    """What is known about one order."""

    account_id: int
    order_id: int
    order: Order | None = None
    """The order as it was read last."""
    problem: Problem | None = None
    """Why the last read failed, if so."""
    is_done: bool = False
    """Whether it will not be read again; False after an interruption."""

    @property
    def is_final(self) -> bool:
        """Whether the order was final when it was read last."""
        return self.order is not None and self.order.state in FINAL

    @property
    def is_settled(self) -> bool:
        """Whether another read would bring nothing new: it is final, or the server refuses to show it."""
        if isinstance(self.problem, OrderUnreadable):
            status = self.problem.status_code or 0
            is_refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
            return is_refused and status != HTTPStatus.TOO_MANY_REQUESTS
        return self.problem is not None or self.is_final


@define
class Readings:
    """Reads of several orders of one account."""

    client: AsyncClient
    orders: tuple[Reading, ...]
    deadline: float
    """Seconds for each read."""
    until: Deadline | None
    """When to stop reading an order that is not final; None if each is read once."""
    _failure: AuthenticationError | None = field(default=None, init=False)
    _slots: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(MOST_AT_ONCE), init=False)

    async def run(self, report: Callable[[Reading], None]) -> None:
        """Read all orders, and report each in the order given as soon as it is known. Ends all reads if cancelled."""
        tasks = [asyncio.ensure_future(self._follow(each)) for each in self.orders]
        try:
            for reading, task in zip(self.orders, tasks, strict=True):
                await task
                report(reading)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, reading: Reading) -> None:
        cap = max(RetryPolicy().cap, 2 * len(self.orders) / POLLS_A_SECOND)
        waits, polls = Waits(RetryPolicy(cap=cap), RetryBudget(), random.random), 0
        while not reading.is_done:
            async with self._slots:
                reading.problem = await self._read(reading)
            polls += 1
            wait = None if reading.is_settled or self.until is None else waits.poll(polls, self.until.remaining())
            if wait is None:
                reading.is_done = True
            else:
                await asyncio.sleep(wait)

    async def _read(self, reading: Reading) -> Problem | None:
        """Read an order once. Returns the problem, if there is one."""
        seconds = self.deadline if self.until is None else self.until.shortened(self.deadline)
        if self._failure is not None or seconds <= 0:
            return self._failure
        try:
            order = await self.client.read_order(
                account_id=reading.account_id, order_id=reading.order_id, deadline=seconds
            )
        except AuthenticationError as failure:
            self._failure = failure
            return failure
        except OrderUnreadable as problem:
            return problem
        reading.order = order if _is_proof(order) else reading.order
        return None if _is_proof(order) else _unproven(order)


def _is_proof(order: Order) -> bool:
    return order.named and order.status is not None


def _unproven(order: Order) -> OrderUnreadable:
    missing = "has no status" if order.named else "does not name the order"
    detail = f"the reply {missing}"
    return OrderUnreadable(account_id=order.account_id, order_id=order.order_id, status_code=200, detail=detail)
