"""The worker threads of a Batch: as many as the items need, up to a limit.

Ctrl-C may interrupt the thread that calls `put` between any two steps. threading and concurrent.futures take locks in
Python code, and an interrupt right after a lock was taken leaves it locked for ever. So `put` uses only operations that
are one step in C, and the workers, which Ctrl-C never interrupts, start one another.
"""

import _thread
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

END: Final[Any] = object()
LOOK_SECONDS: Final = 1.0
"""Seconds after which an idle worker checks whether the main thread has ended."""


class Workers(Generic[T]):
    """Calls `work` once for each item, in up to `most` threads."""

    def __init__(self, most: int, work: Callable[[T], None]) -> None:
        self._most, self._work = most, work
        self._items = SimpleQueue[Any]()
        self._lock = threading.Lock()
        """Only the workers take it."""
        self._count = self._idle = 0
        self._has_begun = False

    def put(self, item: T) -> None:
        """Queue an item. Does not wait."""
        self._items.put(item)
        if not self._has_begun:
            _thread.start_new_thread(self._begin, ())
            self._has_begun = True

    def end(self) -> None:
        """Let the workers end after the last item. Does not wait. No `put` may follow."""
        self._items.put(END)

    def _begin(self) -> None:
        with self._lock:
            may_start = self._count == 0
            has_failed = may_start and not self._start()
        if has_failed:
            self._run()

    def _start(self) -> bool:
        self._count, self._idle = self._count + 1, self._idle + 1
        # daemon is given, because Thread would take it from the current thread, and one started in C has none.
        thread = threading.Thread(target=self._run, name="autoshares-cancel batch", daemon=False)
        try:
            thread.start()
        except RuntimeError:  # the machine can't start another thread
            self._count, self._idle = self._count - 1, self._idle - 1
            return False
        return True

    def _run(self) -> None:
        while (item := self._next()) is not END:
            with self._lock:
                self._idle -= 1
                # Keep one worker idle for the next item.
                if self._idle <= 0 and self._count < self._most:
                    self._start()
            with suppress(BaseException):  # `work` reports it as the outcome; a thread has no caller to raise it to
                self._work(item)
            del item
            with self._lock:
                self._idle += 1
        self._items.put(END)  # for the next worker

    def _next(self) -> Any:
        while True:
            try:
                return self._items.get(timeout=LOOK_SECONDS)
            except Empty:
                if not threading.main_thread().is_alive():
                    return END
