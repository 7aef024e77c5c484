"""What all processes of a sweep share of the server's limits: one rate, and one time before which nothing is sent.

1. The rate is a bucket of pyrate-limiter in the same database. A process takes permits for a moment in advance, and
   forgets those that it does not use within FRESH_SECONDS. The bucket counts over a second and that time, so that all
   processes together never send more in any second.
2. A process that the server asks to wait writes the time down, and the others read it: each looks every LOOK_SECONDS.
"""

import asyncio
import math
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import define, field

from autoshares_cancel._batch.database import tables
from autoshares_cancel._batch.database.database import Database, any_error, is_away, outlast, refusal
from autoshares_cancel._batch.throttle import Throttle
from autoshares_cancel._values.deadline import Clock

if TYPE_CHECKING:
    from pgqueuer.queries import Queries
    from psycopg import AsyncConnection

LOOK_SECONDS: Final = 0.25
"""Seconds between two looks at the pause of all."""
CONNECT_SECONDS: Final = 2.0
"""Seconds for which a thread waits for the database, before the work looks whether it was cut off."""
FRESH_SECONDS: Final = 0.1
"""Seconds for which a permit is good."""
AHEAD_SECONDS: Final = 0.02
"""The permits that are taken at once are those of so many seconds."""
SHORT_SECONDS: Final = 0.01
"""Seconds before a request that has no permit asks again."""
LONGEST_PAUSE: Final = 0.32
"""The most seconds that this process waits by itself, if it has got no permit for a while: all ask one table."""
PERCEPTIBLE_SECONDS: Final = 0.05
"""Pauses whose ends differ by less are the same."""
MILLISECONDS: Final = 1_000


@define(eq=False)
class Permits:
    """The requests that this process may send now."""

    take: Callable[[], tuple[int, float]]
    """Takes permits from those of all processes. Gives their number, and the seconds to wait if there are none.

    Does I/O, and is called in a thread.
    """
    clock: Clock
    _taken_at: deque[float] = field(factory=deque[float])
    _wanted: asyncio.Event = field(factory=asyncio.Event)

    def limiter(self, now: float) -> float:
        """Use a permit: 0, or the seconds to wait before the next call of this."""
        while self._taken_at and self._taken_at[0] < now - FRESH_SECONDS:
            self._taken_at.popleft()
        if not self._taken_at:
            self._wanted.set()
            return SHORT_SECONDS
        self._taken_at.popleft()
        return 0.0

    async def refill(self) -> None:
        """Take permits whenever one is wanted, until it is cancelled. Asks less often the longer there are none."""
        pause = SHORT_SECONDS
        while True:
            await self._wanted.wait()
            at = self.clock()
            number, wait = await asyncio.to_thread(self.take)
            if number:
                self._taken_at.extend([at] * number)
                self._wanted.clear()
                pause = SHORT_SECONDS
            else:
                await asyncio.sleep(wait + random.uniform(0.0, pause))  # noqa: S311  # so that not all ask at once
                pause = min(2 * pause, LONGEST_PAUSE)


@asynccontextmanager
async def shared_limits(
    database: Database, sweep: int, rate: float | None, throttle: Throttle, stop: Callable[[], None]
) -> AsyncGenerator[None]:
    """Inside the block the throttle has the rate of all processes, and the pauses that any of them was asked for.

    If that fails, which no absence of the database does, `stop` is called, and the block raises the reason at its end.
    """
    tasks = [asyncio.ensure_future(_look_again(database, sweep, throttle))]
    pool = None
    try:
        if rate is not None:
            pool, take = await outlast(lambda: asyncio.to_thread(_bucket_of, database, sweep, rate))
            permits = Permits(take, throttle.clock)
            throttle.limit(permits.limiter, rate)
            tasks.append(asyncio.ensure_future(permits.refill()))
        for task in tasks:
            task.add_done_callback(lambda _: stop())
        yield
    finally:
        failed = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if pool is not None:
            await asyncio.to_thread(pool.close)
    for task in failed:
        task.result()


async def _look_again(database: Database, sweep: int, throttle: Throttle) -> None:
    """Tell the others of this process' pause, and take in theirs, again and again."""
    written_until = 0.0

    async def look(connection: "AsyncConnection[Any]", _: "Queries") -> float:
        nonlocal written_until
        held = throttle.held()
        if held > 0 and throttle.clock() + held > written_until + PERCEPTIBLE_SECONDS:
            await connection.execute(tables.HOLD, (held, sweep))
            written_until = throttle.clock() + held
        cursor = await connection.execute(tables.HELD, (sweep,))
        [seconds] = cast("tuple[float]", await cursor.fetchone())
        return seconds

    while True:
        seconds = await database.run(look)
        if seconds > throttle.held() + PERCEPTIBLE_SECONDS:
            throttle.hold(seconds)
            written_until = throttle.clock() + seconds
        await asyncio.sleep(LOOK_SECONDS)


def _bucket_of(database: Database, sweep: int, rate: float) -> tuple[Any, Callable[[], tuple[int, float]]]:
    """The pool of the bucket's connection, and what takes permits from it."""
    from psycopg_pool import ConnectionPool  # noqa: PLC0415  # an extra
    from pyrate_limiter import Rate, RateItem  # noqa: PLC0415  # an extra
    from pyrate_limiter.buckets import PostgresBucket  # noqa: PLC0415  # an extra

    limit = max(1, math.floor(rate))
    interval = math.ceil(MILLISECONDS * (max(1.0, 1.0 / rate) + FRESH_SECONDS))
    options = {"options": f"-c search_path={tables.SCHEMA}"}
    pool: Any = ConnectionPool(database.url, min_size=1, max_size=1, kwargs=options, timeout=CONNECT_SECONDS, open=True)
    try:
        bucket = PostgresBucket(pool, f"sweep_{sweep}", [Rate(limit, interval)])
    except Exception:
        pool.close()
        raise
    weight = max(1, math.floor(limit * AHEAD_SECONDS))
    leaked_at = 0

    def take() -> tuple[int, float]:
        nonlocal leaked_at
        try:
            now = int(cast(Callable[[], int], bucket.now)())
            if now - leaked_at > MILLISECONDS:
                bucket.leak(now)
                leaked_at = now
            item = RateItem("request", now, weight)
            if bucket.put(item):
                return weight, 0.0
            return 0, min(cast(int, bucket.waiting(item)), interval) / MILLISECONDS
        except any_error() as problem:
            if is_away(problem):
                return 0, 0.0
            raise refusal(problem) from None

    return pool, take
