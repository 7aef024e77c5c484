"""The database of the tests of sweeps: one server for all tests of a worker, and an empty database for each."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from support.postgres import Postgres, postgres, programs


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Postgres]:
    """The server. Where PostgreSQL is not installed the tests are skipped, which CI does not accept."""
    if programs() is None and os.environ.get("CI_HAS_POSTGRES") != "1":
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    assert programs() is not None, "CI_HAS_POSTGRES=1, but there is no initdb"
    with postgres() as server:
        yield server


@pytest.fixture
def database(_postgres: Postgres) -> str:
    """The URL of a database without sweeps."""
    with psycopg.connect(_postgres.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS autoshares_cancel CASCADE")
    return _postgres.url
