"""Sweeps on a real PostgreSQL: what is known of each order, and who may change it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from support.fake_backend import SETTINGS, FakeBackend, orders

from autoshares_cancel import AsyncClient, Cancelled, ConfigurationError, Sweep
from autoshares_cancel._batch.database import tables
from autoshares_cancel._batch.database.leases import LeasedOrder
from autoshares_cancel._batch.database.limits import shared_limits
from autoshares_cancel._batch.database.sweep import open_sweeps
from autoshares_cancel._batch.throttle import Throttle

ENDED = {"outcome": "Cancelled", "account_id": 6303, "order_id": 1}
in_database = pytest.mark.sweeps
Scene = Callable[[Sweep], Awaitable[None]]


def play(database: str, scene: Scene, **options: Any) -> None:
    """Play a scene with a sweep."""

    async def main() -> None:
        async with Sweep(database, name="a", **options) as sweep:
            await scene(sweep)

    asyncio.run(main())


async def work_off(sweep: Sweep, **options: Any) -> tuple[int, FakeBackend]:
    """Cancel all orders of a sweep with a client whose requests are answered with 204."""
    async with AsyncClient(**SETTINGS) as client:
        backend = FakeBackend(client)
        return await client.work_off(sweep, **options), backend


def test_it_ends_each_order_once_and_goes_on(database: str) -> None:
    """Law 12: the outcomes stay, what is added again is not new, and a sweep that is over sends nothing."""

    async def scene(sweep: Sweep) -> None:
        assert await sweep.add(orders(30)) == 30
        reported = dict[tuple[int, int], object]()
        ended, backend = await work_off(sweep, on_ended=reported.__setitem__)
        assert (ended, sorted(backend.sent)) == (30, [*range(1, 31)])
        assert {*reported} == {*orders(30)}
        assert await sweep.add(orders(31)) == 1
        ended, backend = await work_off(sweep)
        assert (ended, backend.sent) == (1, [31])
        status = await sweep.status()
        assert (status.orders, status.done, status.in_doubt, dict(status.counts)) == (31, 31, 0, {"Cancelled": 31})
        assert (status.is_over, status.is_filled) == (True, True)
        outcomes = [outcome async for outcome in sweep.outcomes()]
        assert [outcome["order_id"] for outcome in outcomes] == [*range(1, 32)]
        assert outcomes[0].keys() == Cancelled(account_id=1, order_id=1, status_code=204).as_dict().keys()
        assert (await work_off(sweep))[0] == 0

    play(database, scene)


@in_database
def test_only_the_last_lease_ends_an_order(database: str) -> None:
    """Laws 1 and 4: what a process that was away brings back counts for nothing, and the next one reads first."""

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
    """Law 4: the database counts from the beginning of the transaction, and must not end the lease first."""
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
def test_an_order_that_was_given_back_is_as_it_was(database: str) -> None:
    """Law 4: not in doubt, unless it was before; and giving it back once more changes nothing."""

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
    while True:
        taken = await leases.take(9)
        if taken:
            [order] = taken
            assert isinstance(order, LeasedOrder)
            return order
        await asyncio.sleep(0.05)


@in_database
def test_what_a_vanished_process_holds_is_free_soon(database: str) -> None:
    """Law 7: and what is written is on the disk. A server waits for hours for a machine that has gone."""

    async def scene(sweep: Sweep) -> None:
        async def look(connection: Any, _: Any) -> list[str]:
            names = ("idle_in_transaction_session_timeout", "synchronous_commit")
            return [(await (await connection.execute(f"SHOW {name}")).fetchone())[0] for name in names]

        assert await sweep._database.run(look) == ["5s", "on"]

    play(database, scene)


@in_database
def test_a_sweep_keeps_its_options(database: str) -> None:
    """A process that joins has them; other ones are refused by name."""

    async def main() -> None:
        async with Sweep(database, name="a", deadline=5.0, rate=7.0):
            async with Sweep(database, name="a") as joined:
                assert (joined.options.deadline, joined.options.rate, joined.options.lease_seconds) == (5.0, 7.0, 35.0)
                assert await open_sweeps(joined._database) == ["a"]
            with pytest.raises(ConfigurationError, match=r"the sweep a was begun with rate=7\.0"):
                await Sweep(database, name="a", rate=8.0).__aenter__()
            with pytest.raises(ConfigurationError, match="there is no sweep b in the database"):
                await Sweep(database, name="b", must_exist=True).__aenter__()

    asyncio.run(main())


@in_database
def test_a_wrong_order_ends_the_adding(database: str) -> None:
    """Those before it are added, and the sweep is not filled."""

    async def scene(sweep: Sweep) -> None:
        with pytest.raises(ConfigurationError, match="order_id must be"):
            await sweep.add([(1, 1), (1, -(2**40))])
        status = await sweep.status()
        assert (status.is_filled, status.is_over) == (False, False)

    play(database, scene)


@in_database
def test_the_rate_holds_for_all_processes_together(database: str) -> None:
    """In no second more than the rate, at two workers."""

    async def scene(sweep: Sweep) -> None:
        await sweep.add(orders(60))
        (one, first), (other, second) = await asyncio.gather(
            work_off(sweep, concurrency=8), work_off(sweep, concurrency=8)
        )
        assert one + other == 60
        times = sorted([*first.times, *second.times])
        assert all(later - earlier >= 1.0 for earlier, later in zip(times, times[20:], strict=False))

    play(database, scene, rate=20.0)


@in_database
def test_a_pause_holds_for_all_processes(database: str) -> None:
    """What one was asked by the server, the other does, too."""

    async def main() -> None:
        async with Sweep(database, name="a") as one, Sweep(database, name="a") as other:
            first, second = Throttle(time.monotonic), Throttle(time.monotonic)
            async with (
                shared_limits(one._database, one._id, None, first, _never),
                shared_limits(other._database, other._id, None, second, _never),
            ):
                first.hold(60.0)
                while second.held() == 0:  # noqa: ASYNC110  # it looks from time to time
                    await asyncio.sleep(0.01)
            assert 50 < second.held() <= 60

    asyncio.run(main())


def _never() -> None:
    raise AssertionError("the limits have failed")


@in_database
@pytest.mark.parametrize("broken", ["bucket", "not_before"])
def test_limits_that_fail_end_the_work(database: str, broken: str) -> None:
    """Law 3: with their reason. Orders that have not begun are given back."""

    async def scene(sweep: Sweep) -> None:
        await sweep.add(orders(40))

        async def spoil(connection: Any, _: Any) -> None:
            if broken == "bucket":
                await connection.execute(f"CREATE TABLE ratelimit___sweep_{sweep._id} (item_timestamp timestamptz)")
            else:
                await connection.execute("ALTER TABLE sweep RENAME not_before TO unlike")

        await sweep._database.run(spoil)
        with pytest.raises(ConfigurationError, match=r"the database refuses it: column .* does not exist"):
            await asyncio.wait_for(work_off(sweep), 20)

    play(database, scene, rate=10.0)


@in_database
def test_a_user_without_rights_is_told(database: str) -> None:
    """Law 3: by one line of ours, wherever it ends, and nothing is sent."""

    async def scene(sweep: Sweep) -> None:
        await sweep.add(orders(1))
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            await connection.execute("DROP ROLE IF EXISTS reader")
            await connection.execute("CREATE ROLE reader LOGIN")
            await connection.execute("GRANT USAGE ON SCHEMA autoshares_cancel TO reader")
            await connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA autoshares_cancel TO reader")
        async with Sweep(database.replace("postgres@", "reader@"), name="a", must_exist=True) as reader:
            assert (await reader.status()).orders == 1
            for refused in (reader.add(orders(2)), work_off(reader)):
                with pytest.raises(ConfigurationError, match="the database refuses it: permission denied for table"):
                    await refused
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            await connection.execute("DROP OWNED BY reader")
            await connection.execute("DROP ROLE reader")

    play(database, scene)


@in_database
def test_a_lease_reads_few_rows_of_a_long_sweep(database: str) -> None:
    """Taking 64 orders and ending them reads each some times, and no other one, though nothing is analyzed yet."""
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
    assert 0 < in_end["sweep_order"] < 10 * 64  # of its own table PgQueuer reads all while that is small


@in_database
def test_a_slow_reader_of_outcomes_is_not_cut_off(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may idle in its transaction, in which it holds no lock."""
    monkeypatch.setattr(
        tables,
        "OUTCOMES",
        "SELECT json_build_object('ms', current_setting('idle_in_transaction_session_timeout')) WHERE %s > 0",
    )

    async def scene(sweep: Sweep) -> None:
        assert [setting async for setting in sweep.outcomes()] == [{"ms": "0"}]

    play(database, scene)


