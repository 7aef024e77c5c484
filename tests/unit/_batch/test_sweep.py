"""A sweep of an account, step by step: what is listed, what is cancelled, how it ends. No I/O, and time is virtual."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from attrs import define, field

from autoshares_cancel import (
    AppKeyRejected,
    AuthenticationError,
    Cancelled,
    ConfigurationError,
    InvalidRequest,
    NoReply,
    NotSent,
    Order,
    OrderConflict,
    Outcome,
    RetryPolicy,
    TokenUnavailable,
)
from autoshares_cancel._batch.sweep import Sweep, Swept
from autoshares_cancel._cancel.steps import CancelThese, ListPage, Sleep
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.order import OPEN_FILTER, OrderPage

WHOLE, BROKEN = Reply(status_code=200), Reply(status_code=500)
NO_TOKEN = TokenUnavailable(detail="closed")
POLICY = RetryPolicy(attempts=2, base=1.0, cap=1.0)
MOST_STEPS = 10_000
IDS: dict[str, Any] = {"account_id": 6303}


def order(order_id: int, status: str | None = "New") -> Order:
    return Order(account_id=6303, order_id=order_id, status=status)


FILLED = order(1, "Filled")
Shown = tuple[Order, ...] | OrderPage | Evidence | AuthenticationError
"""What a listing is answered with: orders on one page, a page as it is, or why there is none."""


def gone(order_id: int) -> Cancelled:
    return Cancelled(**IDS, order_id=order_id, status_code=204)


@define
class Exchange:
    """Answers the steps of a sweep; the last listing is shown for ever."""

    shows: list[Shown]
    outcome: Callable[[int], Outcome] = gone
    now: float = 0.0
    asked: list[ListPage] = field(factory=list[ListPage])
    cancels: list[CancelThese] = field(factory=list[CancelThese])
    sleeps: list[float] = field(factory=list[float])

    def sweep(self, *, deadline: float = 60.0, held: bool = True, **options: Any) -> tuple[Swept, Sweep]:
        options = {"policy": POLICY, "random": lambda: 0.5, "options": {}, **options}
        sweep = Sweep(held=held, remaining=lambda: deadline - self.now, **options)
        steps = sweep.run()
        answer: Any = None
        try:
            for _ in range(MOST_STEPS):
                step = steps.send(answer)
                shown = self.shows[0] if isinstance(step, ListPage) else ()
                while isinstance(shown, AuthenticationError):
                    self.shows.pop(0)
                    step = steps.throw(shown)
                    shown = self.shows[0] if isinstance(step, ListPage) else ()
                answer = self._answer(step)
        except StopIteration as end:
            return end.value, sweep
        raise AssertionError("the sweep does not end")

    def _answer(self, step: Any) -> Any:
        if isinstance(step, ListPage):
            self.asked.append(step)
            shown: Any = self.shows.pop(0) if len(self.shows) > 1 else self.shows[0]
            if isinstance(shown, tuple):
                shown = OrderPage(orders=shown, next_link="", total=len(shown))
            return (WHOLE, shown) if isinstance(shown, OrderPage) else (shown, None)
        if isinstance(step, Sleep):
            self.sleeps.append(step.seconds)
            self.now += step.seconds
            return None
        self.cancels.append(step)
        return {each.order_id: self.outcome(each.order_id) for each in step.orders}

    @property
    def filters(self) -> list[str | None]:
        return [page.status_filter for page in self.asked]

    @property
    def cancelled(self) -> list[list[int]]:
        return [[each.order_id for each in step.orders] for step in self.cancels]


def numbers(orders: Iterable[Order]) -> list[int]:
    return [each.order_id for each in orders]


def answering(*outcomes: Outcome) -> Callable[[int], Outcome]:
    """Each of them in turn, the last one for ever."""
    left = [*outcomes]
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


CONFLICT = OrderConflict(**IDS, order_id=1)
UNKNOWN = NoReply(**IDS, order_id=1)


@pytest.mark.parametrize(("held", "filters"), [(True, [OPEN_FILTER, None]), (False, [OPEN_FILTER])])
def test_an_account_without_open_orders_is_clear(held: bool, filters: list[str | None]) -> None:  # noqa: FBT001 - a case
    """Nothing is cancelled; what is held is only seen without the filter, so the last look goes without it."""
    exchange = Exchange([(FILLED,)])
    swept, sweep = exchange.sweep(held=held)
    assert (swept, exchange.filters, exchange.cancels, exchange.sleeps) == (Swept(), filters, [], [])
    assert (sweep.listings, sweep.outcomes) == (len(filters), {})


def test_what_is_open_is_cancelled_until_nothing_is() -> None:
    """Law 1: it is clear when a listing shows so, not when all is cancelled; what appears meanwhile is caught."""
    exchange = Exchange([(order(2), FILLED, order(3)), (order(4),), ()])
    swept, sweep = exchange.sweep(options={"rate": 7.0})
    assert swept == Swept()
    assert exchange.cancelled == [[2, 3], [4]]
    assert exchange.filters == [OPEN_FILTER, OPEN_FILTER, OPEN_FILTER, None]
    assert (sweep.outcomes, sweep.listings) == ({n: gone(n) for n in (2, 3, 4)}, 4)
    assert exchange.sleeps == [0.5, 0.5]
    assert all(step.options == {"rate": 7.0} for step in exchange.cancels)


@pytest.mark.parametrize("status", ["Held", "Frozen", None])
def test_what_no_filter_can_ask_for_is_found(status: str | None) -> None:
    """Orders that are held, and those whose status nobody knows, are open, and are cancelled."""
    exchange = Exchange([(), (FILLED, order(9, status)), ()])
    assert exchange.sweep()[0] == Swept()
    assert exchange.cancelled == [[9]]
    assert exchange.filters == [OPEN_FILTER, None, OPEN_FILTER, None]


def test_what_is_pending_is_waited_for() -> None:
    """A cancel that was accepted is not sent again; the account is clear when it is gone."""
    pending = order(1, "PendingCancel")
    exchange = Exchange([(pending,), (pending, order(2)), (pending,), ()])
    assert exchange.sweep()[0] == Swept()
    assert exchange.cancelled == [[2]]
    assert len(exchange.sleeps) == 3


def test_what_is_pending_for_ever_is_named_at_the_deadline() -> None:
    """Law 7: waiting ends with the deadline, and never sleeps beyond it."""
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


def test_a_jitter_of_nothing_is_a_wait_all_the_same() -> None:
    """Law 7: who waits for what is pending does not ask without a pause, and comes to an end."""
    exchange = Exchange([(order(1, "PendingCancel"),)])
    exchange.sweep(deadline=1.0, random=lambda: 0.0)
    assert set(exchange.sleeps) == {0.02}
    assert len(exchange.sleeps) <= 50


FINAL = {
    "refused": AppKeyRejected(**IDS, order_id=1, status_code=403),
    "makes no sense": InvalidRequest(**IDS, order_id=1, status_code=422),
    "can't be sent": ConfigurationError("order_id must be an int32"),
}


@pytest.mark.parametrize("outcome", FINAL.values(), ids=FINAL)
def test_what_is_refused_is_tried_once(outcome: Outcome) -> None:
    """What was refused will be refused again: it is named, and not asked for twice."""
    exchange = Exchange([(order(1),)], answering(outcome))
    swept, sweep = exchange.sweep()
    assert (numbers(swept.remaining), swept.problem) == ([1], "what remains can't be cancelled")
    assert (exchange.cancelled, sweep.outcomes) == ([[1]], {1: outcome})


@pytest.mark.parametrize(
    "outcome", [CONFLICT, UNKNOWN, NotSent(**IDS, order_id=1)], ids=lambda each: type(each).__name__
)
def test_what_refuses_to_go_is_tried_as_often_as_the_policy_allows(outcome: Outcome) -> None:
    """A conflict over an order that is listed as open may pass; what stays is named with its last outcome."""
    exchange = Exchange([(order(1),)], answering(outcome))
    swept, sweep = exchange.sweep()
    assert (numbers(swept.remaining), swept.problem) == ([1], "what remains can't be cancelled")
    assert (exchange.cancelled, sweep.outcomes) == ([[1]] * POLICY.attempts, {1: outcome})


def test_others_go_on_while_one_refuses_to_go() -> None:
    """Tries are counted for each order by itself."""
    exchange = Exchange([(order(1),), (order(1),), (order(1), order(2)), (order(1),)], answering(CONFLICT))
    swept, _ = exchange.sweep()
    assert numbers(swept.remaining) == [1]
    assert exchange.cancelled == [[1], [1], [2]]


def test_what_is_unknown_is_taken_up_in_doubt() -> None:
    """Law 1: an order that an earlier cancel may have hit is read before it is cancelled again; no other one is."""
    exchange = Exchange([(order(1),), (order(1), order(2)), ()], answering(UNKNOWN, CONFLICT))
    exchange.sweep()
    assert [step.in_doubt for step in exchange.cancels] == [frozenset(), {1}]
