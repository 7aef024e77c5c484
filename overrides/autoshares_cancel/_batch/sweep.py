"""Everything that is open in an account, listed and cancelled until nothing is: a coroutine that awaits its backend.

1. What is open is listed by status; what is found is cancelled, and then it is listed again. This finds
   orders that were placed during the sweep, and orders that moved from one page to another between two requests.
2. The account is clear only when a listing that was read to its end shows nothing open. Orders that are held can't be
   asked for by status, so the last look goes through all orders of the account, unless that is switched off.
3. An order whose status is not documented counts as open. One that is pending is waited for.
4. An order that refuses to go is tried as often as the policy allows, and one that is refused once. What can't be
   cancelled, and what is open when the time is over, is named.
   An order that is done for today, without a time in force, may work again tomorrow: it is tried once, and a conflict
   settles it. Its outcome names it, but it keeps no account from being clear.
5. An open leg of a multi-leg order keeps an account from being clear. It is cancelled by its own number only when the
   order that it belongs to is final.
6. What a listing has shown open is named until another one could have shown it and did not, or its own outcome says
   that it is gone; so a listing that breaks off, and a failed log-in, leave nothing out.
7. With a filter, all of this is about the orders that it chooses (see selection), anew in each listing. The others are
   neither cancelled nor named, and nothing is claimed about them.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from attrs import define, field, frozen

from autoshares_cancel._batch.listing import OPEN, Listing, list_orders, with_legs
from autoshares_cancel._batch.selection import EVERYTHING, Selection
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome, failed_log_in
from autoshares_cancel._retry.backend import SweepBackend
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._retry.waits import SHORTEST_WAIT
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.order import OPEN_FILTER, Order
from autoshares_cancel._values.order_filter import OrderFilter
from autoshares_cancel._values.status import FOR_TODAY, NUMBERS, State
from autoshares_cancel.errors import (
    ConfigurationError,
    OrderConflict,
    OutcomeUnknown,
    Refused,
)


@frozen(kw_only=True)
class AllCancelled:
    """Nothing of an account is open: the last listing has shown so.

    With a `filter`, no open order matches it. Orders that do not match may be open.
    """

    account_id: int
    outcomes: Mapping[int, Outcome]
    """The last outcome of each order that was found open, by its number. Some may have been filled first."""
    listings: int
    """How often the orders were listed."""
    filter: OrderFilter | None = None
    """The orders that the call was about; None is all of them."""


@frozen(kw_only=True)
class SweepResult:
    """How a sweep has ended: clear where nothing is wrong and nothing remains."""

    remaining: tuple[Order, ...] = ()
    problem: str | None = None
    evidence: Evidence | None = None


@define
class Sweep:
    """One sweep under way."""

    backend: SweepBackend[Outcome]
    held: bool
    policy: RetryPolicy
    remaining: Callable[[], float]
    random: Callable[[], float]
    selection: Selection = EVERYTHING
    outcomes: dict[int, Outcome] = field(factory=dict[int, Outcome])
    listings: int = 0
    _tries: Counter[int] = field(factory=Counter[int])
    _open: dict[int, Order] = field(factory=dict[int, Order])
    """What was open when it was last seen, and is not known to be gone."""
    _settled: set[int] = field(factory=set[int])
    """Orders that are done for today and can't be cancelled."""

    async def run(self) -> SweepResult:
        """Until the account is clear, or nothing more can be done. Raises AuthenticationError before any cancel."""
        rounds = 0
        while True:
            found = await self._found()
            if found.failed is not None and not self.outcomes:
                raise found.failed
            if found.problem is not None and not found.moved:
                return self._ended(found.problem, found.evidence)
            if found.problem is None and not self._unsettled(found):
                return SweepResult()
            ended = await self._cancel(found) if self._unsettled(found) else None
            rounds += 1
            wait = max(self.policy.backoff(rounds, self.random()), SHORTEST_WAIT)
            if ended is not None or wait >= self.remaining():
                return self._ended(ended or "the time is over")
            await self.backend.sleep(wait)

    def _ended(self, problem: str, evidence: Evidence | None = None) -> SweepResult:
        return SweepResult(remaining=(*self._open.values(),), problem=problem, evidence=evidence)

    async def _found(self) -> Listing:
        found = await self._listed(OPEN_FILTER)
        if self.held and found.problem is None and not self._unsettled(found):
            found = await self._listed(None)
        return found

    def _unsettled(self, found: Listing) -> tuple[Order, ...]:
        return tuple(order for order in found.wanted if order.order_id not in self._settled)

    async def _listed(self, status_filter: str | None) -> Listing:
        found = self.selection.of(await list_orders(self.backend, status_filter))
        self.listings += 1
        shown = {each.order_id for order in found.orders for each in with_legs(order)}
        for order in (*self._open.values(),):
            is_looked_for = status_filter is None or order.status in NUMBERS
            if order.order_id in shown or (found.problem is None and is_looked_for):
                del self._open[order.order_id]
        self._open.update((order.order_id, order) for order in self._unsettled(found))
        return found

    def _may_be_tried(self, order: Order) -> bool:
        most = 1 if _is_done_for_today(order) else self.policy.attempts
        return order.state is not State.PENDING and self._tries[order.order_id] < most

    async def _cancel(self, found: Listing) -> str | None:
        """Cancel what is found; why nothing more can be done, or None."""
        left, waiting = self._unsettled(found), found.waiting_legs
        targets = tuple(order for order in left if order.order_id not in waiting and self._may_be_tried(order))
        if not targets:
            is_waiting = any(order.state is State.PENDING for order in left)
            return None if is_waiting else "what remains can't be cancelled"
        unknown = {n: outcome for n, outcome in self.outcomes.items() if isinstance(outcome, OutcomeUnknown)}
        came = await self.backend.cancel_these(targets, unknown)
        self.outcomes.update(came)
        done_for_today = {order.order_id for order in targets if _is_done_for_today(order)}
        for order_id, outcome in came.items():
            is_final = isinstance(outcome, Refused | ConfigurationError)
            self._tries[order_id] += self.policy.attempts if is_final else 1
            if isinstance(outcome, OrderConflict) and order_id in done_for_today:
                self._settled.add(order_id)
            if _is_gone(outcome) or order_id in self._settled:
                del self._open[order_id]
        failed = [failure for outcome in came.values() if (failure := failed_log_in(outcome)) is not None]
        return str(failed[0]) if failed else None


def _is_done_for_today(order: Order) -> bool:
    return order.status in FOR_TODAY and order.state is State.UNKNOWN


def _is_gone(outcome: Outcome) -> bool:
    if isinstance(outcome, OrderConflict):
        return outcome.order is not None and outcome.order.state not in OPEN
    return isinstance(outcome, Cancelled)
