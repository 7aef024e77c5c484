"""Laws 1, 4 and 7 for any sequence of listings and outcomes of a sweep."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen
from hypothesis import example, given
from hypothesis import strategies as st
from support.scripted_sweep import BROKEN, CONFLICT, FINAL, IDS, NO_TOKEN, POLICY, UNKNOWN, WHOLE, gone, order

from autoshares_cancel import NotSent, Order, OrderConflict, Outcome, OutcomeUnknown, TokenUnavailable
from autoshares_cancel._batch.sweep import Sweep, SweepResult
from autoshares_cancel._engine.run import run
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.order import OPEN_FILTER, OrderPage
from autoshares_cancel._values.status import NUMBERS, State

MOST_STEPS = 20_000
"""More steps than fit into the longest deadline with the shortest waits."""
OVER = {State.CANCELLED, State.OVER}
FILLED = OrderConflict(**IDS, order_id=1, order=order(1, "Filled"))


@frozen
class Plan:
    """The orders of one listing, and its end: complete, or a flaw after its last page."""

    orders: tuple[Order, ...]
    size: int = 2
    flaw: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the listing can be read to its end."""
        return self.flaw is None or (self.flaw == "again" and not self.orders)

    def page(self, number: int) -> tuple[Evidence, OrderPage | None]:
        """One page; after the last one the flaw, if any."""
        total, start = len(self.orders), number * self.size
        is_last = start + self.size >= total
        if self.flaw == "broken" and start >= total:
            return BROKEN, None
        if self.flaw == "log-in" and start >= total:
            raise NO_TOKEN
        link = "" if is_last and (self.is_whole or self.flaw == "short") else "more"
        shown = self.orders[:1] if self.flaw == "again" and start >= total else self.orders[start : start + self.size]
        return WHOLE, OrderPage(orders=shown, next_link=link, total=total + (self.flaw == "short"))


statuses = st.sampled_from(["New", "PendingCancel", "Filled", "Canceled", "Held", "Frozen", None])
books = st.dictionaries(st.integers(1, 5), statuses, max_size=5).map(
    lambda book: tuple(order(order_id, status) for order_id, status in book.items())
)
flaws = st.sampled_from([None, None, None, None, "broken", "log-in", "short", "again"])
plans = st.builds(Plan, books, st.integers(1, 3), flaws)
outcomes = st.sampled_from(
    [gone(1), CONFLICT, FILLED, UNKNOWN, NotSent(**IDS, order_id=1), *FINAL.values(), NO_TOKEN, gone(1), gone(1)]
)


@define
class Run:
    """A sweep over a scripted exchange, and what must be true at its end."""

    plans: list[Plan]
    outcomes: list[Outcome]
    deadline: float
    held: bool
    jitter: float
    now: float = 0.0
    plan: Plan = Plan(())
    by: str | None = None
    open: dict[int, Order] = field(factory=dict[int, Order])
    """Orders that were listed as open, and that no later listing or outcome shows as gone."""
    last: dict[int, Outcome] = field(factory=dict[int, Outcome])
    tries: dict[int, list[Outcome]] = field(factory=dict[int, list[Outcome]])

    steps: int = 0

    def play(self) -> SweepResult | TokenUnavailable:
        terms: dict[str, Any] = {"policy": POLICY, "random": lambda: self.jitter}
        sweep = Sweep(backend=self, held=self.held, remaining=lambda: self.deadline - self.now, **terms)
        try:
            return run(sweep.run())
        except TokenUnavailable as error:
            return error

    def step(self) -> None:
        self.steps += 1
        assert self.steps < MOST_STEPS, "the sweep does not end"

    async def sleep(self, seconds: float) -> None:
        self.step()
        assert 0 < seconds < self.deadline - self.now
        self.now += seconds

    async def page(self, number: int, status_filter: str | None) -> tuple[Evidence, OrderPage | None]:
        self.step()
        if number == 0:
            self.plan, self.by = self.plans.pop(0) if len(self.plans) > 1 else self.plans[0], status_filter
        evidence, page = self.plan.page(number)
        for each in page.orders if page else ():
            self.open.pop(each.order_id, None)
            if each.state not in OVER:
                self.open[each.order_id] = each
        if page and page.next_link == "" and self.plan.is_whole:
            seen = {each.order_id for each in self.plan.orders}
            self.open = {n: each for n, each in self.open.items() if n in seen or not self.is_looked_for(each)}
        return evidence, page

    def is_looked_for(self, each: Order) -> bool:
        return self.by is None or each.status in NUMBERS

    async def cancel_these(
        self, orders: tuple[Order, ...], in_doubt: Mapping[int, OutcomeUnknown]
    ) -> dict[int, Outcome]:
        self.step()
        shown = {each.order_id for each in self.plan.orders if each.state in {State.WORKING, State.UNKNOWN}}
        assert orders
        assert {each.order_id for each in orders} <= shown, "only what was listed open is cancelled"
        assert in_doubt == {n: outcome for n, outcome in self.last.items() if outcome is UNKNOWN}
        came = {each.order_id: self.outcomes.pop(0) if self.outcomes else gone(1) for each in orders}
        for order_id, outcome in came.items():
            self.last[order_id] = outcome
            self.tries.setdefault(order_id, []).append(outcome)
            if outcome in (gone(1), FILLED):
                self.open.pop(order_id, None)
        return came


@given(
    plans=st.lists(plans, min_size=1, max_size=8),
    answers=st.lists(outcomes, max_size=12),
    deadline=st.sampled_from([0.1, 2.0, 20.0]),
    held=st.booleans(),
    jitter=st.sampled_from([0.0, 0.3, 0.99]),
)
@example(plans=[Plan((order(1),)), Plan((), flaw="broken")], answers=[UNKNOWN], deadline=9.0, held=True, jitter=0.5)
@example(plans=[Plan(()), Plan((order(9, "Held"),)), Plan(())], answers=[CONFLICT], deadline=9.0, held=True, jitter=0.5)
@example(plans=[Plan((order(1, "PendingCancel"),))], answers=[], deadline=20.0, held=False, jitter=0.0)
@example(plans=[Plan((order(1), order(2)), 1, "log-in")], answers=[], deadline=9.0, held=True, jitter=0.5)
def test_any_sweep_ends_and_names_every_order_that_may_be_open(
    plans: list[Plan], answers: list[Outcome], deadline: float, jitter: float, *, held: bool
) -> None:
    """A sweep ends: clear only after a complete listing without open orders, else with all that may be open."""
    run = Run([*plans], [*answers], deadline, held, jitter)
    ended = run.play()
    if isinstance(ended, TokenUnavailable):
        assert run.last == {}, "no order was touched"
    elif ended.problem is None:
        assert (run.plan.is_whole, run.by) == (True, None if held else OPEN_FILTER)
        assert {each.state for each in run.plan.orders} <= OVER
        assert ended.remaining == ()
        assert run.open == {} or not held
    else:
        assert {each.order_id: each for each in ended.remaining} == run.open
    for tries in run.tries.values():
        assert len(tries) <= POLICY.attempts
        assert not [one for one in tries[:-1] if one in FINAL.values()], "what is refused is tried once"
