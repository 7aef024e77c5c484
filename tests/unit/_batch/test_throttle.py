"""The throttle, on a clock that only the tests move."""

import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.rates import most_in_any

from autoshares_cancel import ConfigurationError
from autoshares_cancel._batch.pacing import Slot
from autoshares_cancel._batch.pauses import UNTOLD_SECONDS
from autoshares_cancel._batch.throttle import Throttle, limiter_of
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply

RATES = (0.25, 0.5, 1, 1.5, 2, 3, 7, 9.99, 10, 33.3, 250, 1000, 2500.5)


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("start", [0.0, 0.9994, 86_400.123456])
def test_no_stretch_of_time_sees_more_than_the_rate(rate: float, start: float) -> None:
    """At most `rate` requests are allowed in any second; a rate below 1 allows one in 1/rate seconds."""
    clock, limiter, times = Clock(start), limiter_of(rate), list[float]()
    limit, stretch = max(1, int(rate)), max(1.0, 1 / rate)
    while len(times) < max(4 * limit, 8):
        wait = limiter(clock.now)
        if wait == 0:
            times.append(clock.now)
            clock.now += 0.00001
        else:
            assert 0 < wait <= stretch + 0.00001
            clock.now += wait
    assert most_in_any(times, stretch - 0.000001) <= limit


@pytest.mark.parametrize("rate", RATES)
def test_the_rate_is_used(rate: float) -> None:
    """A caller that waits as long as required gets the whole rate, rounded down, within one percent."""
    clock, limiter, count = Clock(), limiter_of(rate), 0
    while clock.now < 20 * max(1, 1 / rate):
        wait = limiter(clock.now)
        count += wait == 0
        clock.now += wait
    assert count >= 0.99 * 20 * max(1, int(rate))


@pytest.mark.parametrize("seed", range(5))
def test_the_rate_holds_however_often_the_limiter_is_asked(seed: int) -> None:
    """The rate holds however often the limiter is asked; only allowed requests count."""
    chance, clock, limiter, times = random.Random(seed), Clock(), limiter_of(10), list[float]()
    while len(times) < 60:
        if limiter(clock.now) == 0:
            times.append(clock.now)
        clock.now += chance.choice([0, 0.0001, 0.01, 0.05, 0.3])
    assert most_in_any(times, 1.0) <= 10


def test_not_even_a_moment_too_early() -> None:
    """Rounding of the clock never allows a request early."""
    limiter = limiter_of(1)
    assert limiter(0.5) == 0
    assert limiter(1.4998) == pytest.approx(0.0002, rel=0.02)
    assert limiter(1.5) == 0.000001
    assert limiter(1.500002) == 0


RETRY_AFTER: list[tuple[Evidence, float]] = [
    (Reply(status_code=429, headers={"Retry-After": "3"}), 3),
    (Reply(status_code=503, headers={"Retry-After": "2"}), 2),
    (Reply(status_code=503), 0),
    (Reply(status_code=204, headers={"Retry-After": "5"}), 0),
    (Reply(status_code=500, headers={"Retry-After": "5"}), 5),
    (Reply(status_code=429, headers={"Retry-After": "nonsense"}), UNTOLD_SECONDS),
    (NotWritten(reason="x"), 0),
    (NoResponse(reason="x"), 0),
]


@pytest.mark.parametrize(("evidence", "seconds"), RETRY_AFTER, ids=str)
def test_a_wait_of_one_order_holds_for_all(evidence: Evidence, seconds: float) -> None:
    """Rule 2: no request is sent before a wait that the server asked for is over."""
    clock, slot = Clock(100), Slot()
    throttle = Throttle(clock)
    assert throttle.wait(Slot()) == 0
    throttle.observe(evidence, 100)
    assert throttle.wait(slot) == throttle.held() == seconds
    clock.now += seconds / 2
    assert throttle.wait(slot) == seconds / 2
    assert throttle.paused() == seconds / 2
    clock.now += seconds / 2
    assert throttle.wait(slot) == throttle.held() == 0


