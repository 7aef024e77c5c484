"""Orders of a sweep that this process has leased: taken, ended or given back, each in one transaction.

1. Taking an order notes that it is begun, before its request can leave. If an earlier lease has ended without an
   outcome, the order is in doubt from then on: it is read before it is cancelled.
2. An order ends once: its outcome and the end of its job are one transaction, and only the last lease may write it. A
   process that comes back after its lease writes nothing.
3. The lease begins before its transaction, by the clock of this process, so it ends here first.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, LiteralString, Self
from uuid import uuid4

from attrs import define, field

from autoshares_cancel._batch.database import tables
from autoshares_cancel._batch.database.database import Database
from autoshares_cancel._values.deadline import Deadline

if TYPE_CHECKING:
    from pgqueuer.models import Job
    from pgqueuer.queries import Queries
    from psycopg import AsyncConnection

RETURN_SECONDS: Final = 1.0
"""Seconds before an order that was given back is taken again."""


class LeasedOrder(tuple[int, int]):  # noqa: SLOT001  # a tuple can't have named slots
    """The pair of account_id and order_id, with its lease."""

    job: "Job"
    lease: Deadline
    nth: int
    """The number of this lease: the last one alone may end the order."""
    is_in_doubt: bool
    """Whether an earlier lease has ended without an outcome."""

    @classmethod
    def of(cls, ids: tuple[int, int], *, job: "Job", lease: Deadline, nth: int, is_in_doubt: bool) -> Self:
        """Make the order of a job."""
        order = cls(ids)
        order.job, order.lease, order.nth, order.is_in_doubt = job, lease, nth, is_in_doubt
        return order


@define
class Leases:
    """The orders of one sweep, as one process takes and ends them."""

    database: Database
    sweep: int
    seconds: float
    """Of a lease."""
    clock: Callable[[], float]
    _owner: Any = field(factory=uuid4)

    @property
    def _entrypoint(self) -> Any:
        return f"sweep-{self.sweep}"

    async def add(self, orders: Sequence[tuple[int, int]]) -> int:
        """Add orders, and gives how many of them are new to the sweep."""

        async def work(connection: "AsyncConnection[Any]", queries: "Queries") -> int:
            accounts, numbers = _columns(orders)
            cursor = await connection.execute(tables.ADD, (self.sweep, accounts, numbers))
            added = [f"{account_id} {order_id}".encode() for account_id, order_id in await cursor.fetchall()]
            if added:
                await queries.enqueue([self._entrypoint] * len(added), [*added], [0] * len(added))
            return len(added)

        return await self.database.run(work)

    async def take(self, most: int) -> list[LeasedOrder]:
        """Lease up to so many orders, and note each as begun."""
        # Before the transaction begins, because the database counts from its beginning.
        lease = Deadline.after(self.seconds, self.clock)

        async def work(connection: "AsyncConnection[Any]", queries: "Queries") -> list[LeasedOrder]:
            from pgqueuer.ports.repository import EntrypointExecutionParameter  # noqa: PLC0415  # an extra

            unlimited = EntrypointExecutionParameter(concurrency_limit=0)
            timeout = timedelta(seconds=self.seconds)
            jobs = await queries.dequeue(most, {self._entrypoint: unlimited}, self._owner, None, timeout)
            by_order = {_order_of(job): job for job in jobs}
            cursor = await connection.execute(tables.BEGIN, (self.sweep, *_columns([*by_order])))
            return [
                LeasedOrder.of(ids, job=by_order[ids], lease=lease, nth=nth, is_in_doubt=is_in_doubt)
                for *both, nth, is_in_doubt in await cursor.fetchall()
                for ids in [(*both,)]
            ]

        return await self.database.run(work)

    async def end(self, ended: Sequence[tuple[LeasedOrder, Mapping[str, Any]]]) -> list[tuple[int, int]]:
        """Write the outcomes of orders, and end their jobs. Gives those whose lease has not ended."""

        async def work(connection: "AsyncConnection[Any]", queries: "Queries") -> list[tuple[int, int]]:
            orders = [order for order, _ in ended]
            outcomes = [json.dumps(outcome) for _, outcome in ended]
            written = await self._change(connection, tables.END, orders, outcomes)
            jobs = {order: order.job for order in orders}
            await queries.log_jobs([(jobs[ids], "successful", None) for ids in written])
            return written

        return await self.database.run(work) if ended else []

    async def give_back(self, given: Sequence[tuple[LeasedOrder, bool]]) -> None:
        """Let others take orders; with each, whether it is as it was leased, so that it is not in doubt for that."""

        async def work(connection: "AsyncConnection[Any]", queries: "Queries") -> None:
            orders, undone = [order for order, _ in given], [int(is_as_leased) for _, is_as_leased in given]
            jobs = {order: order.job for order in orders}
            for ids in await self._change(connection, tables.GIVE_BACK, orders, undone):
                await queries.retry_job(jobs[ids], timedelta(seconds=RETURN_SECONDS), None)

        if given:
            await self.database.run(work)

    async def _change(
        self,
        connection: "AsyncConnection[Any]",
        statement: LiteralString,
        orders: Sequence[LeasedOrder],
        values: Sequence[Any],
    ) -> list[Any]:
        """Change the orders whose lease is still this one. The jobs are locked first, as the queue locks them."""
        await connection.execute(tables.LOCK_JOBS, ([order.job.id for order in orders],))
        numbers = [order.nth for order in orders]
        cursor = await connection.execute(statement, (self.sweep, *_columns(orders), numbers, [*values]))
        return [(*ids,) for ids in await cursor.fetchall()]


def _columns(orders: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [account_id for account_id, _ in orders], [order_id for _, order_id in orders]


def _order_of(job: "Job") -> tuple[int, int]:
    account_id, order_id = map(int, (job.payload or b"").split())
    return account_id, order_id