def test_a_database_that_is_not_there_is_one_line() -> None:
    """Before anything is sent."""
    sweep = Sweep("postgresql://127.0.0.1:1/nowhere", name="a")
    with pytest.raises(ConfigurationError, match=r"^the database can't be reached: .*Connection refused"):
        asyncio.run(sweep.__aenter__())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"name": None}, "name must be"),
        ({"name": "a b\n"}, "name must be visible ASCII"),
        ({"name": "a", "deadline": 0}, "deadline must be"),
        ({"name": "a", "rate": -1}, "rate must be"),
        ({"name": "a", "deadline": 10.0, "lease": 10.0}, "lease must be more than the deadline, 10 s, not 10 s"),
        ({"name": "a", "lease": 30}, "lease must be more than the deadline, 30 s, not 30 s"),
    ],
)
def test_wrong_options_are_refused_before_any_io(options: dict[str, Any], complaint: str) -> None:
    """With the name of the argument."""
    with pytest.raises(ConfigurationError, match=complaint):
        Sweep("postgresql://127.0.0.1:1/nowhere", **options)


def test_outside_of_its_block_it_does_nothing() -> None:
    """One line says how it is used."""
    sweep = Sweep("postgresql://127.0.0.1:1/nowhere", name="a")
    with pytest.raises(ConfigurationError, match="inside of its block"):
        asyncio.run(work_off(sweep))
    with pytest.raises(ConfigurationError, match="inside of its block"):
        asyncio.run(sweep.add(orders(1)))
