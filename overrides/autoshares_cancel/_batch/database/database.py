"""Transactions on PostgreSQL that outlive a restart of it, and the queue in the same transaction.

1. A transaction that fails because the database is away is tried again until it succeeds: each is written so that a
   second time does nothing that the first one did.
2. A commit has reached the disk of the database, even where it is set up to forget the last ones. A transaction that
   is left open is ended by the database, so that the orders of a process that vanished are free for others.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, LiteralString, Self, TypeVar

from autoshares_cancel._batch.database import tables
from autoshares_cancel.errors import ConfigurationError

if TYPE_CHECKING:
    from pgqueuer.queries import Queries
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

T = TypeVar("T")

LOG: Final = logging.getLogger("autoshares_cancel")
CONNECTIONS: Final = 4
"""Of one process: one takes orders, one writes outcomes, one looks at the limits, and one is free."""
CONNECT_SECONDS: Final = 10
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two attempts while the database is away."""
MISSING: Final = "a sweep over several machines needs PgQueuer and psycopg: pip install 'autoshares-cancel[sweep]'"


class Database:
    """A pool of connections to one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] | None = None
        self._queries: Callable[[AsyncConnection[Any]], Queries] = _queries()

    async def open(self) -> Self:
        """Connect, and install the tables where they are missing. Raises ConfigurationError."""
        from psycopg import AsyncConnection, Error, OperationalError  # noqa: PLC0415  # an extra
        from psycopg_pool import AsyncConnectionPool  # noqa: PLC0415  # an extra

        options: dict[str, Any] = {"autocommit": True, "application_name": "autoshares-cancel"}
        options["connect_timeout"] = CONNECT_SECONDS
        try:
            async with await AsyncConnection.connect(self.url, **options) as connection, connection.transaction():
                await connection.execute(tables.BEGIN_TRANSACTION)
                await self._install(connection)
        except OperationalError as problem:
            raise ConfigurationError(f"the database can't be reached: {_in_words(problem)}") from None
        except Error as problem:
            raise ConfigurationError(f"the tables can't be made in the database: {_in_words(problem)}") from None
        self._pool = AsyncConnectionPool(self.url, min_size=1, max_size=CONNECTIONS, open=False, kwargs=options)
        await self._pool.open()
        return self

    async def close(self) -> None:
        """Close all connections."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def run(self, work: "Callable[[AsyncConnection[Any], Queries], Awaitable[T]]") -> T:
        """Do the work in one transaction, again and again while the database is away."""

        async def attempt() -> T:
            async with self._transaction() as connection:
                return await work(connection, self._queries(connection))

        return await outlast(attempt)

    async def stream(self, query: LiteralString, values: tuple[Any, ...]) -> AsyncGenerator[Any]:
        """The first column of each row, from a cursor of the database, so that memory use does not grow."""
        try:
            async with self._transaction() as connection, connection.cursor("stream") as cursor:
                await connection.execute(tables.MAY_IDLE)
                await cursor.execute(query, values)
                async for [value] in cursor:
                    yield value
        except any_error() as problem:
            if not is_away(problem):
                raise refusal(problem) from None
            raise ConfigurationError(f"the database can't be reached any more: {_in_words(problem)}") from None

    @asynccontextmanager
    async def _transaction(self) -> "AsyncGenerator[AsyncConnection[Any]]":
        if self._pool is None:
            raise ConfigurationError("a sweep is used inside of its block: async with Sweep(...) as sweep:")
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(tables.BEGIN_TRANSACTION)
            yield connection

    async def _install(self, connection: "AsyncConnection[Any]") -> None:
        [is_installed] = await (await connection.execute(tables.IS_INSTALLED)).fetchone() or [False]
        if is_installed:
            return
        await connection.execute(tables.INSTALLING)
        await connection.execute("CREATE SCHEMA IF NOT EXISTS autoshares_cancel")
        queries = self._queries(connection)
        if not await queries.schema_is_installed():
            await queries.install(create_schema=False)
        await connection.execute(tables.INSTALL)


def _queries() -> "Callable[[AsyncConnection[Any]], Queries]":
    """Makes the queue's statements for a connection, all in our schema."""
    try:
        from pgqueuer.adapters.persistence import qb  # noqa: PLC0415  # an extra
        from pgqueuer.db import PsycopgDriver  # noqa: PLC0415  # an extra
        from pgqueuer.domain.settings import DBSettings  # noqa: PLC0415  # an extra
        from pgqueuer.queries import Queries  # noqa: PLC0415  # an extra
    except ImportError:
        raise ConfigurationError(MISSING) from None
    settings = DBSettings(db_schema=tables.SCHEMA, prefix="", queue_table=tables.QUEUE)
    builders: dict[str, Any] = {
        "qbe": qb.QueryBuilderEnvironment(settings),
        "qbq": qb.QueryQueueBuilder(settings),
        "qbs": qb.QuerySchedulerBuilder(settings),
    }
    return lambda connection: Queries(PsycopgDriver(connection), **builders)


async def outlast(attempt: Callable[[], Awaitable[T]]) -> T:
    """Make an attempt again and again while the database is away. Raises ConfigurationError if it refuses."""
    pause = SHORTEST_PAUSE
    while True:
        try:
            return await attempt()
        except any_error() as problem:
            if not is_away(problem):
                raise refusal(problem) from None
            LOG.warning("the database is away, and is tried again: %s", _in_words(problem))
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def is_away(problem: Exception) -> bool:
    """Whether another attempt may succeed: the database can't be reached, starts, or has ended a deadlock."""
    from psycopg import InterfaceError, OperationalError  # noqa: PLC0415  # an extra
    from psycopg_pool import PoolTimeout  # noqa: PLC0415  # an extra

    return isinstance(problem, OperationalError | InterfaceError | PoolTimeout)


def any_error() -> type[Exception]:
    """What every exception of the database is. Loaded when one is raised."""
    from psycopg import Error  # noqa: PLC0415  # an extra

    return Error


def refusal(problem: Exception) -> ConfigurationError:
    """What is raised in place of an exception of the database that another attempt would raise, too."""
    return ConfigurationError(f"the database refuses it: {_in_words(problem)}")


def _in_words(problem: Exception) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__
