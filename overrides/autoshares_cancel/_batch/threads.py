"""Batch cancels many orders from synchronous code, with threads. The rules are those of state.

Ctrl-C may interrupt the caller's thread between any two steps, and must not lose or repeat an order:

1. An order moves from the source to `_fetched` in one step in C, which Ctrl-C can't interrupt.
2. From there it may be submitted twice; its thread begins it only once.
3. The last returned item is stored in the step that returns it, and dropped at the next call.
4. Worker threads are never interrupted, and the caller's thread takes none of their locks.
"""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import copy_context
from itertools import chain, islice, repeat
from typing import Any, Final, Generic, Self, cast

from autoshares_cancel._batch.item import BatchItem
from autoshares_cancel._batch.state import CLOSED, STOPPED, BatchState
from autoshares_cancel._batch.workers import Workers
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._values.order import O

END: Final[Any] = object()
"""Marks the end of the caller's orders."""


class Batch(Generic[O]):
    """The result of Client.cancel_orders: an iterator of (order, outcome).

    It takes orders from the caller's iterable in the caller's thread. After a break, an exception or Ctrl-C, iterate
    further or call `close`, which returns all outcomes that were not yielded.
    """

    def __init__(self, orders: Iterable[O], state: BatchState, cancel: Callable[[BatchItem[O]], None]) -> None:
        self._source = chain(iter(orders), repeat(END))
        self._state = state
        self._fetched = deque[Any]()
        """Orders, and then items, that were not submitted yet. Only the caller's thread uses it."""
        self._is_exhausted = False
        self._shared = _Shared(state, cancel)
        self._returned: BatchItem[O] | None = None
        """The item that was returned last, if it is still the first of `done`."""
        self._workers = Workers(state.options.concurrency, self._shared.work)
        weakref.finalize(self, self._workers.end)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[O, Outcome]:
        self._state.check_process()
        self._drop_returned()
        self._take_in()
        self._shared.wait(for_all=False)
        if not self._shared.done:
            self._workers.end()
            raise StopIteration
        return self._return_next()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._state.is_here:
            self._finish()

    def stop(self) -> None:
        """Take no more orders, and do not wait. Iterate further for the outcomes of those under way.

        An order that has not begun is NotSent.
        """
        self._is_exhausted = True
        self._state.stopped = self._state.stopped or STOPPED

    def close(self) -> list[tuple[O, Outcome]]:
        """Take no more orders, wait for those under way, and return all outcomes that were not yielded.

        Blocks until the last order has an outcome, at most for its deadline. An order that has not begun is NotSent.
        """
        self._state.check_process()
        self._finish()
        rest = [(item.order, cast(Outcome, item.outcome)) for item in self._shared.done]
        nothing = deque[BatchItem[O]]()
        self._shared.done = nothing  # in one step with the return, as in _return_next
        return rest

    def _take_in(self) -> None:
        self._submit()
        while not self._is_exhausted and self._shared.size < self._state.options.concurrency:
            try:
                self._fetched.extend(islice(self._source, 1))
            except Exception:
                self._is_exhausted = True  # after an exception an iterator yields nothing more
                raise
            self._submit()

    def _submit(self) -> None:
        """Submit every fetched order to the workers."""
        while self._fetched:
            if self._fetched[0] is END:
                self._is_exhausted = True
            else:
                if not isinstance(self._fetched[0], BatchItem):
                    # The thread gets the context of the caller: the current span, and fields of its logs.
                    self._fetched[0] = BatchItem(self._fetched[0], context=copy_context())
                item = cast(BatchItem[O], self._fetched[0])
                self._shared.under_way[id(item)] = item
                self._workers.put(item)
            self._fetched.popleft()

    def _return_next(self) -> tuple[O, Outcome]:
        item = self._shared.done[0]
        self._state.report_progress(len(self._shared.under_way))
        result = item.order, cast(Outcome, item.outcome)
        self._returned = item  # Ctrl-C can't interrupt between this and the return
        return result

    def _drop_returned(self) -> None:
        if self._returned is not None:
            if self._shared.done and self._shared.done[0] is self._returned:
                self._shared.done.popleft()
            self._returned = None

    def _finish(self) -> None:
        self._drop_returned()
        self._is_exhausted = True
        self._state.stopped = self._state.stopped or CLOSED
        self._submit()
        self._shared.wait(for_all=True)
        self._workers.end()


class _Shared(Generic[O]):
    """The items that the caller's thread shares with the workers. Has no reference to the batch."""

    def __init__(self, state: BatchState, cancel: Callable[[BatchItem[O]], None]) -> None:
        self._state, self._cancel = state, cancel
        self.under_way = dict[int, BatchItem[O]]()
        self.done = deque[BatchItem[O]]()
        self._lock = threading.Lock()
        """Only workers take it, never the caller's thread."""
        self._changed = threading.Lock()
        """Released after a change; the caller's thread acquires it to wait for the next one."""
        self._changed.acquire()

    @property
    def size(self) -> int:
        """The number of orders that have a slot."""
        return len(self.under_way) + len(self.done)

    def work(self, item: BatchItem[O]) -> None:
        """Cancel an order in a worker thread. Does nothing for an item that was submitted twice."""
        with self._lock:
            is_first, item.has_begun = not item.has_begun, True
        try:
            if is_first:
                item.run(self._cancel)
        finally:
            with self._lock:
                if is_first:
                    self._state.record(item)
                    self.done.append(item)  # before it leaves under_way, so that it is always in one of them
                    item.has_ended = True
                if item.has_ended:
                    self.under_way.pop(id(item), None)
            with suppress(RuntimeError):  # it is released already
                self._changed.release()

    def wait(self, *, for_all: bool) -> None:
        """Wait until one item has an outcome, or all have."""
        while self.under_way and (for_all or not self.done):
            self._changed.acquire()