def test_the_longest_wait_counts() -> None:
    """Rule 2: a later, shorter Retry-After does not shorten an earlier one."""
    clock, slot = Clock(), Slot()
    throttle = Throttle(clock)
    throttle.observe(Reply(status_code=429, headers={"Retry-After": "10"}), 0)
    clock.now = 1
    throttle.observe(Reply(status_code=429, headers={"Retry-After": "2"}), 0)
    assert (throttle.wait(slot), throttle.asked) == (9, 10)
    throttle.observe(Reply(status_code=429, headers={"Retry-After": "20"}), 0)
    assert (throttle.wait(slot), throttle.asked) == (20, 20)


def test_while_all_wait_nothing_counts() -> None:
    """A request that must wait does not use up the rate, and the rate also holds after a pause."""
    clock, slots = Clock(), [Slot(), Slot(), Slot()]
    throttle = Throttle(clock, limiter_of(1))
    for _ in range(20):
        throttle.observe(Reply(status_code=204), 0)
    throttle.observe(Reply(status_code=429, headers={"Retry-After": "5"}), 0)
    assert [throttle.wait(slot) >= 5 for slot in slots] == [True] * 3
    clock.now = 5.4
    assert [throttle.wait(slot) == 0 for slot in slots] == [True, False, False]
    clock.now = 6.5
    assert [throttle.wait(slot) == 0 for slot in slots[1:]] == [True, False]


def test_threads_share_the_slots_after_a_pause() -> None:
    """Threads together never get more slots than the schedule allows, and each gets as many as the others."""
    clock, slots, served = Clock(), [Slot() for _ in range(8)], Counter[int]()
    throttle = Throttle(clock)
    for _ in range(40):
        throttle.observe(Reply(status_code=204), 0)
    throttle.observe(Reply(status_code=429, headers={"Retry-After": "1"}), 0)

    def ask(nth: int) -> None:
        served[nth] += throttle.wait(slots[nth]) == 0

    with ThreadPoolExecutor(len(slots)) as pool:
        for step in range(1, 301):
            clock.now = step / 100
            list(pool.map(ask, range(len(slots))))
            assert served.total() <= max(0.0, 40 * (clock.now - 1.0)) + 1
    assert served.total() >= 0.88 * 40 * 2
    assert max(served.values()) - min(served.values()) <= 1


def test_a_rate_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """ConfigurationError names the extra; no ImportError is raised."""
    monkeypatch.setitem(sys.modules, "pyrate_limiter", None)
    with pytest.raises(ConfigurationError) as caught:
        limiter_of(5)
    assert str(caught.value) == "rate needs pyrate-limiter: pip install 'autoshares-cancel[rate]'"


def test_a_long_batch_remembers_no_more_than_one_stretch() -> None:
    """Memory: requests older than the rate's period are dropped."""
    clock, limiter = Clock(), limiter_of(10)
    for _ in range(5000):
        clock.now += limiter(clock.now)
    (bucket,) = [cell.cell_contents for cell in limiter.__closure__ or () if hasattr(cell.cell_contents, "count")]
    assert bucket.count() <= 11


def test_a_pause_of_another_process_holds_here_and_is_never_shortened() -> None:
    """Rule 2: its seconds count from now, as if a reply of this process had asked for them."""
    clock = Clock(100.0)
    throttle = Throttle(clock, None)
    throttle.hold(3.0)
    assert (throttle.held(), throttle.asked) == (3.0, 3.0)
    clock.now += 1.0
    throttle.hold(1.0)
    assert (throttle.held(), throttle.paused()) == (2.0, 1.0)
    throttle.hold(5.0)
    assert throttle.held() == 5.0
    clock.now += 6.0
    assert (throttle.held(), throttle.paused()) == (0.0, 6.0)
