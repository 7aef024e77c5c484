"""The pauses that a server asks for, and the rate that is measured, at given times."""

import pytest

from autoshares_cancel._batch.pauses import MOST_UNTOLD_SECONDS, UNKNOWN, UNTOLD_SECONDS, Pauses


def passed(pauses: Pauses) -> tuple[float, float]:
    """The rate that passed, and the share of it at the reopening."""
    assert pauses.schedule is not None
    return pauses.schedule.passed, pauses.schedule.opening


def steady(pauses: Pauses, begin: float, end: float, rate: float) -> None:
    """Replies that pass at this rate, to requests that were sent 5 ms before."""
    for nth in range(round((end - begin) * rate)):
        at = begin + nth / rate
        pauses.passes(at - 0.005, at)


def test_before_the_first_pause_nothing_is_spaced() -> None:
    """Requests to a server that never asks to wait are never spaced."""
    pauses = Pauses()
    steady(pauses, 0, 3, 1000)
    assert pauses.schedule is None
    assert pauses.seconds(3) == 0


@pytest.mark.parametrize("rate", [1, 7, 10, 50, 200, 5000])
def test_what_passed_in_the_last_second_is_the_rate(rate: float) -> None:
    """Rule 2: the rate is measured over the last second only."""
    pauses = Pauses()
    steady(pauses, 0, 5, 3 * rate)
    steady(pauses, 5, 8, rate)
    pauses.asks(1.0, 7.99, 7.999)
    assert passed(pauses) == pytest.approx((rate, 0.9), rel=0.01, abs=1)


def test_only_one_of_many_requests_on_their_way_lowers_the_rate() -> None:
    """Rule 2: 429s to requests that were sent before the reopening only make the pause longer."""
    pauses = Pauses()
    steady(pauses, 0, 3, 20)
    for nth in range(50):
        pauses.asks(1.0, 2.98, 2.99 + nth / 1000)
    assert passed(pauses) == (20, 0.9)
    assert pauses.opens_at == pytest.approx(4.039)
    pauses.asks(5.0, 2.99, 4.2)  # a late one, after the reopening
    assert passed(pauses) == (20, 0.9)
    assert pauses.opens_at == 9.2
    assert pauses.seconds(10.0) == pytest.approx(1.049 + 5.0)


def test_replies_that_pass_in_the_pause_count() -> None:
    """Rule 3: replies that pass during the pause count, since the first 429 of a burst may arrive before them."""
    pauses = Pauses()
    pauses.asks(1.0, 0.0, 0.01)
    assert passed(pauses) == (UNKNOWN, 0.9)
    for nth in range(15):
        pauses.asks(1.0, 0.0, 0.02)
        pauses.passes(0.0, 0.02 + nth / 1000)
    assert passed(pauses) == (15, 0.9)
    pauses.passes(1.5, 1.6)  # sent after the reopening: no longer part of the pause
    assert passed(pauses) == (15, 0.9)


def test_before_ten_replies_the_rate_is_unknown() -> None:
    """Rule 5: fewer than ten replies measure no rate, so that a small batch is not slowed down."""
    pauses = Pauses()
    for nth in range(9):
        pauses.asks(1.0, 2.0 * nth, 2.0 * nth)
        assert passed(pauses)[0] == UNKNOWN
    steady(pauses, 20.0, 30.0, 1.0)
    pauses.asks(1.0, 29.5, 29.5)
    assert passed(pauses)[0] == 1.0


def test_a_reopening_in_vain_keeps_the_rate_and_begins_lower() -> None:
    """Rule 4: each reopening in vain keeps the rate and halves the share; the next success measures both anew."""
    pauses, now = Pauses(), 2.99
    steady(pauses, 0, 3, 20)
    shares = list[float]()
    for _ in range(4):
        pauses.asks(1.0, now, now)
        shares.append(passed(pauses)[1])
        assert passed(pauses)[0] == 20
        now = pauses.opens_at
    assert shares == [0.9, 0.45, 0.225, 0.1125]
    steady(pauses, now + 0.1, now + 2.1, 8)
    pauses.asks(1.0, now + 2, now + 2.09)
    assert passed(pauses) == (8, 0.9)


