"""Run a sweep over a scripted backend of listings and outcomes, without I/O and in virtual time."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import define, field, frozen

from autoshares_cancel import (
    AppKeyRejected,
    AuthenticationError,
    Cancelled,
    ConfigurationError,
    InvalidRequest,
    NoReply,
    Order,
    OrderConflict,
    Outcome,
    OutcomeUnknown,
    RetryPolicy,
    TokenUnavailable,
)
from autoshares_cancel._batch.sweep import Sweep, SweepResult
from autoshares_cancel._engine.run import run
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.order import OrderPage

WHOLE, BROKEN = Reply(status_code=200), Reply(status_code=500)
NO_TOKEN = TokenUnavailable(detail="closed")
POLICY = RetryPolicy(attempts=2, base=1.0, cap=1.0)
MOST_STEPS = 10_000
IDS: dict[str, Any] = {"account_id": 6303}


def order(order_id: int, status: str | None = "New") -> Order:
    return Order(account_id=6303, order_id=order_id, status=status)


FILLED = order(1, "Filled")
Shown = tuple[Order, ...] | OrderPage | Evidence | AuthenticationError
"""The reply to a listing: orders of one page, a whole page, or an error."""


def gone(order_id: int) -> Cancelled:
    return Cancelled(**IDS, order_id=order_id, status_code=204)


CONFLICT = OrderConflict(**IDS, order_id=1)
UNKNOWN = NoReply(**IDS, order_id=1)
FINAL = {
    "refused": AppKeyRejected(**IDS, order_id=1, status_code=403),
    "makes no sense": InvalidRequest(**IDS, order_id=1, status_code=422),
    "can't be sent": ConfigurationError("order_id must be an int32"),
}


@frozen
class ListRequest:
    """A requested page."""

    number: int
    status_filter: str | None


@frozen
class Cancels:
    """Orders that the sweep cancels as one batch."""

    orders: tuple[Order, ...]
    in_doubt: frozenset[int]


def answered(shown: Shown) -> tuple[Evidence, OrderPage | None]:
    """The evidence and the page of a reply; an error is raised."""
    if isinstance(shown, AuthenticationError):
        raise shown
    if isinstance(shown, tuple):
        shown = OrderPage(orders=shown, next_link="", total=len(shown))
    return (WHOLE, shown) if isinstance(shown, OrderPage) else (shown, None)


@define
class Exchange:
    """The scripted backend of a sweep; the last listing is repeated."""

    shows: list[Shown]
    outcome: Callable[[int], Outcome] = gone
    now: float = 0.0
    asked: list[ListRequest] = field(factory=list[ListRequest])
    cancels: list[Cancels] = field(factory=list[Cancels])
    sleeps: list[float] = field(factory=list[float])

    def sweep(self, *, deadline: float = 60.0, held: bool = True, **options: Any) -> tuple[SweepResult, Sweep]:
        options = {"policy": POLICY, "random": lambda: 0.5, **options}
        sweep = Sweep(backend=self, held=held, remaining=lambda: deadline - self.now, **options)
        return run(sweep.run()), sweep

    async def page(self, number: int, status_filter: str | None) -> tuple[Evidence, OrderPage | None]:
        assert len(self.asked) < MOST_STEPS, "the sweep does not end"
        self.asked.append(ListRequest(number, status_filter))
        return answered(self.shows.pop(0) if len(self.shows) > 1 else self.shows[0])

    async def cancel_these(
        self, orders: tuple[Order, ...], in_doubt: Mapping[int, OutcomeUnknown]
    ) -> Mapping[int, Outcome]:
        self.cancels.append(Cancels(orders, frozenset(in_doubt)))
        return {each.order_id: self.outcome(each.order_id) for each in orders}

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    @property
    def filters(self) -> list[str | None]:
        return [page.status_filter for page in self.asked]

    @property
    def cancelled(self) -> list[list[int]]:
        return [[each.order_id for each in step.orders] for step in self.cancels]


def numbers(orders: Iterable[Order]) -> list[int]:
    return [each.order_id for each in orders]


def answering(*outcomes: Outcome) -> Callable[[int], Outcome]:
    """Give one outcome after the other; the last one is repeated."""
    left = [*outcomes]
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
