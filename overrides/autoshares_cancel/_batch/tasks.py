"""AsyncBatch cancels many orders from asyncio or trio, with tasks. The rules are those of state.

Each order has a task of its own. One at a time needs none: it runs in the task that waits for its outcome.
"""

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import Final, Generic, Self, cast

from attrs import define

from autoshares_cancel._batch.item import BatchItem
from autoshares_cancel._batch.state import CLOSED, STOPPED, BatchState
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._values.order import O

OUTCOMES_WITHOUT_WAITING: Final = 64
"""Outcomes after which other tasks may run, and a cancellation is noticed, even if no order had to wait."""


class AsyncBatch(Generic[O]):
    """The result of AsyncClient.cancel_orders: an asynchronous iterator of (order, outcome).

    After a break or an exception, iterate further or call `aclose`, which returns all outcomes that were not yielded.
    If a task is cancelled while it waits for an outcome, the cancels under way are interrupted. `aclose` returns their
    outcomes, too, even in the same task.
    """

    def __init__(
        self,
        orders: Iterable[O] | AsyncIterable[O],
        state: BatchState,
        cancel: Callable[[BatchItem[O]], Awaitable[None]],
    ) -> None:
        from autoshares_cancel._engine import event_loops  # noqa: PLC0415  # imports anyio, on first use

        self._loops = event_loops
        self._source: Iterator[O] | AsyncIterator[O]
        self._source = aiter(orders) if isinstance(orders, AsyncIterable) else iter(orders)
        self._state, self._cancel = state, cancel
        self._is_asynchronous = isinstance(orders, AsyncIterable)
        self._is_exhausted = self._is_taking = False
        self._granted = 0
        """How many more orders the task that takes them from an asynchronous iterable may take."""
        self._problem: BaseException | None = None
        """The exception that the caller's asynchronous iterable raised."""
        self._yielded = 0
        self._next: _Task[O] | None = None
        """The order that the waiting task has to run itself."""
        self._under_way = set[_Task[O]]()
        self._done = deque[BatchItem[O]]()
        self._changed = self._loops.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[O, Outcome]:
        self._state.check_process()
        self._yielded += 1
        try:
            if self._yielded % OUTCOMES_WITHOUT_WAITING == 0:
                await self._loops.checkpoint()
            while True:
                self._take_in()
                if self._next is not None:
                    task, self._next = self._next, None
                    await self._work(task)
                if self._done:
                    break
                if not self._under_way:
                    raise StopAsyncIteration
                await self._wait_for_change()
        except self._loops.cancelled():
            await self._interrupt()
            raise
        self._granted = min(self._granted, 1)  # the caller does not wait any more
        item = self._done.popleft()
        self._state.report_progress(len(self._under_way) - self._is_taking)
        return item.order, cast(Outcome, item.outcome)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._state.is_here:
            await self._finish()

    def stop(self) -> None:
        """Take no more orders, and do not wait. Iterate further for the outcomes of those under way.

        An order that has not begun is NotSent.
        """
        self._stop(STOPPED)
        self._changed.set()

    async def aclose(self) -> list[tuple[O, Outcome]]:
        """Take no more orders, wait for those under way, and return all outcomes that were not yielded.

        Waits until the last order has an outcome, at most for its deadline. An order that has not begun is NotSent. If
        the task is cancelled here, the cancels under way are interrupted. In a cancelled scope of anyio or trio this
        still returns the outcomes; asyncio's own cancellation is raised, and a second call returns them. With
        concurrency=1, an order for whose outcome another task waits is not interrupted, and that task gets it.
        """
        self._state.check_process()
        try:
            await self._finish()
        except self._loops.cancelled():
            if not self._loops.is_in_cancelled_scope():
                raise  # a cancellation of asyncio is delivered only once
        rest = [(item.order, cast(Outcome, item.outcome)) for item in self._done]
        self._done.clear()
        return rest

    def _take_in(self) -> None:
        """Begin as many orders as there are free slots. Raises what the caller's iterable raises."""
        if self._problem is not None:
            problem, self._problem = self._problem, None
            raise problem
        if self._is_asynchronous:
            self._granted = self._free_slots
            if self._granted > 0 and not self._is_exhausted and not self._is_taking:
                self._is_taking = True
                self._begin(_Task())
        else:
            for _ in range(self._free_slots):
                if not self._is_exhausted:
                    self._take(cast(Iterator[O], self._source))

    @property
    def _free_slots(self) -> int:
        return self._state.options.concurrency - len(self._under_way) + self._is_taking - len(self._done)

    def _take(self, source: Iterator[O]) -> None:
        try:
            order = next(source)
        except StopIteration:
            self._is_exhausted = True
        except BaseException:
            self._is_exhausted = True  # after an exception an iterator yields nothing more
            raise
        else:
            self._begin(_Task(BatchItem(order)))

    def _begin(self, task: "_Task[O]") -> None:
        self._under_way.add(task)
        if self._state.options.concurrency == 1 and not self._is_asynchronous:
            self._next = task
        else:
            task.interrupt = self._loops.spawn(partial(self._work, task), self._loops.running_loop())

    async def _work(self, task: "_Task[O]") -> None:
        if task not in self._under_way:
            return  # interrupted before it began; trio begins it all the same
        task.has_begun = True
        try:
            if task.item is None:
                await self._take_granted(cast(AsyncIterator[O], self._source))
            else:
                await self._cancel(task.item)
        except Exception:  # noqa: BLE001, S110  # a bug of this package, which the outcome reports
            pass
        finally:
            self._end(task)

    async def _take_granted(self, source: AsyncIterator[O]) -> None:
        try:
            while self._granted > 0 and not self._is_exhausted:
                item = BatchItem(await anext(source))
                self._granted -= 1
                self._begin(_Task(item))
        except StopAsyncIteration:
            self._is_exhausted = True
        except Exception as problem:  # noqa: BLE001  # raised to the caller later
            self._is_exhausted, self._problem = True, problem
        finally:
            self._is_taking = False

    def _end(self, task: "_Task[O]") -> None:
        self._under_way.discard(task)
        if task.item is not None:
            self._state.record(task.item)
            self._done.append(task.item)
        self._changed.set()

    async def _wait_for_change(self) -> None:
        if self._changed.is_set():  # an event that is not set may have a waiter
            self._changed = self._loops.Event()
        await self._changed.wait()

    def _stop(self, why: str) -> None:
        self._is_exhausted = True
        self._state.stopped = self._state.stopped or why

    async def _finish(self) -> None:
        self._stop(CLOSED)
        try:
            while self._under_way:
                await self._wait_for_change()
        except self._loops.cancelled():
            await self._interrupt()
            raise

    async def _interrupt(self) -> None:
        self._stop("interrupted before its turn")
        for task in (*self._under_way,):
            if task.interrupt is not None:
                task.interrupt()
                if not task.has_begun:  # it never will
                    self._end(task)
        with self._loops.CancelScope(shield=True):
            while any(task.interrupt is not None for task in self._under_way):
                await self._wait_for_change()


@define(eq=False)
class _Task(Generic[O]):
    """A task that cancels one order; without an item, it takes orders from an asynchronous iterable."""

    item: BatchItem[O] | None = None
    has_begun: bool = False
    interrupt: Callable[[], object] | None = None
    """None if the order runs in the task that waits for its outcome."""
