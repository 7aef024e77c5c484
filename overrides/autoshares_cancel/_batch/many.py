"""What Client and AsyncClient do with many orders: thin shells around state."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from autoshares_cancel._engine.drivers import AsyncDriver, SyncDriver
from autoshares_cancel._engine.engine import Core
from autoshares_cancel.errors import ConfigurationError

if TYPE_CHECKING:  # what is only loaded when it is used: see _options
    from collections.abc import AsyncIterable, Callable, Iterable

    from autoshares_cancel._batch.options import BatchOptions, OnProgress
    from autoshares_cancel._batch.state import BatchItem, BatchState, O
    from autoshares_cancel._batch.tasks import AsyncBatch
    from autoshares_cancel._batch.threads import Batch
    from autoshares_cancel._engine.call import Call


class Many(Core):
    """What both clients need for a batch."""

    def _options(self, **options: Any) -> BatchOptions:
        # Who cancels one order should not wait until everything for many is loaded.
        from autoshares_cancel._batch.options import BatchOptions  # noqa: PLC0415  # as said

        return BatchOptions(**options)

    def _state(self, options: BatchOptions) -> BatchState:
        from autoshares_cancel._batch.state import BatchState  # noqa: PLC0415  # as in _options

        self._must_be_open()
        return BatchState(options, self._settings.clock, self._cache.rounds)

    def _call_of(self, state: BatchState, item: BatchItem[Any]) -> Call | None:
        """The call of an order of a batch; None where the order has its outcome without one."""
        if item.outcome is not None:
            return None
        options = state.options
        seconds = state.shortened(self._settings.deadline if options.deadline is None else options.deadline)
        try:
            in_doubt = state.is_in_doubt(item)
            call = self._begin(*item.ids(), seconds, venue=options.venue, in_doubt=in_doubt)
        except ConfigurationError as error:
            item.outcome = error
            return None
        call.batch = state
        return call


class SyncMany(Many, SyncDriver):
    """Of Client."""

    def cancel_orders(
        self,
        orders: Iterable[O],
        *,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        deadline: float | None = None,
        batch_deadline: float | None = None,
        in_doubt: Callable[[O], bool] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Batch[O]:
        """Cancel many orders, and yield (order, outcome) as they finish. Nothing is raised for an order.

        Orders are pairs of account_id and order_id, as tuples or subclasses of them, and come out as they came in. They
        are taken in lazily, not more at a time than may be under way, and each comes out exactly once: what can't be
        tried any more is NotSent. A failed log-in stops the batch: what still comes is NotSent. The slot of an order is
        free again when the caller comes back after its outcome.

        Args:
            orders: Any iterable of pairs.
            concurrency: Orders under way at a time, from 1 to 256.
            rate: Requests about orders a second at most, cancels and reads together; needs the extra `rate`. With or
                without it a Retry-After slows all orders down.
            confirm: As cancel_order has it, for each order.
            venue: As cancel_order has it, for each order.
            deadline: Seconds for each order, from the beginning of its turn; the client's own where None.
            batch_deadline: Seconds for the whole batch, from now on. What has had no turn by then is NotSent.
            in_doubt: Says of an order whether an earlier cancel of it may have been acted upon, as cancel_order has it.
            on_progress: Called with a Progress before each outcome. What it raises is logged, and changes nothing.

        Raises ConfigurationError for arguments that make no sense. Does no I/O before the first outcome is asked for.
        """
        options = self._options(
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            venue=venue,
            deadline=deadline,
            batch_deadline=batch_deadline,
            in_doubt=in_doubt,
            on_progress=on_progress,
        )
        from autoshares_cancel._batch.threads import Batch  # noqa: PLC0415  # as in _options

        state = self._state(options)
        return Batch(orders, state, partial(self._take_turn, state))

    def _take_turn(self, state: BatchState, item: BatchItem[Any]) -> None:
        """One order of a batch: its outcome is the turn's, also where this is interrupted."""
        call = None
        try:
            while (wait := state.before(item)) > 0:
                (self._settings.sleep or time.sleep)(wait)
            call = self._call_of(state, item)
            if call is not None:
                self._cancel(call, confirm=state.options.confirm)
        finally:
            if call is not None:
                item.outcome = call.outcome


class AsyncMany(Many, AsyncDriver):
    """Of AsyncClient."""

    def cancel_orders(
        self,
        orders: Iterable[O] | AsyncIterable[O],
        *,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        deadline: float | None = None,
        batch_deadline: float | None = None,
        in_doubt: Callable[[O], bool] | None = None,
        on_progress: OnProgress | None = None,
    ) -> AsyncBatch[O]:
        """Cancel many orders: see Client.cancel_orders. Orders may also come from an asynchronous iterable."""
        options = self._options(
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            venue=venue,
            deadline=deadline,
            batch_deadline=batch_deadline,
            in_doubt=in_doubt,
            on_progress=on_progress,
        )
        from autoshares_cancel._batch.tasks import AsyncBatch  # noqa: PLC0415  # as in _options

        state = self._state(options)
        return AsyncBatch(orders, state, partial(self._take_turn, state))

    async def _take_turn(self, state: BatchState, item: BatchItem[Any]) -> None:
        """One order of a batch: its outcome is the turn's, also where this is interrupted."""
        call = None
        try:
            self._stay_in_one_loop()
            while (wait := state.before(item)) > 0:
                await (self._settings.sleep or self._loops.sleep)(wait)
            call = self._call_of(state, item)
            if call is not None:
                await self._cancel(call, confirm=state.options.confirm)
        except ConfigurationError as error:
            item.outcome = error
        finally:
            if call is not None:
                item.outcome = call.outcome
