"""Lists or cancels all open orders of an account: the same for both clients, with batches of either kind."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from attrs import define, evolve, field

from autoshares_cancel._batch.listing import Listing, list_settled
from autoshares_cancel._batch.many import open_async_batch, open_batch, state_of
from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._batch.selection import Selection
from autoshares_cancel._batch.sweep import AllCancelled, Sweep, SweepResult
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._engine.call import AccountCall
from autoshares_cancel._engine.engine import Engine
from autoshares_cancel._validation import check_flag
from autoshares_cancel._values.evidence import Evidence, Reply, date_of
from autoshares_cancel._values.order import OPEN_FILTER, Order, OrderPage
from autoshares_cancel._values.order_filter import OrderFilter
from autoshares_cancel._values.text import status_and_detail
from autoshares_cancel.errors import OrdersRemain, OrdersUnreadable, OutcomeUnknown

SHORTEST: Final = 0.001
"""The shortest deadline of a batch, in seconds. It makes NotSent outcomes; a deadline of 0 is not allowed."""

Outcomes = Mapping[int, Outcome]
"""By order_id."""
CancelBatch = Callable[[Engine, list[tuple[int, int]], BatchOptions], Awaitable[Outcomes]]


async def cancel_in_threads(engine: Engine, orders: list[tuple[int, int]], options: BatchOptions) -> Outcomes:
    """Cancel orders of one account with a Batch."""
    with open_batch(engine, orders, options) as batch:
        return {order_id: outcome for (_, order_id), outcome in batch}


async def cancel_in_tasks(engine: Engine, orders: list[tuple[int, int]], options: BatchOptions) -> Outcomes:
    """Cancel orders of one account with an AsyncBatch."""
    async with open_async_batch(engine, orders, options) as batch:
        return {order_id: outcome async for (_, order_id), outcome in batch}


async def cancel_all(
    engine: Engine,
    account_id: object,
    deadline: object,
    *,
    held: object,
    wanted: OrderFilter | None = None,
    options: BatchOptions,
    cancel_batch: CancelBatch,
) -> AllCancelled:
    """Cancel all open orders. Raises OrdersRemain, AuthenticationError and, before any request, ConfigurationError."""
    call = engine.begin_account(account_id, deadline, options.reference)
    state_of(engine, options)  # raises ConfigurationError before anything is listed
    backend = AccountCancels(engine, call, options, cancel_batch)
    sweep = Sweep(
        backend=backend,
        selection=Selection(wanted, backend.now),
        held=check_flag("held", held),
        policy=engine.settings.retry,
        remaining=call.deadline.remaining,
        random=engine.settings.random,
    )
    with engine.traced(call, "cancel_all", account_id=call.account_id):
        return _all_cancelled(call, sweep, await sweep.run())


cancel_all_in_threads = partial(cancel_all, cancel_batch=cancel_in_threads)
cancel_all_in_tasks = partial(cancel_all, cancel_batch=cancel_in_tasks)


async def open_orders(
    engine: Engine,
    account_id: object,
    deadline: object,
    *,
    held: object,
    wanted: OrderFilter | None,
    reference: object = None,
) -> tuple[Order, ...]:
    """List the open orders. Raises OrdersUnreadable, AuthenticationError or ConfigurationError."""
    call = engine.begin_account(account_id, deadline, reference)
    status_filter = None if check_flag("held", held) else OPEN_FILTER
    pages = AccountPages(engine, call)
    with engine.traced(call, "open_orders", account_id=call.account_id):
        found = await list_settled(pages, status_filter, engine.settings.retry.attempts)
        return _listed(call, Selection(wanted, pages.now).of(found))


@define(eq=False)
class AccountPages:
    """The backend of a listing of one account."""

    engine: Engine
    call: AccountCall
    _last: Evidence | None = field(default=None, init=False)

    async def page(self, number: int, status_filter: str | None) -> tuple[Evidence, OrderPage | None]:
        """Read one page. Returns its evidence, and None instead of an unreadable page."""
        self._last, page = await self.engine.read_page(self.call, number, status_filter)
        return self._last, page

    def now(self) -> datetime:
        """The time of the last page by the server's clock; where it does not say, by this machine's."""
        date = date_of(self._last) if isinstance(self._last, Reply) else None
        return date or datetime.now(UTC)


@define(eq=False)
class AccountCancels(AccountPages):
    """The backend of a sweep of one account."""

    options: BatchOptions
    """The options of every batch of the sweep."""
    cancel_batch: CancelBatch

    async def cancel_these(self, orders: tuple[Order, ...], in_doubt: Mapping[int, OutcomeUnknown]) -> Outcomes:
        """Cancel these orders as a batch, in the remaining time. Those in doubt are read first."""

        def earlier(order: tuple[int, int]) -> bool | OutcomeUnknown:
            return in_doubt.get(order[1], False)

        seconds = max(self.call.deadline.remaining(), SHORTEST)
        options = evolve(self.options, batch_deadline=seconds, in_doubt=earlier)
        return await self.cancel_batch(self.engine, [(self.call.account_id, each.order_id) for each in orders], options)

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await self.engine.backend.sleep(seconds)


def _all_cancelled(call: AccountCall, sweep: Sweep, result: SweepResult) -> AllCancelled:
    if result.problem is None:
        return AllCancelled(
            account_id=call.account_id,
            outcomes=sweep.outcomes,
            listings=sweep.listings,
            filter=sweep.selection.filter,
        )
    status_code, detail = (None, None) if result.evidence is None else status_and_detail(result.evidence, call.secrets)
    parts = (result.problem, None if status_code is None else f"status {status_code}", detail)
    raise OrdersRemain(
        account_id=call.account_id,
        detail=": ".join(filter(None, parts)),
        remaining=result.remaining,
        outcomes=sweep.outcomes,
        listings=sweep.listings,
        filter=sweep.selection.filter,
        status_code=status_code,
    )


def _listed(call: AccountCall, found: Listing) -> tuple[Order, ...]:
    if found.problem is None:
        return found.wanted
    if found.failed is not None:
        raise found.failed
    status_code, detail = (None, None) if found.evidence is None else status_and_detail(found.evidence, call.secrets)
    raise OrdersUnreadable(account_id=call.account_id, status_code=status_code, detail=detail or found.problem)
