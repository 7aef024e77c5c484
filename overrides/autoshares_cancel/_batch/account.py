"""What Client and AsyncClient do with everything that is open in an account: thin shells around sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from autoshares_cancel._batch.many import AsyncMany, Many, SyncMany
from autoshares_cancel._cancel.replies import page_of
from autoshares_cancel._cancel.steps import CancelThese, ListPage
from autoshares_cancel._validation import check_flag
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.order import OPEN_FILTER, Order, OrderPage
from autoshares_cancel._values.text import said_by
from autoshares_cancel.errors import OrdersRemain, OrdersUnreadable

if TYPE_CHECKING:  # what is only loaded when it is used, as in _many
    from collections.abc import Generator

    from autoshares_cancel._batch.options import OnProgress
    from autoshares_cancel._batch.sweep import AllCancelled, Listing, Sweep, Swept
    from autoshares_cancel._engine.call import Call
    from autoshares_cancel._values.evidence import Evidence


SHORTEST: Final = 0.001
"""Seconds that a batch gets at least, so that it may say that it had no time."""


class _Sweeps(Many):
    """What both clients need to list orders, and to cancel what is listed."""

    def _sweep(self, call: Call, held: object, **options: Any) -> Sweep:
        from autoshares_cancel._batch.sweep import Sweep  # noqa: PLC0415  # as in _many

        settings = self._settings
        self._state(self._options(**options))  # so that what can't be is refused before anything is listed
        return Sweep(
            held=check_flag("held", held),
            options=options,
            policy=settings.retry,
            remaining=call.deadline.remaining,
            random=settings.random,
        )

    def _listing(self, held: object) -> Generator[ListPage, Any, Listing]:
        from autoshares_cancel._batch.sweep import settled  # noqa: PLC0415  # as in _many

        return settled(None if check_flag("held", held) else OPEN_FILTER, self._settings.retry.attempts)

    def _page_call(self, call: Call, page: ListPage) -> Call:
        deadline = Deadline.after(call.deadline.shortened(self._settings.deadline), self._settings.clock)
        return evolve(call, page=page, deadline=deadline)

    def _page_steps(self, call: Call, whole: Call) -> Generator[Any, Any, tuple[Evidence, OrderPage | None]]:
        def read(evidence: Evidence) -> OrderPage | None:
            whole.secrets = call.secrets  # the token is among them, and what can't be read is told at the end
            return page_of(evidence, account_id=call.account_id, secrets=call.secrets)

        return self._cancellation(call).read_page(read)

    def _orders_of(self, call: Call, step: CancelThese) -> list[tuple[int, int]]:
        return [(call.account_id, order.order_id) for order in step.orders]

    def _terms_of(self, call: Call, step: CancelThese) -> dict[str, Any]:
        def in_doubt(order: tuple[int, int]) -> bool:
            return order[1] in step.in_doubt

        seconds = max(call.deadline.remaining(), SHORTEST)
        return {**step.options, "batch_deadline": seconds, "in_doubt": in_doubt}

    def _swept(self, call: Call, sweep: Sweep, swept: Swept) -> AllCancelled:
        found: dict[str, Any] = {"outcomes": sweep.outcomes, "listings": sweep.listings}
        if swept.problem is None:
            from autoshares_cancel._batch.sweep import AllCancelled  # noqa: PLC0415  # as in _many

            return AllCancelled(account_id=call.account_id, **found)
        status_code, said = (None, None) if swept.evidence is None else said_by(swept.evidence, call.secrets)
        words = (swept.problem, None if status_code is None else f"status {status_code}", said)
        detail = ": ".join(filter(None, words))
        raise OrdersRemain(account_id=call.account_id, detail=detail, remaining=swept.remaining, **found)

    def _listed(self, call: Call, found: Listing) -> tuple[Order, ...]:
        if found.problem is None:
            return found.open
        if found.failed is not None:
            raise found.failed
        status_code, said = (None, None) if found.evidence is None else said_by(found.evidence, call.secrets)
        raise OrdersUnreadable(account_id=call.account_id, status_code=status_code, detail=said or found.problem)


class SyncAll(_Sweeps, SyncMany):
    """Of Client."""

    def cancel_all(
        self,
        *,
        account_id: int,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        held: bool = True,
        deadline: float = 300.0,
        on_progress: OnProgress | None = None,
    ) -> AllCancelled:
        """List what is open in an account, cancel it, and list again, until a listing shows nothing open.

        Orders that appear meanwhile are caught. Safe to call again. Raises OrdersRemain, which names what remains, when
        that does not succeed before the deadline; AuthenticationError where no order was touched.

        Args:
            account_id: The trading account, an int32.
            concurrency: As cancel_orders has it; and so rate, confirm and venue.
            rate: Requests a second at most, but for the listings.
            confirm: Each cancel waits until its order is final.
            venue: Have the execution venue check each cancel, too.
            held: Look for orders that are held, too. The vendor's filter has no number for them, so all orders of the
                account are listed at the end.
            deadline: Seconds for everything.
            on_progress: As cancel_orders has it; it counts anew after each listing.
        """
        call = self._begin(account_id, 0, deadline)
        options = {"concurrency": concurrency, "rate": rate, "confirm": confirm, "venue": venue}
        sweep = self._sweep(call, held, **options, on_progress=on_progress)
        with self._traced(call, "cancel_all"):
            return self._swept(call, sweep, self._drive(sweep.run(), call))

    def open_orders(self, *, account_id: int, held: bool = True, deadline: float | None = None) -> tuple[Order, ...]:
        """List what is open in an account, as the server describes it now. Nothing is changed.

        Raises OrdersUnreadable where it can't be listed to the end. Arguments as cancel_all has them.
        """
        call = self._begin(account_id, 0, deadline)
        steps = self._listing(held)
        with self._traced(call, "open_orders"):
            return self._listed(call, self._drive(steps, call))

    def _perform(self, step: Any, call: Call) -> object:
        match step:
            case ListPage():
                page_call = self._page_call(call, step)
                return self._drive(self._page_steps(page_call, call), page_call)
            case CancelThese():
                with self.cancel_orders(self._orders_of(call, step), **self._terms_of(call, step)) as batch:
                    return {order[1]: outcome for order, outcome in batch}
            case _:
                return super()._perform(step, call)


class AsyncAll(_Sweeps, AsyncMany):
    """Of AsyncClient."""

    async def cancel_all(
        self,
        *,
        account_id: int,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        held: bool = True,
        deadline: float = 300.0,
        on_progress: OnProgress | None = None,
    ) -> AllCancelled:
        """Cancel everything that is open: see Client.cancel_all."""
        self._stay_in_one_loop()
        call = self._begin(account_id, 0, deadline)
        options = {"concurrency": concurrency, "rate": rate, "confirm": confirm, "venue": venue}
        sweep = self._sweep(call, held, **options, on_progress=on_progress)
        with self._traced(call, "cancel_all"):
            return self._swept(call, sweep, await self._drive(sweep.run(), call))

    async def open_orders(
        self, *, account_id: int, held: bool = True, deadline: float | None = None
    ) -> tuple[Order, ...]:
        """List what is open: see Client.open_orders."""
        self._stay_in_one_loop()
        call = self._begin(account_id, 0, deadline)
        steps = self._listing(held)
        with self._traced(call, "open_orders"):
            return self._listed(call, await self._drive(steps, call))

    async def _perform(self, step: Any, call: Call) -> object:
        match step:
            case ListPage():
                page_call = self._page_call(call, step)
                return await self._drive(self._page_steps(page_call, call), page_call)
            case CancelThese():
                async with self.cancel_orders(self._orders_of(call, step), **self._terms_of(call, step)) as batch:
                    return {order[1]: outcome async for order, outcome in batch}
            case _:
                return await super()._perform(step, call)
