"""What Client and AsyncClient do with many orders: thin shells around _bulk."""

from collections.abc import AsyncIterable, Callable, Iterable
from functools import partial

from autoshares_cancel._async_batch import AsyncBatch
from autoshares_cancel._batch import Batch
from autoshares_cancel._bulk import BatchOptions, O, OnProgress
from autoshares_cancel._drivers import AsyncDriver, SyncDriver


class SyncMany(SyncDriver):
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
        options = BatchOptions(
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            venue=venue,
            deadline=deadline,
            batch_deadline=batch_deadline,
            in_doubt=in_doubt,
            on_progress=on_progress,
        )
        course = self._course(options)
        return Batch(orders, course, partial(self._take_turn, course))


class AsyncMany(AsyncDriver):
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
        options = BatchOptions(
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            venue=venue,
            deadline=deadline,
            batch_deadline=batch_deadline,
            in_doubt=in_doubt,
            on_progress=on_progress,
        )
        course = self._course(options)
        return AsyncBatch(orders, course, partial(self._take_turn, course))
