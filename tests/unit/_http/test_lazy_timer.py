"""One timer ends each wait of a stream at its limit, and never before. The test moves the clock."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from autoshares_cancel._http.lazy_timer import LazyTimer


class Handle:
    """A timer of the loop."""

    def __init__(self, when: float, look: Callable[[], None]) -> None:
        self.when, self.look, self.is_cancelled = when, look, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Loop:
    """The clock of an event loop, and its timers."""

    def __init__(self) -> None:
        self.now = 100.0
        self.handles: list[Handle] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, look: Callable[[], None]) -> Handle:
        self.handles.append(Handle(when, look))
        return self.handles[-1]

    @property
    def set(self) -> list[float]:
        """The times of the timers that are set."""
        return [handle.when for handle in self.handles if not handle.is_cancelled]

    def advance(self, seconds: float) -> None:
        """Let time pass, and run the timers that are due then."""
        self.now += seconds
        for handle in [each for each in self.handles if each.when <= self.now]:
            self.handles.remove(handle)
            if not handle.is_cancelled:
                handle.look()


class Waits:
    """A timer, its loop, and the times at which a wait expired."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.expired: list[float] = []
        timer: Any = LazyTimer(cast("asyncio.AbstractEventLoop", self.loop), lambda: self.expired.append(self.loop.now))
        self.timer: LazyTimer = timer


@pytest.fixture
def waits() -> Waits:
    return Waits()


def test_a_wait_expires_once_at_its_end(waits: Waits) -> None:
    """Law 7: a wait expires once, at its limit."""
    waits.timer.start(5)
    waits.loop.advance(4.9)
    assert waits.expired == []
    waits.loop.advance(0.1)
    waits.loop.advance(60)
    assert waits.expired == [105]


def test_a_wait_that_has_ended_does_not_expire(waits: Waits) -> None:
    """Law 7: a wait that was stopped in time never expires."""
    waits.timer.start(5)
    waits.timer.stop()
    waits.loop.advance(60)
    assert waits.expired == []


def test_many_waits_need_one_timer(waits: Waits) -> None:
    """A thousand waits in a row share one timer instead of setting one each."""
    for _ in range(1000):
        waits.timer.start(5)
        waits.loop.advance(0.01)
        waits.timer.stop()
        assert len(waits.loop.set) <= 1
    assert waits.expired == []
    waits.timer.start(5)
    waits.loop.advance(2.5)
    waits.loop.advance(2.5)
    assert waits.expired == [waits.loop.now]


def test_a_shorter_wait_expires_at_its_own_end(waits: Waits) -> None:
    """Law 7: a wait that ends before the timer of an earlier, longer one gets a timer of its own."""
    waits.timer.start(10)
    waits.timer.stop()
    waits.timer.start(1)
    waits.loop.advance(1)
    assert waits.expired == [101]


def test_a_longer_wait_does_not_expire_with_an_earlier_one(waits: Waits) -> None:
    """Law 7: the timer of an earlier wait neither ends a longer one nor leaves it without a timer."""
    waits.timer.start(1)
    waits.timer.stop()
    waits.timer.start(10)
    waits.loop.advance(1)
    assert waits.expired == []
    waits.loop.advance(9)
    assert waits.expired == [110]


def test_a_closed_timer_leaves_nothing_behind(waits: Waits) -> None:
    """Law 11: the loop holds neither the timer nor its stream."""
    waits.timer.start(5)
    waits.timer.close()
    assert waits.loop.set == []
    waits.loop.advance(60)
    assert waits.expired == []
