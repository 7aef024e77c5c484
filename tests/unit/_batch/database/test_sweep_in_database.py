"""Sweeps on a real PostgreSQL: outcomes, options, shared limits, and errors of the database."""

import asyncio
import time
from typing import Any

import psycopg
import pytest
from support.fake_backend import orders
from support.sweep_scenes import play, work_off

from autoshares_cancel import Cancelled, ConfigurationError, Sweep
from autoshares_cancel._batch.database import tables
from autoshares_cancel._batch.database.limits import shared_limits
from autoshares_cancel._batch.database.sweep import open_sweeps
from autoshares_cancel._batch.throttle import Throttle

in_database = pytest.mark.sweeps


def test_it_ends_each_order_once_and_goes_on(database: str) -> None:
    """Law 12: outcomes are kept, an order that is added again is ignored, and a finished sweep sends nothing."""

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
def test_a_sweep_keeps_its_options(database: str) -> None:
    """A process that joins a sweep gets its options; a different value is refused, and the error names it."""

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
    """A wrong order raises ConfigurationError, and the sweep does not count as filled."""

    async def scene(sweep: Sweep) -> None:
        with pytest.raises(ConfigurationError, match="order_id must be"):
            await sweep.add([(1, 1), (1, -(2**40))])
        status = await sweep.status()
        assert (status.is_filled, status.is_over) == (False, False)

    play(database, scene)


@in_database
def test_the_rate_holds_for_all_processes_together(database: str) -> None:
    """Two processes together send no more than the rate in any second."""

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
    """A pause that the server asks of one process holds for the other one, too."""

    async def main() -> None:
        async with Sweep(database, name="a") as one, Sweep(database, name="a") as other:
            first, second = Throttle(time.monotonic), Throttle(time.monotonic)
            async with (
                shared_limits(one._database, one._id, None, first, _never),
                shared_limits(other._database, other._id, None, second, _never),
            ):
                first.hold(60.0)
                while second.held() == 0:  # noqa: ASYNC110  # no event reports the pause
                    await asyncio.sleep(0.01)
            assert 50 < second.held() <= 60

    asyncio.run(main())


def _never() -> None:
    raise AssertionError("the limits have failed")


@in_database
@pytest.mark.parametrize("broken", ["bucket", "not_before"])
def test_limits_that_fail_end_the_work(database: str, broken: str) -> None:
    """Law 3: shared limits that fail end the work with the reason of the database."""

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
def test_a_user_without_rights_gets_one_line(database: str) -> None:
    """Law 3: a database user without rights gets a ConfigurationError in one line, from every method."""

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
def test_a_slow_reader_of_outcomes_is_not_cut_off(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction that reads outcomes may idle without a timeout, because it holds no lock."""
    monkeypatch.setattr(
        tables,
        "OUTCOMES",
        "SELECT json_build_object('ms', current_setting('idle_in_transaction_session_timeout')) WHERE %s > 0",
    )

    async def scene(sweep: Sweep) -> None:
        assert [setting async for setting in sweep.outcomes()] == [{"ms": "0"}]

    play(database, scene)


def test_a_database_that_is_not_there_is_one_line() -> None:
    """A database that can't be reached raises ConfigurationError in one line, before anything is sent."""
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
    """A wrong option raises ConfigurationError, which names the argument."""
    with pytest.raises(ConfigurationError, match=complaint):
        Sweep("postgresql://127.0.0.1:1/nowhere", **options)


def test_outside_of_its_block_it_does_nothing() -> None:
    """A sweep outside of its block raises ConfigurationError, which says how to use it."""
    sweep = Sweep("postgresql://127.0.0.1:1/nowhere", name="a")
    with pytest.raises(ConfigurationError, match="inside of its block"):
        asyncio.run(work_off(sweep))
    with pytest.raises(ConfigurationError, match="inside of its block"):
        asyncio.run(sweep.add(orders(1)))
