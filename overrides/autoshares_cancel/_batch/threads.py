"""Batch: many orders from synchronous code, by threads. The rules are those of state.

Ctrl-C may come between any two steps of the caller's thread, and must not lose or double an order. So an order gets
from the source to `_fetched` in one step that is not interrupted; what happens to it there may be done twice; and its
thread begins a turn only once. What was given to the caller is remembered in the very step that gives it, and forgotten
when the caller comes back. Threads are never interrupted, and no lock of theirs is taken by the caller's thread.
"""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import copy_context
from itertools import chain, islice, repeat
from typing import Any, Final, Generic, Self, cast

from autoshares_cancel._batch.state import BatchItem, BatchState
from autoshares_cancel._batch.workers import Workers
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._values.order import O

END: Final[Any] = object()
"""Stands behind the last order."""


class Batch(Generic[O]):
    """What Client.cancel_orders returns: an iterator of (order, outcome).

    The caller's orders are asked for in the caller's own thread. After a break, an exception or Ctrl-C the batch can be
    iterated further, or closed: `close` gives what has not come out.
    """

    def __init__(self, orders: Iterable[O], state: BatchState, cancel: Callable[[BatchItem[O]], None]) -> None:
        self._source = chain(iter(orders), repeat(END))
        self._state = state
        self._fetched = deque[Any]()
        """Orders, and then turns, that no thread has; of the caller's thread alone."""
        self._is_exhausted = False
        self._shared = _Shared(state, cancel)
        self._returned: BatchItem[O] | None = None
        """The first one that is done, where the caller has it."""
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

    def close(self) -> list[tuple[O, Outcome]]:
        """Take no more orders in, wait for those under way, and give all that have not come out.

        Blocks until the last one has an outcome, at most for its deadline. What has no turn yet is NotSent.
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
                self._is_exhausted = True  # by the caller's own error, after which an iterator gives no more
                raise
            self._submit()

    def _submit(self) -> None:
        """Give every fetched order to a thread."""
        while self._fetched:
            if self._fetched[0] is END:
                self._is_exhausted = True
            else:
                if not isinstance(self._fetched[0], BatchItem):
                    # With what its thread is to find as it is found here: the span, and whatever logs are marked with.
                    self._fetched[0] = BatchItem(self._fetched[0], context=copy_context())
                item = cast(BatchItem[O], self._fetched[0])
                self._shared.under_way[id(item)] = item
                self._workers.put(item)
            self._fetched.popleft()

    def _return_next(self) -> tuple[O, Outcome]:
        item = self._shared.done[0]
        self._state.report_progress(len(self._shared.under_way))
        result = item.order, cast(Outcome, item.outcome)
        self._returned = item  # from here to the return there is no step at which Ctrl-C could come
        return result

    def _drop_returned(self) -> None:
        if self._returned is not None:
            if self._shared.done and self._shared.done[0] is self._returned:
                self._shared.done.popleft()
            self._returned = None

    def _finish(self) -> None:
        self._drop_returned()
        self._is_exhausted = True
        self._state.stopped = self._state.stopped or "the batch was closed before its turn"
        self._submit()
        self._shared.wait(for_all=True)
        self._workers.end()


class _Shared(Generic[O]):
    """What the caller's thread shares with the others. Nothing here leads to the batch, so that it may be dropped."""

    def __init__(self, state: BatchState, cancel: Callable[[BatchItem[O]], None]) -> None:
        self._state, self._cancel = state, cancel
        self.under_way = dict[int, BatchItem[O]]()
        self.done = deque[BatchItem[O]]()
        self._lock = threading.Lock()
        """Of the threads; the caller's never takes it."""
        self._changed = threading.Lock()
        """Open where something has changed since the caller's thread has looked."""
        self._changed.acquire()

    @property
    def size(self) -> int:
        """Orders that have a slot."""
        return len(self.under_way) + len(self.done)

    def work(self, item: BatchItem[O]) -> None:
        """The turn of an order, in one of the threads; the second time nothing."""
        with self._lock:
            is_first, item.has_begun = not item.has_begun, True
        try:
            if is_first:
                item.run(self._cancel)
        finally:
            with self._lock:
                if is_first:
                    self._state.record(item)
                    self.done.append(item)  # before it goes below, so that it is never nowhere
                    item.has_ended = True
                if item.has_ended:
                    self.under_way.pop(id(item), None)
            with suppress(RuntimeError):  # it is open already
                self._changed.release()

    def wait(self, *, for_all: bool) -> None:
        """Wait until one is done, or all are."""
        while self.under_way and (for_all or not self.done):
            self._changed.acquire()
