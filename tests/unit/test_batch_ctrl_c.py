"""Ctrl-C in synchronous code, at any moment: no order is lost, none comes out twice, and nothing hangs."""

import random
import signal
import sys
from collections.abc import Callable, Iterator
from opcode import opname
from types import FrameType
from typing import Any

import pytest
from colours import TLS
from unit.fake_wire import ACCOUNT, SETTINGS, FakeWire, once_each

from autoshares_cancel import Batch, Client, _batch, _bulk, _workers

OURS = {module.__file__ for module in (_batch, _bulk, _workers)}
LOOKS_FOR_SIGNALS = {"CALL", "CALL_FUNCTION_EX", "RESUME", "JUMP_BACKWARD"}
"""After these Python looks whether a signal has come, unless what was called is Python, too: then in there."""


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
    """Raises KeyboardInterrupt once, by a real signal, that many seconds after it was set."""

    def __init__(self) -> None:
        self.is_set = False

    def rings(self, _: int, __: FrameType | None) -> None:
        if self.is_set:
            self.is_set = False
            raise KeyboardInterrupt

    def interrupts(self, seconds: float, run: Callable[[], object]) -> bool:
        try:
            self.is_set = True
            signal.setitimer(signal.ITIMER_REAL, seconds)
            run()
        except KeyboardInterrupt:
            return True
        finally:
            self.is_set = False
            signal.setitimer(signal.ITIMER_REAL, 0)
        return False


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    made = Alarm()
    before = signal.signal(signal.SIGALRM, made.rings)
    yield made
    signal.signal(signal.SIGALRM, before)


# An interrupt inside a finalizer is not raised, by Python's own rules; and nothing is lost by it here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", range(10))
def test_at_hundreds_of_moments(client: Client, alarm: Alarm, seed: int) -> None:
    """Rule 1: real signals, one after the other, wherever they come; what came out and what closing gives is all."""
    chance, interruptions = random.Random(seed), 0
    for _ in range(15):
        wire, source, came_out = FakeWire(client), Source(60), list[Any]()
        batch = client.cancel_orders(source.pairs, concurrency=4)

        def iterate(batch: Batch[Any] = batch, came_out: list[Any] = came_out) -> None:
            for step in batch:
                came_out.append(step)  # noqa: PERF402  # in one step, where extend would lose what it has

        while alarm.interrupts(chance.uniform(1e-6, 4e-3), iterate):
            interruptions += 1
            if chance.random() < 0.2:
                break

        def close(batch: Batch[Any] = batch, came_out: list[Any] = came_out) -> None:
            came_out += batch.close()

        while alarm.interrupts(chance.uniform(1e-6, 1e-3), close):
            interruptions += 1
        assert once_each(source.taken, came_out)
        assert wire.twice == []
    assert interruptions > 15


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
        wire, source, came_out = FakeWire(client), Source(15), list[Any]()
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
        assert wire.twice == []
    assert nth > 150
