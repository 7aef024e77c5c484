"""One process at work on a sweep, without a database: what it ends, gives back and reports."""

import asyncio
import logging
from typing import Any

import pytest
from attrs import define, field
from support.fake_backend import SETTINGS, FakeBackend, orders
from support.memory_sweep import MemorySweep
from support.recorded import Recorded

from autoshares_cancel import (
    AsyncClient,
    Attempt,
    AuthenticationError,
    Cancelled,
    InvalidCredentials,
    NoReply,
    NotSent,
    Outcome,
    OutcomeUnknown,
    TokenUnavailable,
)
from autoshares_cancel._batch.database.sweep import SweepOptions
from autoshares_cancel._batch.database.work import LEFT, is_final
from autoshares_cancel._values.evidence import NotWritten, Reply
from autoshares_cancel.errors import ConfigurationError

IDS: dict[str, Any] = {"account_id": 1, "order_id": 2}
PATIENCE_SECONDS = 30
ONCE = (Attempt(status_code=None, evidence="reset", seconds=0.1),)


@define
class Done:
    """How the work of a process ended."""

    sweep: MemorySweep
    reported: dict[tuple[int, int], Outcome] = field(factory=dict[tuple[int, int], Outcome])
    backend: FakeBackend = field(init=False)
    ended: int | None = None
    problem: Exception | None = None


def work(sweep: MemorySweep, prepare: Any = lambda _: None, concurrency: int = 4, **changes: Any) -> Done:
    """Work a sweep off; `prepare` is called first, with the object that will hold the result."""
    done = Done(sweep)

    def report(order: tuple[int, int], outcome: Outcome) -> None:
        assert order not in done.reported, "an order is reported twice"
        done.reported[order] = outcome

    async def main() -> None:
        async with AsyncClient(**SETTINGS | changes) as client:
            done.backend = FakeBackend(client)
            prepare(done)
            patience = asyncio.timeout(PATIENCE_SECONDS)
            try:
                async with patience:
                    done.ended = await client.work_off(sweep, concurrency=concurrency, on_ended=report)  # type: ignore[arg-type]  # in memory
            except (AuthenticationError, ConfigurationError) as problem:
                done.problem = problem
            assert not patience.expired()

    asyncio.run(main())
    return done


def test_every_order_ends_once() -> None:
    """Law 3: every order is sent, ended and reported exactly once, and none is given back."""
    done = work(MemorySweep.of(orders(500)), concurrency=64)
    assert {*done.sweep.ended} == {*done.reported} == {*orders(500)}
    assert done.ended == 500
    assert done.backend.twice == []
    assert done.sweep.given == {}


def test_logs_and_spans_have_the_name_of_the_sweep(caplog: pytest.LogCaptureFixture) -> None:
    """The name of the sweep is the reference of each order in logs and spans."""
    recorded = Recorded()
    with caplog.at_level(logging.INFO, "autoshares_cancel"):
        work(MemorySweep.of(orders(2), name="2026-11-26"), telemetry=recorded.telemetry)
    outcomes = [record for record in caplog.records if hasattr(record, "outcome")]
    assert [vars(record)["reference"] for record in outcomes] == ["2026-11-26"] * 2
    calls = [span.attributes or {} for span in recorded.spans if span.kind.name == "INTERNAL"]
    assert "2026-11-26" in [each.get("autoshares.reference") for each in calls]


def test_an_outcome_that_arrives_during_a_write_is_written_too() -> None:
    """Law 3: an outcome that arrives while the database writes other ones is written, too."""

    def prepare(done: Done) -> None:
        done.backend.hold(8)
        done.sweep.on_end = done.backend.release

    done = work(MemorySweep.of(orders(8), seconds=0.1), prepare, concurrency=8)
    assert {*done.sweep.ended} == {*done.reported} == {*orders(8)}


def test_an_order_in_doubt_is_read_first() -> None:
    """Law 1: an order in doubt is read before any cancel: a worker that died may have cancelled it."""
    [order] = orders(1)
    methods: list[str] = []

    def prepare(done: Done) -> None:
        def answer(request: Any) -> Reply:
            methods.append(request.method)
            return Reply(status_code=200, body=b'{"Id": 1, "AccountId": 6303, "Status": "Canceled"}')

        done.backend.answer = answer

    done = work(MemorySweep.of([order], in_doubt=frozenset([order])), prepare)
    assert methods == ["GET"]
    assert isinstance(done.reported[order], Cancelled)


