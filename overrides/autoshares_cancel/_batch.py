"""Batch: many orders from synchronous code, by threads. The rules are those of _bulk.

Ctrl-C may come between any two steps of the caller's thread, and must not lose or double an order. So an order gets
from the source to `_fetched` in one step that is not interrupted; what happens to it there may be done twice; and its
thread begins a turn only once. Threads are never interrupted.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import chain, islice, repeat
from typing import Any, Final, Generic, Self, cast

from autoshares_cancel._bulk import Course, O, Turn
from autoshares_cancel._outcomes import Outcome

END: Final[Any] = object()
"""Stands behind the last order."""


class Batch(Generic[O]):
    """What Client.cancel_orders returns: an iterator of (order, outcome).

    The caller's orders are asked for in the caller's own thread. After a break, an exception or Ctrl-C the batch can be
    iterated further, or closed: `close` gives what has not come out.
    """

    def __init__(self, orders: Iterable[O], course: Course, cancel: Callable[[Turn[O]], None]) -> None:
        self._source = chain(orders, repeat(END))
        self._course, self._cancel = course, cancel
        self._fetched = deque[Any]()
        """Orders, and then turns, that no thread has; of the caller's thread alone."""
        self._is_exhausted = False
        self._under_way = dict[int, Turn[O]]()
        self._done = deque[Turn[O]]()
        self._changed = threading.Condition()
        self._threads = ThreadPoolExecutor(course.options.concurrency, thread_name_prefix="autoshares-cancel batch")

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[O, Outcome]:
        self._take_in()
        self._wait(for_all=False)
        if not self._done:
            self._threads.shutdown(wait=False)
            raise StopIteration
        return self._give()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()

    def close(self) -> list[tuple[O, Outcome]]:
        """Take no more orders in, wait for those under way, and give all that have not come out.

        Blocks until the last one has an outcome, at most for its deadline. What has no turn yet is NotSent.
        """
        self._finish()
        rest = [(turn.order, cast(Outcome, turn.outcome)) for turn in self._done]
        self._done.clear()
        return rest

    def _take_in(self) -> None:
        self._hand_over()
        while not self._is_exhausted and len(self._under_way) + len(self._done) < self._course.options.concurrency:
            try:
                self._fetched.extend(islice(self._source, 1))
            except Exception:
                self._is_exhausted = True  # by the caller's own error, after which an iterator gives no more
                raise
            self._hand_over()

    def _hand_over(self) -> None:
        """Give every fetched order to a thread."""
        while self._fetched:
            if self._fetched[0] is END:
                self._is_exhausted = True
            else:
                if not isinstance(self._fetched[0], Turn):
                    self._fetched[0] = Turn(self._fetched[0])
                turn = cast(Turn[O], self._fetched[0])
                self._under_way[id(turn)] = turn
                self._threads.submit(copy_context().run, self._work, turn)  # so that it is traced, and logged, as here
            self._fetched.popleft()

    def _work(self, turn: Turn[O]) -> None:
        with self._changed:
            is_first, turn.has_begun = not turn.has_begun, True
        try:
            if is_first:
                self._cancel(turn)
        finally:
            with self._changed:
                if is_first:
                    self._course.saw(turn)
                    self._done.append(turn)
                if turn.outcome is not None:
                    self._under_way.pop(id(turn), None)
                self._changed.notify_all()

    def _wait(self, *, for_all: bool) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way or (self._done and not for_all))

    def _give(self) -> tuple[O, Outcome]:
        turn = self._done[0]
        try:
            self._done.popleft()
            self._course.tell(len(self._under_way))
            return turn.order, cast(Outcome, turn.outcome)
        except BaseException:
            if turn not in self._done:
                self._done.appendleft(turn)
            raise

    def _finish(self) -> None:
        self._is_exhausted = True
        self._course.stopped = self._course.stopped or "the batch was closed before its turn"
        self._hand_over()
        self._wait(for_all=True)
        self._threads.shutdown(wait=False)
