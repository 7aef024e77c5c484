"""Everything that is open in an account, listed and cancelled until nothing is: a generator of steps. No I/O, no sleep.

1. What is open is listed by status; what is found is cancelled, and then it is listed again. So orders that appear
   meanwhile are found, and those that moved to another page while one paged.
2. The account is clear only when a listing that was read to its end shows nothing open. Orders that are held can't be
   asked for by status, so the last look goes through all orders of the account, unless that is switched off.
3. An order whose status is not documented counts as open. One that is pending is waited for.
4. An order that refuses to go is tried as often as the policy allows, and one that is refused once. What can't be
   cancelled, and what is open when the time is over, is named.
5. What a listing has shown open is named until another one could have shown it and did not, or its own outcome says
   that it is gone; so a listing that breaks off, and a failed log-in, leave nothing out.
"""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final

from attrs import define, field, frozen

from autoshares_cancel._cancel.flow import SHORTEST_WAIT
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._cancel.steps import CancelThese, ListPage, Sleep
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.order import NUMBERS, OPEN_FILTER, Order, OrderPage, State
from autoshares_cancel.errors import (
    AuthenticationError,
    ConfigurationError,
    OrderConflict,
    OutcomeUnknown,
    Refused,
)

MOST_PAGES: Final = 10_000
OPEN: Final = {State.WORKING, State.PENDING, State.UNKNOWN}

Step = ListPage | CancelThese | Sleep


@frozen(kw_only=True)
class Listing:
    """All pages of a listing, as far as they could be read."""

    orders: tuple[Order, ...]
    evidence: Evidence | None = None
    """Of the page that could not be read."""
    problem: str | None = None
    """Why it is not whole."""
    failed: AuthenticationError | None = None
    """The log-in that has failed."""
    moved: bool = False
    """Whether it is not whole because orders came and went while one paged; then another one may be."""

    @property
    def open(self) -> tuple[Order, ...]:
        """What may still be executed."""
        return tuple(order for order in self.orders if order.state in OPEN)


@frozen(kw_only=True)
class AllCancelled:
    """Nothing of an account is open: the last listing has shown so."""

    account_id: int
    outcomes: Mapping[int, Outcome]
    """The last outcome of each order that was found open, by its number. Some may have been filled first."""
    listings: int
    """How often the orders were listed."""


@frozen(kw_only=True)
class Swept:
    """How a sweep has ended: clear where nothing is wrong and nothing remains."""

    remaining: tuple[Order, ...] = ()
    problem: str | None = None
    evidence: Evidence | None = None


def listing(status_filter: str | None) -> Generator[ListPage, Any, Listing]:
    """All pages, one after the other."""
    seen, total = dict[int, Order](), None
    for number in range(MOST_PAGES):
        page: OrderPage | None
        try:
            evidence, page = yield ListPage(number, status_filter)
        except AuthenticationError as error:
            return Listing(orders=(*seen.values(),), problem=str(error), failed=error)
        if page is None:
            return Listing(orders=(*seen.values(),), evidence=evidence, problem="the orders can't be listed")
        known, total = len(seen), page.total if number == 0 else total
        seen.update((order.order_id, order) for order in page.orders)
        if _is_last(page, len(seen)):
            if page.total is None or len(seen) >= page.total:
                return Listing(orders=(*seen.values(),))
            problem = f"the server counts {page.total} orders and shows {len(seen)}"
            # Orders leave a listing by status while one pages; one of all orders grows, and counts others then.
            moved = number > 0 and (status_filter is not None or page.total != total)
            return Listing(orders=(*seen.values(),), problem=problem, moved=moved)
        if len(seen) == known:
            return Listing(orders=(*seen.values(),), problem="a page of the listing brought nothing new")
    return Listing(orders=(*seen.values(),), problem="the listing has no end")


def settled(status_filter: str | None, most: int) -> Generator[ListPage, Any, Listing]:
    """A listing, and again, so many times at most, while orders come and go."""
    found = yield from listing(status_filter)
    for _ in range(most - 1):
        if not found.moved:
            break
        found = yield from listing(status_filter)
    return found


def _is_last(page: OrderPage, seen: int) -> bool:
    if not page.orders or page.next_link == "":
        return True
    return page.next_link is None and page.total is not None and seen >= page.total


@define
class Sweep:
    """One sweep under way."""

    held: bool
    options: Mapping[str, Any]
    """Of every batch."""
    policy: RetryPolicy
    remaining: Callable[[], float]
    random: Callable[[], float]
    outcomes: dict[int, Outcome] = field(factory=dict[int, Outcome])
    listings: int = 0
    _tries: Counter[int] = field(factory=Counter[int])
    _open: dict[int, Order] = field(factory=dict[int, Order])
    """What was open when it was last seen, and is not known to be gone."""

    def run(self) -> Generator[Step, Any, Swept]:
        """Until the account is clear, or nothing more can be done. Raises AuthenticationError before any cancel."""
        rounds = 0
        while True:
            found = yield from self._found()
            if found.failed is not None and not self.outcomes:
                raise found.failed
            if found.problem is not None and not found.moved:
                return self._ended(found.problem, found.evidence)
            if found.problem is None and not found.open:
                return Swept()
            ended = (yield from self._cancel(found.open)) if found.open else None
            rounds += 1
            wait = max(self.policy.backoff(rounds, self.random()), SHORTEST_WAIT)
            if ended is not None or wait >= self.remaining():
                return self._ended(ended or "the time is over")
            yield Sleep(wait)

    def _ended(self, problem: str, evidence: Evidence | None = None) -> Swept:
        return Swept(remaining=(*self._open.values(),), problem=problem, evidence=evidence)

    def _found(self) -> Generator[Step, Any, Listing]:
        found = yield from self._listed(OPEN_FILTER)
        if self.held and found.problem is None and not found.open:
            found = yield from self._listed(None)
        return found

    def _listed(self, status_filter: str | None) -> Generator[Step, Any, Listing]:
        found = yield from listing(status_filter)
        self.listings += 1
        shown = {order.order_id for order in found.orders}
        for order in (*self._open.values(),):
            is_looked_for = status_filter is None or order.status in NUMBERS
            if order.order_id in shown or (found.problem is None and is_looked_for):
                del self._open[order.order_id]
        self._open.update((order.order_id, order) for order in found.open)
        return found

    def _cancel(self, found: tuple[Order, ...]) -> Generator[Step, Any, str | None]:
        """Cancel what is found; why nothing more can be done, or None."""
        targets = tuple(
            order
            for order in found
            if order.state is not State.PENDING and self._tries[order.order_id] < self.policy.attempts
        )
        if not targets:
            is_waiting = any(order.state is State.PENDING for order in found)
            return None if is_waiting else "what remains can't be cancelled"
        unknown = frozenset(n for n, outcome in self.outcomes.items() if isinstance(outcome, OutcomeUnknown))
        came: Mapping[int, Outcome] = yield CancelThese(targets, unknown, self.options)
        self.outcomes.update(came)
        for order_id, outcome in came.items():
            is_final = isinstance(outcome, Refused | ConfigurationError)
            self._tries[order_id] += self.policy.attempts if is_final else 1
            if _is_gone(outcome):
                del self._open[order_id]
        failed = [outcome for outcome in came.values() if isinstance(outcome, AuthenticationError)]
        return str(failed[0]) if failed else None


def _is_gone(outcome: Outcome) -> bool:
    if isinstance(outcome, OrderConflict):
        return outcome.order is not None and outcome.order.state not in OPEN
    return isinstance(outcome, Cancelled)
