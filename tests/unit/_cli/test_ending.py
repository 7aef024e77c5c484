"""Signals: the first one stops, the second one cuts off, and ignored ones stay ignored."""

import signal

import pytest
from support.fake_backend import until
from support.fake_clock import FakeClock

from autoshares_cancel._cli.ending import SAME_SECONDS, SIGNALS, Ending, Interrupted, ProcessSignals

LATER = 2 * SAME_SECONDS


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the ending."""
    return FakeClock()


@pytest.fixture
def calls() -> list[str]:
    """The calls that the ending has made."""
    return []


@pytest.mark.parametrize("number", SIGNALS)
def test_without_anything_under_way_a_signal_raises(number: signal.Signals) -> None:
    """Without anything under way, for example while a file is read, one signal ends the command at once."""
    with Ending(60.0), pytest.raises(Interrupted):
        signal.raise_signal(number)


@pytest.mark.parametrize(
    ("numbers", "seconds", "expected"),
    [
        (["SIGINT"], LATER, ["stop"]),
        (["SIGINT", "SIGINT"], 0.0, ["stop", "cut"]),
        (["SIGINT", "SIGTERM"], 0.0, ["stop", "cut"]),
        (["SIGTERM", "SIGHUP"], 0.0, ["stop", "cut"]),
        (["SIGTERM", "SIGTERM"], 0.0, ["stop"]),
        (["SIGTERM", "SIGTERM"], LATER, ["stop", "cut"]),
        (["SIGHUP", "SIGHUP"], 0.0, ["stop"]),
        (["SIGINT", "SIGINT", "SIGINT"], LATER, ["stop", "cut"]),
    ],
)
def test_the_first_signal_stops_and_the_second_cuts_off(
    numbers: list[str], seconds: float, expected: list[str], clock: FakeClock, calls: list[str]
) -> None:
    """A second signal cuts off, but not the same one at once: timeout(1) signals a process and then its group."""
    ending = Ending(60.0, clock)
    with ending, ending.under_way(stop=lambda: calls.append("stop"), cut=lambda: calls.append("cut")):
        for number in numbers:
            signal.raise_signal(getattr(signal, number))
            clock.advance(seconds)
        assert (calls, ending.is_stopping) == (expected, True)


@pytest.mark.parametrize(("number", "is_armed"), [("SIGINT", False), ("SIGTERM", True), ("SIGHUP", True)])
def test_the_grace_bounds_what_is_under_way_after_sigterm_and_sighup(number: str, *, is_armed: bool) -> None:
    """The grace begins after SIGTERM and SIGHUP, but not after SIGINT, and its timer ends with the command."""
    with Ending(60.0) as ending, ending.under_way(cut=lambda: None):
        signal.raise_signal(getattr(signal, number))
        assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) == is_armed
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.parametrize("moment", ["cut", "over", "at the end"])
def test_after_a_cut_the_ending_checks_whether_its_output_is_read(moment: str, calls: list[str]) -> None:
    """The ending checks its output after a cut, and after a signal while the last lines are written."""
    with Ending(60.0) as ending:
        ending.look = lambda: calls.append("look")
        with ending.under_way(cut=lambda: None):
            for _ in range(0 if moment == "at the end" else 1):
                signal.raise_signal(signal.SIGINT)
            if moment == "cut":
                signal.raise_signal(signal.SIGINT)
                until(lambda: len(calls) >= 2)
        if moment == "at the end":
            signal.raise_signal(signal.SIGTERM)
        until(lambda: len(calls) >= 2)
        assert ending.is_stopping == (moment != "at the end")


def test_a_question_is_interrupted_at_once(calls: list[str]) -> None:
    """One Ctrl-C interrupts a question at once, also while an order waits for the answer."""

    def asked() -> None:
        signal.raise_signal(signal.SIGINT)

    with Ending(60.0) as ending, ending.under_way(cut=lambda: calls.append("cut")):
        with pytest.raises(Interrupted):
            ending.ask(asked)
        assert (calls, ending.is_stopping) == ([], True)


def test_at_the_end_signals_change_nothing(calls: list[str]) -> None:
    """Signals after the last order change neither outcomes nor exit code."""
    with Ending(60.0) as ending:
        with ending.under_way(cut=lambda: calls.append("cut")):
            pass
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    assert (calls, ending.is_stopping) == ([], False)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_was_ignored_stays_ignored_and_handlers_are_put_back(number: signal.Signals) -> None:
    """A signal that was ignored, as SIGHUP under nohup, stays ignored, and handlers are restored at the end."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Ending(60.0) as ending, ending.under_way(cut=lambda: None):
            assert signal.getsignal(number) is signal.SIG_IGN
            assert all(signal.getsignal(other) == ending._handle for other in {*SIGNALS} - {number})
    finally:
        signal.signal(number, before)
    assert signal.getsignal(number) is before


def test_a_watched_process_is_interrupted_before_its_command_and_not_after_it() -> None:
    """A signal before the command interrupts the process; after the command, no signal changes the exit code."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        ProcessSignals()
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGTERM)
        with Ending(60.0):
            pass
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
