"""The database for tests of sweeps: one server for all tests of a worker, emptied for each test."""

import os
from collections.abc import Iterator

import pytest
from support.postgres import Postgres, postgres, programs


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The server. Without PostgreSQL the tests are skipped, or fail if CI has installed it."""
    if programs() is None and os.environ.get("CI_HAS_POSTGRES") != "1":
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    assert programs() is not None, "CI_HAS_POSTGRES=1, but there is no initdb"
    with postgres() as server:
        yield server


@pytest.fixture
def database_server(postgres_server: Postgres) -> Postgres:
    """The server, without sweeps."""
    import psycopg  # noqa: PLC0415  # an extra that few tests need

    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS autoshares_cancel CASCADE")
    return postgres_server


@pytest.fixture
def database(database_server: Postgres) -> str:
    """The URL of a database without sweeps."""
    return database_server.url
