"""Asks a person while an event loop runs, so that a signal ends the waiting, and the process afterwards.

The event loop asks in a thread, which no signal reaches. A thread that waits for a terminal can't be ended, so it is a
daemon, which keeps no process alive, and the terminal gets back its echo.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from autoshares_cancel._cli.ending import Ending, Interrupted

T = TypeVar("T")


def asked_in_thread(ending: Ending, settings: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a client whose second_factor, if there is one, is asked for as below."""
    ask: Callable[[], str] | None = settings["second_factor"]
    return settings if ask is None else {**settings, "second_factor": partial(ask_in_thread, ending, ask)}


def ask_in_thread(ending: Ending, ask: Callable[[], T]) -> T:
    """Call a function that asks a person. Raises what it raises, and Interrupted at the first signal."""
    answers = SimpleQueue[tuple[Any, BaseException | None]]()

    def work() -> None:
        try:
            answers.put((ask(), None))
        except BaseException as error:  # noqa: BLE001  # raised in the thread that waits
            answers.put((None, error))

    with ending.giving_up(lambda: answers.put((None, Interrupted()))), _terminal_kept():
        Thread(target=work, daemon=True).start()
        answer, error = answers.get()
    if error is not None:
        raise error
    given: T = answer
    return given


@contextmanager
def _terminal_kept() -> Generator[None]:
    """Put the settings of the terminal back, which a hidden input changes."""
    try:
        import termios  # noqa: PLC0415  # missing on Windows
    except ImportError:
        yield
        return
    before = termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None
    try:
        yield
    finally:
        if before is not None:
            with suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(sys.stdin, termios.TCSANOW, before)
