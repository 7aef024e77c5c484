"""Sweep: one batch for several processes and machines, on PostgreSQL."""

import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, cast

from attrs import asdict, evolve, field, frozen
from attrs.validators import optional

from autoshares_cancel._batch.database import tables
from autoshares_cancel._batch.database.database import Database
from autoshares_cancel._batch.database.leases import Leases
from autoshares_cancel._batch.options import MOST_A_SECOND
from autoshares_cancel._validation import check_flag, check_id, check_positive, check_reference, check_seconds, checked
from autoshares_cancel.errors import ConfigurationError

if TYPE_CHECKING:
    from pgqueuer.queries import Queries
    from psycopg import AsyncConnection

ADDED_TOGETHER: Final = 1_000
"""Orders that are added in one transaction."""
SLACK_SECONDS: Final = 30.0
"""Seconds that an order may wait for the rate before it begins, without its lease ending."""


@frozen(kw_only=True)
class SweepOptions:
    """What all processes of a sweep do alike. Raises ConfigurationError for a value that is out of range."""

    deadline: float = field(default=30.0, validator=checked(check_seconds))
    rate: float | None = field(
        default=None,
        validator=optional(checked(partial(check_positive, most=MOST_A_SECOND, unit="requests a second"))),
    )
    confirm: bool = field(default=False, validator=checked(check_flag))
    venue: bool = field(default=False, validator=checked(check_flag))
    lease: float | None = field(default=None, validator=optional(checked(check_seconds)))

    def __attrs_post_init__(self) -> None:
        if self.lease is not None and self.lease <= self.deadline:
            raise ConfigurationError(f"lease must be more than the deadline, {self.deadline:g} s, not {self.lease:g} s")

    @property
    def lease_seconds(self) -> float:
        """The seconds of a lease."""
        return self.deadline + SLACK_SECONDS if self.lease is None else self.lease


@frozen(kw_only=True)
class SweepStatus:
    """How far a sweep has come, in all processes together."""

    name: str
    orders: int
    """The orders that were added."""
    done: int
    """Those with an outcome."""
    in_doubt: int
    """Those that a process has begun and not ended: under way, or left by a process that died."""
    counts: Mapping[str, int]
    """The orders with an outcome, by the name of its class."""
    rate: float
    """Outcomes a second, over the last 30 seconds at most."""
    is_filled: bool
    """Whether all orders were added."""

    @property
    def is_over(self) -> bool:
        """Whether every order has its outcome."""
        return self.is_filled and self.done == self.orders

    @property
    def seconds_left(self) -> float | None:
        """The estimated seconds to the end; None without an estimate."""
        return (self.orders - self.done) / self.rate if self.rate > 0 and self.is_filled else None

    def as_dict(self) -> dict[str, Any]:
        """Make the object that `--json` prints."""
        return {**asdict(self), "counts": dict(self.counts), "is_over": self.is_over, "seconds_left": self.seconds_left}


