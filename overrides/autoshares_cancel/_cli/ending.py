"""How a command ends when a signal comes, the same for all commands.

1. At the first SIGINT, SIGTERM or SIGHUP the command begins nothing more, and finishes what is under way.
2. `grace` seconds after a SIGTERM or SIGHUP, and at a second signal, what is under way is cut off.
3. Where nothing is under way, at a question or while a file is read, the first signal raises Interrupted at once.
4. A signal that was ignored at the start stays ignored, as under nohup.
5. When nothing is under way any more, all signals are ignored, so that the command can report how it ended: in a
   process of ProcessSignals, until it has gone.
6. After the cut, and after a signal while it reports, the command waits for no reader of its output (see Output).

Only the main thread gets signals; in another one this does nothing. A signal is never handled between two threads.
"""

import signal
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, Self, TypeVar, cast

T = TypeVar("T")
Handler = Any
"""What signal.signal takes."""

SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
SAME_SECONDS: Final = 0.5
"""Seconds in which a repeated SIGTERM or SIGHUP is the same one: timeout signals a process, then its group."""
LOOK_SECONDS: Final = 0.25
"""Seconds between two looks at whether the output is taken."""
INTERRUPTED: Final = "Interrupted."


class Interrupted(BaseException):
    """A signal has come while nothing was under way, or has cut off what was under way. Not caught by click."""


def _nothing() -> None:
    pass


class ProcessSignals:
    """Handles the signals of a process, except during a command: raises Interrupted before it, and nothing later."""

    def __init__(self) -> None:
        self.is_over = False
        _handle_with(self)

    def __call__(self, *_: object) -> None:
        """Handle a signal."""
        if not self.is_over:
            raise Interrupted


class Ending:
    """Handles the signals of one command inside the block."""

    def __init__(self, grace: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._grace, self._clock = grace, clock
        self.is_stopping = self._is_over = self._is_asking = False
        self._first, self._first_at = 0, 0.0
        self._stop: Callable[[], object] | None = None
        self._cut: Callable[[], object] = _nothing
        self._give_up: Callable[[], object] | None = None
        self.look: Callable[[], object] = _nothing
        """Called again and again, in the main thread, while no more time is to be lost."""
        self._before: Mapping[int, Handler] = {}

    def __enter__(self) -> Self:
        self._before = _handle_with(self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        _set_timer(0)
        for number, handler in self._before.items():
            if isinstance(handler, ProcessSignals):
                handler.is_over = True
            signal.signal(number, handler)

    @contextmanager
    def under_way(self, *, stop: Callable[[], object] = _nothing, cut: Callable[[], object]) -> Generator[None]:
        """Orders are under way inside the block. Signals call `stop` and `cut`; after the block they are ignored."""
        self._stop, self._cut = stop, cut
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def under_way_in_task(self, stop: Callable[[], object]) -> Generator[None]:
        """As under_way, in an event loop: it calls `stop`, and cancels the current task to cut off."""
        import asyncio  # noqa: PLC0415  # not every command has an event loop

        loop, task = asyncio.get_running_loop(), cast("asyncio.Task[Any]", asyncio.current_task())
        with self.under_way(
            stop=lambda: loop.call_soon_threadsafe(stop), cut=lambda: loop.call_soon_threadsafe(task.cancel)
        ):
            yield

    @contextmanager
    def asking(self) -> Generator[None]:
        """Let the first signal raise Interrupted inside the block: a person is asked, and nothing is sent."""
        self._is_asking = True
        try:
            yield
        finally:
            self._is_asking = False

    def ask(self, ask: Callable[[], T]) -> T:
        """Call a function that asks a person."""
        with self.asking():
            return ask()

    @contextmanager
    def giving_up(self, give_up: Callable[[], object]) -> Generator[None]:
        """As asking, for another thread: the first signal calls `give_up`, and cuts off what waits for the answer."""
        self._give_up = give_up
        try:
            yield
        finally:
            self._give_up = None

    def announcement(self) -> str:
        """What happens after the first signal, for a person that waits."""
        within = "" if self._first == signal.SIGINT else f" within {self._grace:g} s"
        return f"Interrupted: what is under way is finished{within}, and nothing else is begun. Again: cut it off."

    def _end(self) -> None:
        self._is_over, self._cut = True, _nothing
        if self.is_stopping:
            self._hurry()
        else:
            _set_timer(0)

    def _hurry(self) -> None:
        _set_timer(LOOK_SECONDS, self.look, LOOK_SECONDS)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self._is_over:
            self._hurry()
            return
        if self._stop is None or self._is_asking:
            self.is_stopping = True
            raise Interrupted
        if not self.is_stopping:
            self._begin_to_stop(number)
            if self._give_up is not None:
                self._give_up()
                self._cut_once()
        elif number == signal.SIGINT or number != self._first or self._clock() - self._first_at > SAME_SECONDS:
            self._cut_once()

    def _begin_to_stop(self, number: int) -> None:
        self.is_stopping, self._first, self._first_at = True, number, self._clock()
        if number != signal.SIGINT:
            _set_timer(self._grace, self._cut_once)
        if self._stop is not None:
            self._stop()

    def _cut_once(self) -> None:
        cut, self._cut = self._cut, _nothing
        self._hurry()
        cut()


def _handle_with(handler: Handler) -> dict[int, Handler]:
    """Handle the signals, but none that is ignored. Returns the handlers before, by signal."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    before = {number: signal.getsignal(number) for number in SIGNALS}
    handled = {number: there for number, there in before.items() if there not in {None, signal.SIG_IGN}}
    for number in handled:
        signal.signal(number, handler)
    return handled


def _set_timer(seconds: float, work: Callable[[], object] = _nothing, again: float = 0) -> None:
    """Call `work` in the main thread after these seconds, and every `again` seconds; 0 is never. Not on Windows."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        if seconds:
            signal.signal(signal.SIGALRM, lambda _, __: work())
        signal.setitimer(signal.ITIMER_REAL, seconds, again)