def test_after_a_stop_what_has_not_begun_is_given_back() -> None:
    """Law 4: orders that have not begun are given back as they were leased; those under way end and are written."""

    def prepare(done: Done) -> None:
        done.backend.hold(1)

        def stop(_: set[int]) -> None:
            done.sweep.stop()
            done.backend.release()

        done.backend.on_held = stop

    done = work(MemorySweep.of(orders(20)), prepare, concurrency=2)
    assert (6303, 1) in done.sweep.ended
    assert {*done.sweep.ended} == {*done.reported}
    assert {*done.sweep.ended} | {*done.sweep.given} | {*done.sweep.waiting} == {*orders(20)}
    assert {*done.sweep.given.values()} <= {True}
    assert done.sweep.ended.keys().isdisjoint(done.sweep.given)


def test_an_order_that_was_cut_off_is_unknown_and_stays_leased() -> None:
    """Laws 1 and 4: an order whose request has left is reported as unknown, and is neither ended nor given back."""
    sweep = MemorySweep.of(orders(3))
    reported: dict[tuple[int, int], Outcome] = {}

    async def main() -> None:
        async with AsyncClient(**SETTINGS) as client:
            backend = FakeBackend(client)
            backend.hold(1, 2)
            both = asyncio.Event()
            backend.on_held = lambda waiting: both.set() if len(waiting) == 2 else None
            working = asyncio.ensure_future(
                client.work_off(sweep, concurrency=2, on_ended=reported.__setitem__)  # type: ignore[arg-type]
            )
            await both.wait()
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working

    asyncio.run(main())
    assert (sweep.ended, {*reported}) == ({}, {(6303, 1), (6303, 2)})
    assert [(type(each), each.detail) for each in reported.values()] == [(OutcomeUnknown, LEFT)] * 2  # type: ignore[union-attr]
    assert sweep.given.keys() <= {(6303, 3)}


def test_an_outcome_that_the_database_refuses_is_reported_as_unknown() -> None:
    """Law 12: each order that has begun is reported once as unknown, before the refusal is raised."""

    def refuse() -> None:
        raise ConfigurationError("the database refuses it: no space is left")

    done = work(MemorySweep.of(orders(3), on_end=refuse, elsewhere=1))
    assert str(done.problem) == "the database refuses it: no space is left"
    assert {*done.reported} == {*orders(3)}
    assert {type(outcome) for outcome in done.reported.values()} == {OutcomeUnknown}


def test_an_outcome_after_the_lease_is_reported_as_unknown() -> None:
    """Law 1: an outcome after the lease is reported as unknown: another process may have the order by then."""
    first, second = orders(2)
    done = work(MemorySweep.of([first, second], lost={first}))
    assert {*done.sweep.ended} == {second}
    assert isinstance(done.reported[first], OutcomeUnknown)
    assert isinstance(done.reported[second], Cancelled)
    assert done.ended == 1


def test_an_order_whose_lease_is_too_short_is_not_begun() -> None:
    """Law 4: nothing is sent that could arrive after the lease."""
    sweep = MemorySweep.of(orders(3), options=SweepOptions(deadline=5.0), lease_seconds=4.9)
    done = work(sweep)
    assert (done.backend.sent, done.reported, sweep.ended) == ([], {}, {})
    assert sweep.given == dict.fromkeys(orders(3), True)


def test_a_server_that_is_away_ends_an_order_as_not_sent() -> None:
    """Law 4: an order whose attempts have all failed ends as NotSent, and is not tried for ever."""

    def prepare(done: Done) -> None:
        done.backend.answer = lambda _: NotWritten(reason="refused")

    done = work(MemorySweep.of(orders(1), options=SweepOptions(deadline=0.05)), prepare)
    assert [outcome["outcome"] for outcome in done.sweep.ended.values()] == ["NotSent"]


@pytest.mark.parametrize(
    ("outcome", "final"),
    [
        (Cancelled(**IDS, status_code=204), True),
        (NoReply(**IDS, detail="reset", attempts=ONCE), True),
        (NotSent(**IDS, detail="refused", attempts=ONCE), True),
        (NotSent(**IDS, detail="stopped"), False),
        (OutcomeUnknown(**IDS, detail="stopped"), False),
        (InvalidCredentials(detail="no"), False),
        (TokenUnavailable(detail="late"), False),
    ],
)
def test_only_the_outcome_of_a_tried_order_is_final(outcome: Outcome, *, final: bool) -> None:
    """Only the outcome of an order that was tried is final; any other order is not ended."""
    assert is_final(outcome) is final