class Sweep:
    """A batch of orders that any number of processes and machines work off together (extra `sweep`).

        async with Sweep("postgresql://db.example/desk", name="2026-11-26", rate=200) as sweep:
            await sweep.add(orders)
            await client.work_off(sweep)

    Each process opens a Sweep of the same name, and works it off. `add` may be called again with the same orders: it
    adds those that are missing. The first process decides the options; another one leaves them out, or gives the same:

    - `deadline`: seconds for each order, log-in included; 30 without it
    - `rate`: requests a second of all processes together
    - `confirm` and `venue`: as in cancel_orders
    - `lease`: seconds after which others take the orders of a process that died, more than the deadline; without it
      the deadline and 30

    With `must_exist` no sweep is begun. An order of a process that died is read before it is cancelled. Every order
    gets exactly one outcome. Entering the block connects, and makes the tables that are missing, in the schema
    `autoshares_cancel`; it raises ConfigurationError if it can't. Later a database that is away is waited for. Needs
    an event loop of asyncio or uvloop.
    """

    def __init__(
        self,
        database: str,
        *,
        name: str,
        deadline: float | None = None,
        rate: float | None = None,
        confirm: bool | None = None,
        venue: bool | None = None,
        lease: float | None = None,
        must_exist: bool = False,
    ) -> None:
        if check_reference("name", name) is None:
            raise ConfigurationError("name must be the name of the sweep, not None")
        options = {"deadline": deadline, "rate": rate, "confirm": confirm, "venue": venue, "lease": lease}
        self._given: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
        self.name, self.options, self._must_exist = name, SweepOptions(**self._given), must_exist
        self._database = Database(database)
        self._id, self._stops = 0, list[Callable[[], None]]()

    async def __aenter__(self) -> Self:
        await self._database.open()
        try:
            await self._database.run(self._find)
        except BaseException:
            await self._database.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()

    def _leases(self, clock: Callable[[], float]) -> Leases:
        """The orders of the sweep, as this process leases them."""
        return Leases(self._database, self._id, self.options.lease_seconds, clock)

    async def add(self, orders: Iterable[tuple[int, int]] | AsyncIterable[tuple[int, int]]) -> int:
        """Add pairs of account_id and order_id, a thousand at a time, and mark the sweep as filled.

        Returns how many of them are new to it. Raises ConfigurationError at the first pair that is no order; those
        before it are added, and the sweep is not filled.
        """
        leases, new, together = self._leases(time.monotonic), 0, list[tuple[int, int]]()
        async for account_id, order_id in _each(orders):
            together.append((check_id("account_id", account_id), check_id("order_id", order_id)))
            if len(together) == ADDED_TOGETHER:
                new += await leases.add(together)
                together = []
        new += await leases.add(together) if together else 0

        async def fill(connection: "AsyncConnection[Any]", _: "Queries") -> None:
            await connection.execute(tables.FILLED, (self._id,))

        await self._database.run(fill)
        return new

    def stop(self) -> None:
        """Lease no more orders: work_off returns when those under way have ended. Does nothing without work_off."""
        for stop in (*self._stops,):
            stop()

    @contextmanager
    def _worked_off(self, stop: Callable[[], None]) -> Generator[None]:
        """Inside the block `stop` is what stop calls. Raises ConfigurationError outside of the block of the sweep."""
        if not self._id:
            raise ConfigurationError("a sweep is worked off inside of its block: async with Sweep(...) as sweep:")
        self._stops.append(stop)
        try:
            yield
        finally:
            self._stops.remove(stop)

    async def is_over(self) -> bool:
        """Whether the sweep is filled, and every order has its outcome."""

        async def look(connection: "AsyncConnection[Any]", _: "Queries") -> bool:
            cursor = await connection.execute(tables.LEFT, (self._id,))
            is_filled, is_left = cast("tuple[bool, bool]", await cursor.fetchone())
            return is_filled and not is_left

        return await self._database.run(look)

    async def status(self) -> SweepStatus:
        """How far all processes have come. Reads the sweep from the database, which takes longer the larger it is."""

        async def look(connection: "AsyncConnection[Any]", _: "Queries") -> SweepStatus:
            [[is_filled, _is_left]] = await (await connection.execute(tables.LEFT, (self._id,))).fetchall()
            rows = await (await connection.execute(tables.COUNTS, (self._id,))).fetchall()
            [[recent, seconds]] = await (await connection.execute(tables.RECENT, (self._id,))).fetchall()
            counts = {name: number for name, number, _ in sorted(rows, key=lambda row: -row[1]) if name is not None}
            return SweepStatus(
                name=self.name,
                orders=sum(number for _, number, _ in rows),
                done=sum(counts.values()),
                in_doubt=sum(in_doubt for *_, in_doubt in rows),
                counts=counts,
                rate=recent / seconds if seconds > 0 else 0.0,
                is_filled=is_filled,
            )

        return await self._database.run(look)

    async def outcomes(self) -> AsyncGenerator[dict[str, Any]]:
        """The final outcomes so far, as Outcome.as_dict makes them, by account and order. Memory use does not grow."""
        async for outcome in self._database.stream(tables.OUTCOMES, (self._id,)):
            yield outcome

    async def _find(self, connection: "AsyncConnection[Any]", _: "Queries") -> None:
        from psycopg.types.json import Jsonb  # noqa: PLC0415  # an extra

        if not self._must_exist:
            await connection.execute(tables.MAKE, (self.name, Jsonb(asdict(self.options))))
        found = await (await connection.execute(tables.FIND, (self.name,))).fetchone()
        if found is None:
            raise ConfigurationError(f"there is no sweep {self.name} in the database")
        self._id, kept = found
        differing = {key for key, value in self._given.items() if kept[key] != value}
        if differing:
            key = min(differing)
            raise ConfigurationError(
                f"the sweep {self.name} was begun with {key}={kept[key]!r}: give the same, or leave it out"
            )
        self.options = evolve(self.options, **kept)


async def open_sweeps(database: Database) -> list[str]:
    """The names of the sweeps that are not over."""

    async def look(connection: "AsyncConnection[Any]", _: "Queries") -> list[str]:
        return [name for [name] in await (await connection.execute(tables.OPEN)).fetchall()]

    return await database.run(look)


async def _each(orders: Iterable[Any] | AsyncIterable[Any]) -> AsyncGenerator[Any]:
    if isinstance(orders, AsyncIterable):
        async for order in orders:
            yield order
    else:
        for order in orders:
            yield order
