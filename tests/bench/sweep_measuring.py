"""One measurement of a sweep: its orders are added, and then its workers begin together.

The seconds are from the beginning to the last outcome, by the clock of the database. The work of the database is
counted by pg_stat_statements and by the position in its log. It writes its log to the disk at each commit, unlike
in other tests.
"""

import asyncio
import json
import subprocess
import time
from contextlib import ExitStack
from typing import Any, Final
from uuid import uuid4

from bench.figures import CALLS, MEGABYTES, MICROSECONDS, SECONDS, AbsentError, Figures, WrongError
from bench.measuring import PEER_PATHS, complaint
from bench.peer_environment import ROOT, python_or_own, without_proxies
from bench.peers.peer_call import ACCOUNT
from bench.servers import Server

ADDING: Final = "µs to add"
STATEMENTS: Final = "statements/order"
DATABASE, WRITTEN, KEPT = "µs of the database", "WAL bytes/order", "bytes kept/order"
TIME_LIMIT: Final = 3600
SCHEMA: Final = "autoshares_cancel"
WRITTEN_SO_FAR: Final = "SELECT (pg_current_wal_lsn() - '0/0')::float8"
STATEMENTS_SO_FAR: Final = "SELECT sum(calls)::float8 FROM pg_stat_statements"
MILLISECONDS_SO_FAR: Final = "SELECT sum(total_exec_time) FROM pg_stat_statements"
KEPT_NOW: Final = f"""
SELECT sum(pg_total_relation_size(oid))::float8 FROM pg_class
WHERE relnamespace = '{SCHEMA}'::regnamespace AND relkind = 'r'
"""
SINCE: Final = f"SELECT extract(epoch FROM max(ended) - %s)::float8 FROM {SCHEMA}.sweep_order"


def measured_sweep(
    database: Server, broker: Server, *, count: int, workers: int, in_flight: int, rate: float | None = None
) -> Figures:
    """Work off a new sweep in an empty database. Every order must have one outcome, Cancelled."""
    import psycopg  # noqa: PLC0415  # an extra

    name = str(uuid4())
    with psycopg.connect(database.base_url, autocommit=True) as connection, ExitStack() as running:

        def value(query: Any, *values: Any) -> Any:
            row = connection.execute(query, values).fetchone()
            assert row is not None
            return row[0]

        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        adding = asyncio.run(_add(database.base_url, name, count, rate))
        settings = {**PEER_PATHS, **broker.settings, "BENCH_DATABASE": database.base_url, "BENCH_SWEEP": name}
        command = [str(python_or_own()), "-m", "bench.peers.autoshares_worker", broker.base_url]
        processes = [_started([*command, str(count), str(in_flight)], settings, running) for _ in range(workers)]
        for process in processes:
            _wait_until_ready(process)
        connection.execute("SELECT pg_stat_statements_reset()")
        began, written = value("SELECT clock_timestamp()"), value(WRITTEN_SO_FAR)
        for process in processes:
            _begin(process)
        replies = [json.loads(_ended(process)) for process in processes]
        made, good = (sum(reply[which] for reply in replies) for which in ("count", "good"))
        if made != count or good != count:
            raise WrongError(f"of {count} orders {made} came out, {good} of them cancelled")
        seconds = value(SINCE, began)
        return {
            CALLS: count / seconds,
            MICROSECONDS: seconds / count * 1e6,
            SECONDS: seconds,
            MEGABYTES: max(reply["peak_mb"] for reply in replies),
            ADDING: adding / count * 1e6,
            STATEMENTS: value(STATEMENTS_SO_FAR) / count,
            DATABASE: value(MILLISECONDS_SO_FAR) * 1000 / count,
            WRITTEN: (value(WRITTEN_SO_FAR) - written) / count,
            KEPT: value(KEPT_NOW) / count,
        }


async def _add(url: str, name: str, count: int, rate: float | None) -> float:
    from autoshares_cancel import Sweep  # noqa: PLC0415  # needs an extra

    async with Sweep(url, name=name, rate=rate) as sweep:
        began = time.perf_counter()
        await sweep.add((ACCOUNT, 1 + number) for number in range(count))
        return time.perf_counter() - began


def _started(command: list[str], settings: dict[str, str], running: ExitStack) -> "subprocess.Popen[str]":
    process = running.enter_context(
        subprocess.Popen(
            command,
            env=without_proxies() | settings,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    )
    running.callback(process.kill)
    return process


def _wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise _problem(process, process.communicate(timeout=TIME_LIMIT)[1])


def _begin(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _ended(process: "subprocess.Popen[str]") -> str:
    output, errors = process.communicate(timeout=TIME_LIMIT)
    if process.returncode:
        raise _problem(process, errors)
    return output


def _problem(process: "subprocess.Popen[str]", errors: str) -> AbsentError | WrongError:
    return complaint(errors, process.returncode)
