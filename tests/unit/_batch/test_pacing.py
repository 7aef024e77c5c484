"""The slots of a batch after a pause: how far apart they are, and in which order they are served."""

import random
from itertools import pairwise

import pytest

from autoshares_cancel._batch.pacing import LATE, Queue, Schedule, Slot

STEADY = Schedule(100.0, 10.0)


@pytest.mark.parametrize("passed", [1.0, 10.0, 500.0])
def test_the_rate_begins_below_what_passed_and_grows_slowly(passed: float) -> None:
    """Rule 1: the rate is 0.9 times what passed, the same after 10 s, a tenth more after 20 s, then ever faster."""
    schedule = Schedule(100.0, passed)
    expected = {0: 0.9, 5: 0.9875, 10: 1.0, 15: 1.0125, 20: 1.1, 30: 1.8, 60: 13.5}
    assert {t: schedule.rate(100.0 + t) / passed for t in expected} == pytest.approx(expected)


@pytest.mark.parametrize("opening", [0.9, 0.45, 0.225])
def test_an_opening_at_a_smaller_share_grows_faster_at_first(opening: float) -> None:
    """From every share the rate comes near to what passed within half a minute, and never falls."""
    rates = [Schedule(0.0, 10.0, opening).rate(t) for t in range(31)]
    assert rates[0] == pytest.approx(10 * opening)
    assert rates == sorted(rates)
    assert rates[15] > 9.5
    assert 10.0 < rates[30] < 20.0


def test_the_rate_has_a_lower_bound() -> None:
    """The rate is at least a tenth of what passed, however small the share, so no batch stands still."""
    assert Schedule(0.0, 10.0, 0.9 / 2**30).rate(0.0) == 1.0


def test_first_come_first_served() -> None:
    """Rule 2: the first caller that asks is served first, however often the others ask."""
    queue, slots, chance, now = Queue(), [Slot() for _ in range(20)], random.Random(3), 100.0
    for slot in slots:
        queue.wait(slot, STEADY, now)
    served = list[Slot]()
    while len(served) < len(slots):
        now += 0.001
        for slot in chance.sample(slots, len(slots)):
            if slot not in served and queue.wait(slot, STEADY, now) == 0:
                queue.take(slot)
                served.append(slot)
    assert served == slots


def test_slots_are_as_far_apart_as_the_rate_says() -> None:
    """Rule 1: slots are 1/rate seconds apart, and closer as the rate grows."""
    queue, slots = Queue(), [Slot() for _ in range(300)]
    waits = [queue.wait(slot, STEADY, 100.0) for slot in slots]
    assert waits[0] == 0
    distances = [late - early for early, late in pairwise(waits)]
    assert distances[0] == pytest.approx(1 / 9)
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] == pytest.approx(1 / STEADY.rate(100.0 + waits[-2]))


def test_a_new_pause_moves_all_slots_and_keeps_their_order() -> None:
    """Rule 2: each caller keeps its place when a new pause moves the slots."""
    queue, slots = Queue(), [Slot() for _ in range(5)]
    for slot in slots:
        queue.wait(slot, STEADY, 100.0)
    queue.take(slots[0])
    later = Schedule(103.0, 2.0)
    waits = [queue.wait(slot, later, 101.0) for slot in reversed(slots[1:])]
    assert waits[::-1] == pytest.approx([2.0 + nth / 1.8 for nth in range(4)], abs=0.03)


def test_a_faster_schedule_moves_slots_forward() -> None:
    """A rate that rises during the pause moves slots forward that were reserved before."""
    queue, slots = Queue(), [Slot() for _ in range(3)]
    for slot in slots:
        queue.wait(slot, Schedule(100.0, 1.0), 99.0)
    waits = [queue.wait(slot, Schedule(100.0, 10.0), 99.0) for slot in slots]
    assert waits == pytest.approx([1.0, 1.0 + 1 / 9, 1.0 + 2 / 9], abs=0.01)


def test_an_idle_time_allows_one_extra_slot() -> None:
    """After an idle time, two requests may be sent at once, and the third waits."""
    queue, slots = Queue(), [Slot(), Slot(), Slot()]
    waits = list[float]()
    for slot in slots:
        waits.append(queue.wait(slot, STEADY, 105.0))
        if waits[-1] == 0:
            queue.take(slot)
    assert waits == pytest.approx([0.0, 0.0, 1 / STEADY.rate(105.0)], abs=0.001)


def test_a_caller_that_comes_much_too_late_waits_again() -> None:
    """Rule 3: a caller that is much too late gets a new slot, so that late callers do not all send at once."""
    queue, slots = Queue(), [Slot() for _ in range(30)]
    for slot in slots:
        queue.wait(slot, STEADY, 100.0)
    assert queue.wait(slots[0], STEADY, 100.0 + LATE / 2) == 0
    assert queue.wait(slots[0], STEADY, 100.0 + LATE * 2) > 0


def test_lost_slots_are_forgotten() -> None:
    """Memory: the slot of a call that ended while it waited is dropped."""
    queue = Queue()
    for nth in range(1000):
        queue.wait(Slot(), STEADY, 100.0 + nth)
    assert len(queue._slots) <= 2


@pytest.mark.parametrize("start", [0.3, 1e6 + 1 / 3, 1e9 + 1 / 3])
def test_a_caller_that_waits_long_enough_is_served(start: float) -> None:
    """A caller is served after its wait, even if rounding of the clock makes the wait a little too short."""
    queue, slots, schedule = Queue(), [Slot(), Slot()], Schedule(start, 7.0)
    queue.wait(slots[0], schedule, start)
    wait = queue.wait(slots[1], schedule, start)
    assert queue.wait(slots[1], schedule, start + wait) == 0