def test_a_wait_without_a_time_doubles_while_nothing_passes() -> None:
    """Rules 1 and 4: waits without Retry-After grow from 0.25 s to a limit; a reply that passes resets them."""
    pauses, now, waits = Pauses(), 1.0, list[float]()
    for _ in range(100):
        pauses.asks(None, now, now)
        waits.append(pauses.opens_at - now)
        now = pauses.opens_at
    assert waits[:5] == [UNTOLD_SECONDS, 0.5, 1.0, 2.0, MOST_UNTOLD_SECONDS]
    assert waits[-1] == MOST_UNTOLD_SECONDS
    pauses.passes(now, now)
    pauses.asks(None, now, now)
    assert pauses.opens_at - now == UNTOLD_SECONDS
    assert pauses.asked is None


def test_a_stray_429_at_the_beginning_tells_nothing_of_a_limit() -> None:
    """Rule 6: if nine of ten replies pass in the first pause, the rate is measured over the time that they took."""
    pauses = Pauses()
    steady(pauses, 0, 0.05, 1000)
    pauses.asks(1.0, 0.0, 0.05)
    assert passed(pauses)[0] == 50
    steady(pauses, 0.05, 0.06, 1000)
    assert passed(pauses)[0] == pytest.approx(1000, rel=0.15)


def test_a_second_pause_tells_of_a_limit_however_few_are_refused() -> None:
    """Rule 6: only the first 429 can be a stray one; else a server at its limit would get all requests at once."""
    pauses = Pauses()
    for begin in (0.0, 2.0):
        steady(pauses, begin + 0.01, begin + 0.05, 1000)
        pauses.asks(1.0, begin + 0.01, begin + 0.05)
        steady(pauses, begin + 0.05, begin + 0.06, 1000)
    assert passed(pauses) == (50, 0.9)


def test_a_server_at_its_limit_is_not_taken_for_a_stray_429() -> None:
    """Rule 6: a burst of which one in six is refused has met a limit."""
    pauses = Pauses()
    for nth in range(60):
        pauses.passes(0.0, 0.01)
        if nth % 6 == 0:
            pauses.asks(1.0, 0.0, 0.01)
    assert passed(pauses)[0] == 60


@pytest.mark.parametrize(("refused", "through", "rate"), [(4, 5, UNKNOWN), (5, 5, 5.0), (9, 0, UNKNOWN), (10, 0, 1.0)])
def test_ten_replies_of_either_kind_are_enough(refused: int, through: int, rate: float) -> None:
    """Rule 5: ten replies, refused or passed, measure a rate, and nine do not."""
    pauses = Pauses()
    for _ in range(through):
        pauses.passes(2.0, 2.0)
    for nth in range(refused):
        pauses.asks(0.0, 2.0 + nth / 100, 2.0 + nth / 100)
    pauses.asks(1.0, 2.5, 2.5)
    assert passed(pauses)[0] == rate


@pytest.mark.parametrize(("through", "rate"), [(8, UNKNOWN), (9, 9000.0)])
def test_nine_for_one_make_a_stray_429(through: int, rate: float) -> None:
    """Rule 6: nine passed replies for one refused show a stray 429, and eight do not."""
    pauses = Pauses()
    pauses.asks(1.0, 0.0, 0.01)
    for _ in range(through):
        pauses.passes(0.0, 0.01)
    assert passed(pauses)[0] == rate


def test_the_edges_of_a_second_and_of_a_reopening() -> None:
    """A reply of a second ago no longer counts; a request sent 1 ms before the reopening counts as after it."""
    pauses = Pauses()
    for nth in range(20):
        pauses.passes(1.0, 1.0 + (nth >= 12) * 0.5)
    pauses.asks(1.0, 2.0, 2.0)
    assert passed(pauses)[0] == 8
    pauses.asks(1.0, 2.999, 3.1)
    assert passed(pauses)[1] == 0.45


def test_a_fast_batch_remembers_no_more() -> None:
    """Memory: replies are counted in steps of 5 ms, so a fast batch stores no more than a slow one."""
    pauses = Pauses()
    steady(pauses, 0, 2, 10_000)
    assert len(pauses._replies._steps) <= 202
