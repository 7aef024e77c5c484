"""Sweeps on a real PostgreSQL whose workers or whose database are killed or cut off."""

import asyncio
import signal
import threading
from collections import Counter

import pytest
from attrs import evolve
from faults.sweep_kills import SweepTrial
from support.cut_wire import cut_wire
from support.postgres import Postgres

from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer

pytestmark = pytest.mark.sweeps
SEED, KILLS = 73552, 25


def test_kills_lose_and_invent_no_outcome(database_server: Postgres, mock_server: MockServer, cell: Cell) -> None:
    """Laws 1, 4 and 12: after kills of workers and of the database, every order has one true outcome."""
    cell("sweep", "killed again and again", "two workers", note=f"{KILLS} kills, no lie")
    trial = SweepTrial(SEED, KILLS, name="killed")
    trial.run(database_server, mock_server)
    assert not trial.lies, "\n".join(trial.lies)
    assert trial.survived >= KILLS - 2
    assert trial.outcomes.keys() >= {"Cancelled", "OrderConflict"}


def test_a_worker_that_wakes_after_its_lease_sends_nothing(
    database_server: Postgres, mock_server: MockServer, cell: Cell
) -> None:
    """Laws 1 and 4: a worker that was stopped until its lease ended sends no request for an order of others."""
    cell("sweep", "frozen past its lease", "SIGSTOP", note="no lie")
    trial, stopped = SweepTrial(SEED, 10, name="frozen"), threading.Event()
    trial.prepare(database_server, mock_server)
    with trial.worker(database_server, mock_server, "--once", at_a_time=1) as frozen:

        def stop() -> None:
            frozen.send_signal(signal.SIGSTOP)
            stopped.set()

        trial.seen.at(5, stop)
        assert stopped.wait(60)
        with trial.worker(database_server, mock_server, "--once") as other:
            assert other.wait(120) in {0, 4, 5}
        sent = len(trial.seen)
        frozen.send_signal(signal.SIGCONT)
        assert frozen.wait(120) in {0, 4, 5}
    assert [seen.path for seen in [*trial.seen][sent:] if "/orders/" in seen.path] == []
    trial.judge(database_server, mock_server)
    assert not trial.lies, "\n".join(trial.lies)


def test_a_worker_that_is_cut_off_from_the_database_loses_nothing(
    database_server: Postgres, mock_server: MockServer, cell: Cell
) -> None:
    """Laws 1 and 4: a worker that loses the database during requests loses no outcome; late ones are dropped."""
    cell("sweep", "cut off from the database", "one of two workers", note="no lie")
    trial, is_cut = SweepTrial(SEED, 10, name="cut off"), threading.Event()
    trial.prepare(database_server, mock_server)
    with cut_wire(database_server.port) as wire:

        def cut() -> None:
            wire.cut()
            is_cut.set()

        trial.seen.at(5, cut)
        with trial.worker(evolve(database_server, port=wire.port), mock_server, "--once") as lonely:
            assert is_cut.wait(60)
            with trial.worker(database_server, mock_server, "--once") as other:
                assert other.wait(120) in {0, 4, 5}
            wire.restore()
            assert lonely.wait(120) in {0, 4, 5}
    trial.judge(database_server, mock_server)
    assert not trial.lies, "\n".join(trial.lies)


def test_two_sweeps_at_once_are_each_true(database_server: Postgres, mock_server: MockServer, cell: Cell) -> None:
    """Laws 1 and 3: an order in two sweeps is cancelled once, and each sweep has an outcome for it."""
    cell("sweep", "two sweeps at once", "the same orders", note="no lie")
    trial = SweepTrial(SEED, 10, name="one")
    trial.prepare(database_server, mock_server)
    both = SweepTrial(SEED, 10, name="two")
    asyncio.run(both.fill(database_server))
    with (
        trial.worker(database_server, mock_server, "--once") as one,
        trial.worker(database_server, mock_server, "--once") as other,
    ):
        assert {one.wait(120), other.wait(120)} <= {0, 4, 5}
    first, second = (asyncio.run(each.ended(database_server)) for each in (trial, both))
    assert first.keys() == second.keys() == {*trial.orders}
    cancelled = [
        {number for number, each in all_.items() if each["outcome"] == "Cancelled"} for all_ in (first, second)
    ]
    book = mock_server.exchange.orders
    assert all(book[number].status == "Canceled" for number in cancelled[0] | cancelled[1])
    accepted = Counter(seen.path for seen in trial.seen if seen.method == "DELETE" and seen.status in {200, 204})
    assert {*accepted.values()} == {1}
