"""The progress of a batch, with every kind of client."""

import logging
from collections import Counter
from typing import Any

import pytest
from conftest import MakeCaller
from support.fake_backend import ACCOUNT, SETTINGS, FakeBackend, once_each, orders

from autoshares_cancel import Cancelled, OrderConflict, Progress
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply


def every_third_is_a_conflict(request: HttpRequest) -> Evidence:
    return Reply(status_code=409 if int(request.target.rpartition("/")[2]) % 3 == 0 else 204)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_the_counts_add_up(make_caller: MakeCaller, concurrency: int) -> None:
    """One Progress is reported before each outcome; `done` is the sum of the counts, and never decreases."""
    reported = list[Progress]()
    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client, every_third_is_a_conflict)
    yielded = caller.batch([*orders(89), None], concurrency=concurrency, on_progress=reported.append)
    assert len(reported) == len(yielded) == 90
    for given, progress in enumerate(reported, start=1):
        assert progress.done == sum(progress.counts.values()) >= given
        assert 0 <= progress.under_way < concurrency or progress.under_way == 0
        assert progress.done - given + progress.under_way <= concurrency
    assert [progress.done for progress in reported] == sorted(progress.done for progress in reported)
    assert [progress.seconds for progress in reported] == sorted(progress.seconds for progress in reported)
    assert reported[-1].counts == Counter(type(outcome).__name__ for _, outcome in yielded)
    assert reported[-1].counts == {"Cancelled": 60, "OrderConflict": 29, "ConfigurationError": 1}
    assert reported[-1].under_way == 0
    assert reported[-1].rate == pytest.approx(90 / reported[-1].seconds)


def test_a_progress_never_changes(make_caller: MakeCaller) -> None:
    """A Progress never changes; later outcomes are in the next one."""
    reported = list[Progress]()
    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client)
    caller.batch(orders(5), concurrency=1, on_progress=reported.append)
    assert [progress.counts for progress in reported] == [{"Cancelled": done} for done in range(1, 6)]


def test_before_any_time_has_passed_there_is_no_rate() -> None:
    """The rate at 0 seconds is 0, without a division by zero."""
    assert Progress(done=3, under_way=0, counts={}, seconds=0.0).rate == 0.0
    assert Progress(done=3, under_way=0, counts={}, seconds=2.0).rate == 1.5


def test_an_observer_that_raises_changes_nothing(make_caller: MakeCaller, caplog: pytest.LogCaptureFixture) -> None:
    """The exception is logged without its traceback, and every order is still yielded."""

    def observer(progress: Progress) -> Any:
        raise ValueError(progress)

    caller = make_caller(**SETTINGS)
    FakeBackend(caller.client, every_third_is_a_conflict)
    caplog.set_level(logging.ERROR, "autoshares_cancel")
    yielded = caller.batch(orders(12), concurrency=3, on_progress=observer)
    assert once_each(orders(12), yielded)
    assert Counter(type(outcome) for _, outcome in yielded) == {Cancelled: 8, OrderConflict: 4}
    assert [record.getMessage() for record in caplog.records] == [
        "an observer raised ValueError, which changes nothing"
    ] * 12
    assert not any(record.exc_info for record in caplog.records)


def test_observers_of_calls_get_the_orders_of_a_batch(make_caller: MakeCaller) -> None:
    """on_attempt and on_outcome are called as for single calls, once for each order that was sent."""
    attempts, outcomes = list[Any](), list[Any]()
    caller = make_caller(**SETTINGS, on_attempt=attempts.append, on_outcome=outcomes.append)
    FakeBackend(caller.client, every_third_is_a_conflict)
    yielded = caller.batch([*orders(9), (ACCOUNT, "10")], concurrency=4)
    assert sorted(event.order_id for event in attempts) == [*range(1, 10)]
    reported = {event.order_id: event.outcome for event in outcomes}
    assert reported == {order_id: outcome for (_, order_id), outcome in yielded if order_id != "10"}
