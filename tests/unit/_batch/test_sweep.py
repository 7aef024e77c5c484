"""A sweep of an account: its listings, its cancels and its end. No I/O, and time is virtual."""

import pytest
from support.scripted_sweep import (
    CONFLICT,
    FILLED,
    FINAL,
    IDS,
    POLICY,
    UNKNOWN,
    Exchange,
    answering,
    gone,
    numbers,
    order,
)

from autoshares_cancel import NotSent, Outcome, RetryPolicy
from autoshares_cancel._batch.sweep import SweepResult
from autoshares_cancel._values.order import OPEN_FILTER


@pytest.mark.parametrize(("held", "filters"), [(True, [OPEN_FILTER, None]), (False, [OPEN_FILTER])])
def test_an_account_without_open_orders_is_clear(held: bool, filters: list[str | None]) -> None:  # noqa: FBT001 - a case
    """Nothing is cancelled. The last listing has no filter, because only such a listing shows held orders."""
    exchange = Exchange([(FILLED,)])
    swept, sweep = exchange.sweep(held=held)
    assert (swept, exchange.filters, exchange.cancels, exchange.sleeps) == (SweepResult(), filters, [], [])
    assert (sweep.listings, sweep.outcomes) == (len(filters), {})


def test_what_is_open_is_cancelled_until_nothing_is() -> None:
    """Law 1: an account is clear if a listing shows it, not if all cancels succeeded; new orders are found."""
    exchange = Exchange([(order(2), FILLED, order(3)), (order(4),), ()])
    swept, sweep = exchange.sweep()
    assert swept == SweepResult()
    assert exchange.cancelled == [[2, 3], [4]]
    assert exchange.filters == [OPEN_FILTER, OPEN_FILTER, OPEN_FILTER, None]
    assert (sweep.outcomes, sweep.listings) == ({n: gone(n) for n in (2, 3, 4)}, 4)
    assert exchange.sleeps == [0.5, 0.5]


@pytest.mark.parametrize("status", ["Held", "Frozen", None])
def test_what_no_filter_can_ask_for_is_found(status: str | None) -> None:
    """Held orders and orders of an unknown status are open, and are cancelled."""
    exchange = Exchange([(), (FILLED, order(9, status)), ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == [[9]]
    assert exchange.filters == [OPEN_FILTER, None, OPEN_FILTER, None]


def test_what_is_pending_is_waited_for() -> None:
    """An accepted cancel is not repeated; the account is clear when the order is gone."""
    pending = order(1, "PendingCancel")
    exchange = Exchange([(pending,), (pending, order(2)), (pending,), ()])
    assert exchange.sweep()[0] == SweepResult()
    assert exchange.cancelled == [[2]]
    assert len(exchange.sleeps) == 3


def test_what_is_pending_for_ever_is_named_at_the_deadline() -> None:
    """Law 7: waiting for a pending cancel ends with the deadline, and the order is named."""
    exchange = Exchange([(order(1, "PendingCancel"),)])
    swept, _ = exchange.sweep(deadline=5.0)
    assert (numbers(swept.remaining), swept.problem) == ([1], "the time is over")
    assert exchange.sleeps == [0.5] * 9
    assert exchange.cancels == []


def test_each_wait_may_be_twice_as_long_as_the_one_before() -> None:
    """Law 7: the pauses between listings are those of the policy, from the first one on, up to its cap."""
    exchange = Exchange([(order(1, "PendingCancel"),)])
    exchange.sweep(policy=RetryPolicy(base=1.0, cap=8.0), deadline=20.0)
    assert exchange.sleeps == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]


def test_a_jitter_of_zero_still_waits_between_listings() -> None:
    """Law 7: with a jitter of 0, the sweep still pauses between listings, and it ends."""
    exchange = Exchange([(order(1, "PendingCancel"),)])
    exchange.sweep(deadline=1.0, random=lambda: 0.0)
    assert set(exchange.sleeps) == {0.02}
    assert len(exchange.sleeps) <= 50


@pytest.mark.parametrize("outcome", FINAL.values(), ids=FINAL)
def test_what_is_refused_is_tried_once(outcome: Outcome) -> None:
    """A refused cancel is not repeated, and the order remains."""
    exchange = Exchange([(order(1),)], answering(outcome))
    swept, sweep = exchange.sweep()
    assert (numbers(swept.remaining), swept.problem) == ([1], "what remains can't be cancelled")
    assert (exchange.cancelled, sweep.outcomes) == ([[1]], {1: outcome})


@pytest.mark.parametrize(
    "outcome", [CONFLICT, UNKNOWN, NotSent(**IDS, order_id=1)], ids=lambda each: type(each).__name__
)
def test_a_failed_cancel_is_repeated_as_often_as_the_policy_allows(outcome: Outcome) -> None:
    """A cancel that may succeed later is repeated as the policy allows; then the order remains, with its outcome."""
    exchange = Exchange([(order(1),)], answering(outcome))
    swept, sweep = exchange.sweep()
    assert (numbers(swept.remaining), swept.problem) == ([1], "what remains can't be cancelled")
    assert (exchange.cancelled, sweep.outcomes) == ([[1]] * POLICY.attempts, {1: outcome})


def test_other_orders_are_cancelled_while_one_can_not_be() -> None:
    """Attempts are counted per order, so other orders are cancelled after one has used up its own."""
    exchange = Exchange([(order(1),), (order(1),), (order(1), order(2)), (order(1),)], answering(CONFLICT))
    swept, _ = exchange.sweep()
    assert numbers(swept.remaining) == [1]
    assert exchange.cancelled == [[1], [1], [2]]


def test_an_order_with_an_unknown_outcome_is_in_doubt_at_its_next_cancel() -> None:
    """Law 1: only an order whose cancel the server may have acted on is read before the next cancel."""
    exchange = Exchange([(order(1),), (order(1), order(2)), ()], answering(UNKNOWN, CONFLICT))
    exchange.sweep()
    assert [step.in_doubt for step in exchange.cancels] == [frozenset(), {1}]
