"""Ctrl-C in synchronous code, at any moment: no order is lost, none comes out twice, and nothing hangs."""

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
LOOKS_FOR_SIGNALS = {
    name
    for name in opmap
    if name in {"CALL", "CALL_KW", "CALL_FUNCTION_EX", "RESUME"}
    or name.startswith(("JUMP_BACKWARD", "POP_JUMP_BACKWARD"))
}
"""After these Python looks whether a signal has come, unless what was called is Python, too: then in there.

Python 3.11 jumps back on a condition (POP_JUMP_BACKWARD_…), and 3.13 calls by keyword (CALL_KW).
"""


class Source:
    """Gives so many orders, each once, in a step that can't be interrupted."""

    def __init__(self, count: int) -> None:
        self._count, self._left = count, iter(range(1, count + 1))
        self.pairs = zip([ACCOUNT] * count, self._left, strict=False)

    @property
    def taken(self) -> list[tuple[int, int]]:
        """Those that were given."""
        left = self._left.__length_hint__()  # type: ignore[attr-defined]  # iterators of ranges have it
        return [(ACCOUNT, number) for number in range(1, self._count + 1 - left)]


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(**SETTINGS, verify=TLS) as made:
        yield made


class Alarm:
    """Sends real signals to the main thread, one at a time; while it is set, the next one is a KeyboardInterrupt."""

    def __init__(self) -> None:
        self.is_set = False
        self.heard = 0
        self._is_heard = threading.Event()
        self._one_at_a_time = threading.Lock()

    def rings(self, _: int, __: FrameType | None) -> None:
        self.heard += 1
        self._is_heard.set()
        if self.is_set:
            self.is_set = False
            raise KeyboardInterrupt

    def send(self) -> None:
        """From another thread: return when the main thread has heard it, wherever it is."""
        with self._one_at_a_time:
            self._is_heard.clear()
            until(self._is_heard_now)

    def _is_heard_now(self) -> bool:
        # Python hears of a signal that comes just before the thread blocks only when the next one wakes it.
        signal.pthread_kill(MAIN_THREAD, signal.SIGALRM)
        return self._is_heard.wait(0.01)

    def interrupts(self, run: Callable[[], object]) -> bool:
        """Run this; whether a signal has interrupted it."""
        try:
            self.is_set = True
            run()
        except KeyboardInterrupt:
            return True
        finally:
            self.is_set = False
        return False


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    made = Alarm()
    before = signal.signal(signal.SIGALRM, made.rings)
    yield made
    signal.signal(signal.SIGALRM, before)


# An interrupt inside a finalizer is not raised, by Python's own rules; and nothing is lost by it here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13, 60])
def test_a_signal_for_every_request(client: Client, alarm: Alarm, concurrency: int, steps: int) -> None:
    """Rule 1: real signals, also where the caller's thread is blocked, while it iterates and while it closes."""

    def answer(_: HttpRequest) -> Evidence:
        alarm.send()
        return GONE

    backend, source, came_out = FakeBackend(client, answer), Source(60), list[Any]()
    batch = client.cancel_orders(source.pairs, concurrency=concurrency)

    def iterate() -> None:
        for step in batch:
            came_out.append(step)
            if len(came_out) >= steps:
                break

    def close() -> None:
        nonlocal came_out
        came_out += batch.close()

    while alarm.interrupts(iterate):
        pass
    while alarm.interrupts(close):
        pass
    assert once_each(source.taken, came_out)
    assert backend.twice == []
    assert alarm.heard >= len(backend.sent) >= steps


@pytest.mark.parametrize("nth", range(1, 16))
def test_a_signal_in_the_observer_of_progress(client: Client, alarm: Alarm, nth: int) -> None:
    """Rule 1: in the caller's own thread, after an outcome was taken and before it is given."""
    told, came_out, source = list[Progress](), list[Any](), Source(15)

    def observe(progress: Progress) -> None:
        told.append(progress)
        if len(told) == nth:
            signal.raise_signal(signal.SIGALRM)

    backend = FakeBackend(client)
    batch = client.cancel_orders(source.pairs, concurrency=3, on_progress=observe)

    def iterate() -> None:
        for step in batch:
            came_out.append(step)  # in one step, where extend would lose what it has

    assert alarm.interrupts(iterate)
    came_out += batch
    assert once_each(source.taken, came_out)
    assert len(came_out) == 15
    assert backend.twice == []


class Countdown:
    """Raises KeyboardInterrupt at the nth step of our own code at which Python looks for signals."""

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
            self.left -= before in LOOKS_FOR_SIGNALS
            if self.left == 0:
                self.left = -1
                raise KeyboardInterrupt
        return self


def interrupted_at(nth: int, run: Callable[[], object]) -> bool:
    """Run this, and interrupt it at that step; whether there was such a step."""
    countdown = Countdown(nth)
    # Python 3.12 tells of opcodes only if some frame had asked for them when tracing began.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(countdown)
    try:
        run()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    return countdown.left < 0


# An interrupt inside a finalizer is not raised, by Python's own rules; and nothing is lost by it here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("ending", ["iterating on", "closing"])
def test_at_every_step(client: Client, ending: str) -> None:
    """Rule 1: interrupted at the first step of the caller's thread, at the second, and so on through a whole batch."""
    nth, is_over = 0, False
    while not is_over:
        nth += 1
        backend, source, came_out = FakeBackend(client), Source(15), list[Any]()
        batch = client.cancel_orders(source.pairs, concurrency=2)

        def play(batch: Batch[Any] = batch, came_out: list[Any] = came_out) -> None:
            for step in batch:
                came_out.append(step)  # noqa: PERF402  # as above
            came_out += batch.close()

        is_over = not interrupted_at(nth, play)
        if ending == "iterating on":
            came_out += batch
            assert len(source.taken) == 15
        came_out += batch.close()
        assert once_each(source.taken, came_out), f"step {nth}"
        assert backend.twice == []
    # However the threads are scheduled, each order takes more than ten steps.
    assert nth > 15 * 10
