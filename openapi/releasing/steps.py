"""Runs the steps of a release in order, and restores the tree if one of them fails.

1. A step is a name and a function. The text that the function returns is printed in the step's line of progress.
2. The first step that raises Stopped ends the run: the tree is restored, and one line reports the reason. So does a
   file that can't be read or written.
3. The first SIGINT, SIGTERM or SIGHUP ends the run in the same way.
4. During the last step, and while the tree is restored, signals are ignored, also by programs that are started then.
5. A dry run restores the tree after the last step.
"""

import signal
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, Self

from attrs import define, field, frozen

from contract_facts.model import FactsError

INTERRUPTED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Say = Callable[[str], None]
Clock = Callable[[], float]


class Stopped(Exception):
    """A step of the release failed; the message is one line with the reason."""


class Interrupted(BaseException):
    """The program received a signal."""


class Restorable(Protocol):
    """The tree that the steps change."""

    def restore(self) -> None:
        """Undo all changes. Raises Stopped if that is impossible."""


@frozen
class Step:
    """One step: a name and a function. The function returns a note to print, and may raise Stopped."""

    name: str
    run: Callable[[], str]


def run_steps(
    steps: Sequence[Step], tree: Restorable, *, is_dry: bool = False, say: Say, clock: Clock = time.monotonic
) -> int:
    """Run the steps until one fails. Returns the exit code: 0, 1 for Stopped, 130 for a signal."""
    with _Signals() as signals:
        try:
            code, problem = _run_all(steps, signals, say, clock)
        except Interrupted:
            code, problem = INTERRUPTED, "interrupted"
        except BaseException:  # a bug in this program: restore, then show its traceback
            signals.ignore()
            tree.restore()
            raise
        signals.ignore()
        unrestored = _restore(tree) if code or is_dry else ""
    if code or unrestored:
        say(f"stopped: {'; '.join(filter(None, (problem, unrestored, 'nothing is released')))}")
    return code or int(bool(unrestored))


def _run_all(steps: Sequence[Step], signals: "_Signals", say: Say, clock: Clock) -> tuple[int, str]:
    try:
        for step in steps:
            if step is steps[-1]:
                signals.ignore()
            began = clock()
            say(f"{step.name} ...")
            note = step.run()
            say(f"{step.name}: {clock() - began:.1f} s" + (f", {note}" if note else ""))
    except (FactsError, OSError, Stopped) as error:
        return 1, " ".join(str(error).split())
    return 0, ""


def _restore(tree: Restorable) -> str:
    """Restore the tree, and return the problem; empty if there is none."""
    try:
        tree.restore()
    except Stopped as error:
        return f"the tree is not as it was: {error}"
    return ""


@define
class _Signals:
    """Raises Interrupted in the main thread at the first signal inside the block, until signals are ignored."""

    _has_come: bool = False
    _before: dict[int, Any] = field(factory=dict[int, Any])

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._interrupt) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ignore(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _interrupt(self, *_: object) -> None:
        if not self._has_come:
            self._has_come = True
            raise Interrupted
