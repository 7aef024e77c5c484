"""Leases on a real PostgreSQL: which process may change an order, and how many rows that reads."""

import asyncio
import time
from typing import Any

import pytest
from support.fake_backend import orders
from support.sweep_scenes import play

from autoshares_cancel import Sweep
from autoshares_cancel._batch.database.leases import LeasedOrder

ENDED = {"outcome": "Cancelled", "account_id": 6303, "order_id": 1}
in_database = pytest.mark.sweeps


@in_database
def test_only_the_last_lease_ends_an_order(database: str) -> None:
    """Laws 1 and 4: a process can't end or give back an order after its lease; the next one has it in doubt."""

    async def scene(sweep: Sweep) -> None:
        await sweep.add(orders(1))
        slow, quick = (sweep._leases(time.monotonic) for _ in range(2))
        [first] = await slow.take(9)
        second: list[LeasedOrder] = []
        while not second:  # until the lease is over
            second = await quick.take(9)
        assert (first.is_in_doubt, second[0].is_in_doubt) == (False, True)
        assert await slow.end([(first, ENDED)]) == []
        await slow.give_back([(first, True)])
        assert await quick.end([(second[0], ENDED)]) == [(6303, 1)]
        assert await quick.end([(second[0], ENDED)]) == []
        assert (await sweep.status()).done == 1

    play(database, scene, deadline=0.05, lease=0.1)


@in_database
def test_a_lease_counts_from_before_its_transaction(database: str) -> None:
    """Law 4: a lease counts from before its transaction, so the database does not end it before the process does."""
    now = [0.0]

    async def scene(sweep: Sweep) -> None:
        await sweep.add(orders(1))
        run = sweep._database.run

        async def slow(work: Any) -> Any:
            async def late(*arguments: Any) -> Any:
                now[0] += 10.0
                return await work(*arguments)

            return await run(late)

        sweep._database.run = slow  # type: ignore[method-assign]  # in this scene alone
        [order] = await sweep._leases(lambda: now[0]).take(9)
        assert order.lease.remaining() == 50.0

    play(database, scene)


@in_database
def test_an_order_that_was_given_back_untouched_is_not_in_doubt(database: str) -> None:
    """Law 4: an order that is given back untouched is not in doubt; to give it back twice changes nothing."""

    async def scene(sweep: Sweep) -> None:
        await sweep.add(orders(1))
        leases = sweep._leases(time.monotonic)
        [first] = await leases.take(9)
        await leases.give_back([(first, True)])
        second = await _taken(leases)
        assert not second.is_in_doubt
        await leases.give_back([(first, True)])  # as after a commit whose reply was lost
        assert await leases.take(9) == []
        await leases.give_back([(second, False)])
        assert (await _taken(leases)).is_in_doubt

    play(database, scene)


async def _taken(leases: Any) -> LeasedOrder:
    """Take the one order as soon as its lease has ended, by the clock of the database, which no test can move."""
    async with asyncio.timeout(60):
        while not (taken := await leases.take(9)):  # noqa: ASYNC110  # no event reports the end of a lease
            await asyncio.sleep(0.05)
    [order] = taken
    assert isinstance(order, LeasedOrder)
    return order


@in_database
def test_the_transaction_of_a_vanished_process_ends_soon(database: str) -> None:
    """Law 7: the database ends the transaction of a vanished process after 5 s, and commits are synchronous."""

    async def scene(sweep: Sweep) -> None:
        async def look(connection: Any, _: Any) -> list[str]:
            names = ("idle_in_transaction_session_timeout", "synchronous_commit")
            return [(await (await connection.execute(f"SHOW {name}")).fetchone())[0] for name in names]

        assert await sweep._database.run(look) == ["5s", "on"]

    play(database, scene)


@in_database
def test_a_lease_reads_few_rows_of_a_long_sweep(database: str) -> None:
    """Taking and ending 64 orders of 1000 reads fewer than ten rows for each, even before ANALYZE has run."""
    read = list[dict[str, int]]()

    async def scene(sweep: Sweep) -> None:
        await sweep.add(orders(1000))
        run = sweep._database.run

        async def counted(work: Any) -> Any:
            async def and_count(connection: Any, queries: Any) -> Any:
                result = await work(connection, queries)
                query = "SELECT relname, seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables"
                found = await (await connection.execute(query)).fetchall()
                read.append({name: (by_scan or 0) + (by_index or 0) for name, by_scan, by_index in found})
                return result

            return await run(and_count)

        sweep._database.run = counted  # type: ignore[method-assign]  # in this scene alone
        leases = sweep._leases(time.monotonic)
        taken = await leases.take(64)
        assert len(await leases.end([(order, ENDED) for order in taken])) == 64

    play(database, scene)
    [in_take, in_end] = read
    assert 0 < in_take["pgqueuer"] < 10 * 64
    assert 0 < in_take["sweep_order"] < 10 * 64
    assert 0 < in_end["sweep_order"] < 10 * 64  # PgQueuer scans all of its own table while that is small
