"""Ctrl-C in synchronous code, at any step: no order is lost or yielded twice, and nothing hangs."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from opcode import opmap, opname
from types import FrameType
from typing import Any, cast

import pytest
from support.clients import TLS
from support.fake_backend import ACCOUNT, GONE, SETTINGS, FakeBackend, once_each, until

from autoshares_cancel import Batch, Client, Progress
from autoshares_cancel._batch import state, threads, workers
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence

MAIN_THREAD = cast(int, threading.main_thread().ident)
OURS = {module.__file__ for module in (state, threads, workers)}
CHECKS_SIGNALS = {
    name
    for name in opmap
    if name in {"CALL", "CALL_KW", "CALL_FUNCTION_EX", "RESUME"}
    or name.startswith(("JUMP_BACKWARD", "POP_JUMP_BACKWARD"))
}
"""Python checks for signals after these; for a call of a Python function, inside the function.

3.11 has conditional backward jumps (POP_JUMP_BACKWARD_…), and 3.13 has calls by keyword (CALL_KW).
"""


class Source:
    """Yields this many orders, each once, in a step that can't be interrupted."""

    def __init__(self, count: int) -> None:
        self._count, self._left = count, iter(range(1, count + 1))
        self.pairs = zip([ACCOUNT] * count, self._left, strict=False)

    @property
    def taken(self) -> list[tuple[int, int]]:
        """The orders that were yielded."""
        left = self._left.__length_hint__()  # type: ignore[attr-defined]  # range iterators have it
        return [(ACCOUNT, number) for number in range(1, self._count + 1 - left)]


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(**SETTINGS, verify=TLS) as made:
        yield made


class Alarm:
    """Sends real signals to the main thread, one at a time. While armed, the next one raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self.is_armed = False
        self.handled = 0
        self._was_handled = threading.Event()
        self._one_at_a_time = threading.Lock()

    def handle(self, _: int, __: FrameType | None) -> None:
        self.handled += 1
        self._was_handled.set()
        if self.is_armed:
            self.is_armed = False
            raise KeyboardInterrupt

    def send(self) -> None:
        """Called in another thread: send a signal, and return after the main thread has handled it."""
        with self._one_at_a_time:
            self._was_handled.clear()
            until(self._has_sent)

    def _has_sent(self) -> bool:
        # A signal that arrives just before the thread blocks is handled only when the next one wakes the thread.
        signal.pthread_kill(MAIN_THREAD, signal.SIGALRM)
        return self._was_handled.wait(0.01)

    def interrupts(self, run: Callable[[], object]) -> bool:
        """Run this, and return whether a signal interrupted it."""
        try:
            self.is_armed = True
            run()
        except KeyboardInterrupt:
            return True
        finally:
            self.is_armed = False
        return False


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    made = Alarm()
    before = signal.signal(signal.SIGALRM, made.handle)
    yield made
    signal.signal(signal.SIGALRM, before)


# Python never raises an interrupt inside a finalizer; the batch loses nothing by it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13, 60])
def test_a_signal_for_every_request(client: Client, alarm: Alarm, concurrency: int, steps: int) -> None:
    """Rule 1: real signals lose no order, whether the caller's thread is blocked, iterates or closes."""

    def answer(_: HttpRequest) -> Evidence:
        alarm.send()
        return GONE

    backend, source, yielded = FakeBackend(client, answer), Source(60), list[Any]()
    batch = client.cancel_orders(source.pairs, concurrency=concurrency)

    def iterate() -> None:
        for step in batch:
            yielded.append(step)
            if len(yielded) >= steps:
                break

    def close() -> None:
        nonlocal yielded
        yielded += batch.close()

    while alarm.interrupts(iterate):
        pass
    while alarm.interrupts(close):
        pass
    assert once_each(source.taken, yielded)
    assert backend.twice == []
    assert alarm.handled >= len(backend.sent) >= steps


@pytest.mark.parametrize("nth", range(1, 16))
def test_a_signal_in_the_observer_of_progress(client: Client, alarm: Alarm, nth: int) -> None:
    """Rule 1: a signal after an outcome was taken, and before it is returned, loses no order."""
    reported, yielded, source = list[Progress](), list[Any](), Source(15)

    def observe(progress: Progress) -> None:
        reported.append(progress)
        if len(reported) == nth:
            signal.raise_signal(signal.SIGALRM)

    backend = FakeBackend(client)
    batch = client.cancel_orders(source.pairs, concurrency=3, on_progress=observe)

    def iterate() -> None:
        for step in batch:
            yielded.append(step)  # one step; extend would lose items

    assert alarm.interrupts(iterate)
    yielded += batch
    assert once_each(source.taken, yielded)
    assert len(yielded) == 15
    assert backend.twice == []


class Countdown:
    """Raises KeyboardInterrupt at the nth step of the package at which Python checks for signals."""

    def __init__(self, nth: int) -> None:
        self.left = nth
        self._before = dict[FrameType, str]()

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in OURS:
            return None
        frame.f_trace_opcodes = True
        if event == "return" and frame.f_back is not None:
            self._before[frame.f_back] = "RETURN_VALUE"
        if event == "opcode":
            before = self._before.get(frame, "")
            self._before[frame] = opname[frame.f_code.co_code[frame.f_lasti]]
            self.left -= before in CHECKS_SIGNALS
            if self.left == 0:
                self.left = -1
                raise KeyboardInterrupt
        return self


def interrupted_at(nth: int, run: Callable[[], object]) -> bool:
    """Run this, interrupt it at that step, and return whether there was such a step."""
    countdown = Countdown(nth)
    # Python 3.12 traces opcodes only if a frame had requested it when tracing began.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(countdown)
    try:
        run()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    return countdown.left < 0


# Python never raises an interrupt inside a finalizer; the batch loses nothing by it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("ending", ["iterating on", "closing"])
def test_an_interrupt_at_any_step_loses_no_order(client: Client, ending: str) -> None:
    """Rule 1: an interrupt at any step of the caller's thread loses no order; each run is interrupted at one."""
    nth, is_over = 0, False
    while not is_over:
        nth += 1
        backend, source, yielded = FakeBackend(client), Source(15), list[Any]()
        batch = client.cancel_orders(source.pairs, concurrency=2)

        def play(batch: Batch[Any] = batch, yielded: list[Any] = yielded) -> None:
            for step in batch:
                yielded.append(step)  # noqa: PERF402  # one step; extend would lose items
            yielded += batch.close()

        is_over = not interrupted_at(nth, play)
        if ending == "iterating on":
            yielded += batch
            assert len(source.taken) == 15
        yielded += batch.close()
        assert once_each(source.taken, yielded), f"step {nth}"
        assert backend.twice == []
    # Each order takes more than ten steps, however the threads are scheduled.
    assert nth > 15 * 10
