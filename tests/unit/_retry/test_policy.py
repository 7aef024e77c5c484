"""How often and how soon a client tries again, and the budget that prevents retry storms."""

import re
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoshares_cancel import ConfigurationError, RetryPolicy
from autoshares_cancel._retry.policy import RetryBudget

ALMOST_ONE = 1.0 - 2.0**-53
"""The greatest number that random.random returns."""


@pytest.mark.parametrize("attempts", [1, 2, 100])
def test_attempts_are_from_1_to_100(attempts: int) -> None:
    """1 switches retries off; 1 and 100 are allowed."""
    assert RetryPolicy(attempts=attempts).attempts == attempts


@pytest.mark.parametrize("bad", [0, -1, 101, True, False, 5.0, "5", None])
def test_other_attempts_are_refused(bad: Any) -> None:
    """Law 9: attempts must be a whole number, small enough that one call makes no retry storm."""
    expected = re.escape(f"RetryPolicy: attempts must be a whole number from 1 to 100, not {bad!r}")
    with pytest.raises(ConfigurationError, match=f"^{expected}$"):
        RetryPolicy(attempts=bad)


@pytest.mark.parametrize("name", ["base", "cap"])
@pytest.mark.parametrize("bad", [0, -0.1, float("nan"), float("inf"), 86401, True, "1", None])
def test_waits_are_finite(name: str, bad: Any) -> None:
    """Laws 3 and 7: no wait is endless, and the message names the class and the setting."""
    with pytest.raises(ConfigurationError, match=f"^RetryPolicy: {name} must be a number of seconds"):
        RetryPolicy(**{name: bad})


def test_what_is_tried_by_default() -> None:
    """The defaults are those that the documentation names."""
    policy = RetryPolicy()
    assert (policy.attempts, policy.base, policy.cap) == (5, 0.1, 2.0)


def test_the_longest_wait_doubles_up_to_the_cap() -> None:
    """The longest first wait is the base, and it doubles after each attempt, up to the cap."""
    policy = RetryPolicy(base=0.5, cap=3.0)
    assert [policy.backoff(attempt, 0.5) for attempt in range(1, 6)] == [0.25, 0.5, 1.0, 1.5, 1.5]


def test_a_base_above_the_cap_is_cut() -> None:
    """No wait is longer than the cap, not even the first."""
    assert RetryPolicy(base=8.0, cap=3.0).backoff(1, 0.5) == 1.5


@given(st.integers(1, 10**9), st.floats(0.0, ALMOST_ONE), st.floats(0.001, 86400.0), st.floats(0.001, 86400.0))
def test_jitter_is_full(attempt: int, random: float, base: float, cap: float) -> None:
    """A wait is from 0 to the longest one, after any number of attempts."""
    policy = RetryPolicy(base=base, cap=cap)
    longest = min(cap, base * 2 ** min(attempt - 1, 40))
    assert policy.backoff(attempt, 0.0) == 0.0
    assert policy.backoff(attempt, random) == pytest.approx(random * longest)
    assert policy.backoff(attempt, random) <= longest


def test_a_budget_is_full_at_first_and_then_exhausted() -> None:
    """A full budget of 500 pays for 100 retries at 5 each, and for no more."""
    budget = RetryBudget()
    assert [budget.spend() for _ in range(101)] == [True] * 100 + [False]
    assert budget.left == 0


def test_a_retry_that_is_not_made_costs_nothing() -> None:
    """A refused retry costs nothing, and later replies add to what is left."""
    budget = RetryBudget(left=4)
    assert not budget.spend()
    assert budget.left == 4
    budget.earn()
    assert budget.spend()
    assert budget.left == 0


def test_a_budget_earns_one_at_a_time_and_never_above_its_capacity() -> None:
    """Good replies pay for later retries, up to the capacity."""
    budget = RetryBudget(left=498)
    for left in (499, 500, 500):
        budget.earn()
        assert budget.left == left


def test_threads_never_spend_more_than_there_is() -> None:
    """All calls of a client share one budget: 8 threads that ask 50 times each get 100 retries."""
    budget, spent = RetryBudget(), list[bool]()
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait(60)
        for _ in range(50):
            spent.append(budget.spend())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(spent), sum(spent), budget.left) == (400, 100, 0)


def test_a_budget_does_not_print_its_lock() -> None:
    """The repr shows what is left, and nothing else."""
    assert repr(RetryBudget()) == "RetryBudget(left=500)"
