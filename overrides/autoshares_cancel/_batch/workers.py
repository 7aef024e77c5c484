"""Workers: the threads of a Batch, as many as are needed and no more than are allowed.

Ctrl-C may come between any two steps of the thread that puts in. What threading and concurrent.futures offer takes
locks in Python, and who is interrupted between taking one and keeping it leaves it taken for ever. So that thread does
only what is one step in C, and the threads, which are never interrupted, start one another.
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
"""After which who has nothing to do looks whether the program is at its end."""


class Workers(Generic[T]):
    """Each item that is put in is worked off once, by whoever is free."""

    def __init__(self, most: int, work: Callable[[T], None]) -> None:
        self._most, self._work = most, work
        self._items = SimpleQueue[Any]()
        self._lock = threading.Lock()
        """Of the threads only."""
        self._count = self._idle = 0
        self._has_begun = False

    def put(self, item: T) -> None:
        """Have this worked off. Does not wait."""
        self._items.put(item)
        if not self._has_begun:
            _thread.start_new_thread(self._begin, ())
            self._has_begun = True

    def end(self) -> None:
        """Let the threads end when everything is worked off. Does not wait; nothing may be put in any more."""
        self._items.put(END)

    def _begin(self) -> None:
        with self._lock:
            may_start = self._count == 0
            has_failed = may_start and not self._start()
        if has_failed:
            self._run()

    def _start(self) -> bool:
        self._count, self._idle = self._count + 1, self._idle + 1
        # Told that it is none: it would be looked up, and who was started in C has nothing to be found.
        thread = threading.Thread(target=self._run, name="autoshares-cancel batch", daemon=False)
        try:
            thread.start()
        except RuntimeError:  # the machine has no more of them
            self._count, self._idle = self._count - 1, self._idle - 1
            return False
        return True

    def _run(self) -> None:
        while (item := self._next()) is not END:
            with self._lock:
                self._idle -= 1
                # Somebody is always free for what comes next.
                if self._idle <= 0 and self._count < self._most:
                    self._start()
            with suppress(BaseException):  # told as the outcome; nobody is there to whom it could be raised
                self._work(item)
            del item
            with self._lock:
                self._idle += 1
        self._items.put(END)  # for the next one

    def _next(self) -> Any:
        while True:
            try:
                return self._items.get(timeout=LOOK_SECONDS)
            except Empty:
                if not threading.main_thread().is_alive():
                    return END
