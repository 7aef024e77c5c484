"""The moments at which the processes of a trial are killed."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from autoshares_cancel.mock._state import Seen

ARRIVED: Final = "arrived"
WHENS: Final = ("before", "within", "after", ARRIVED)
"""Before, within or after a line of the journal, or at the arrival of a request."""


def moment(nth: int) -> tuple[str, int]:
    """The moment at which process `nth` (from 0) dies: a kind of event and its number (from 1).

    Each number is used with all kinds before the next: 1, 4, 7, 10, 13, 3 ... every process has more orders than that.
    """
    return WHENS[nth % len(WHENS)], 1 + nth // len(WHENS) * 3 % 13


class Tripwire(deque[Seen]):
    """The mock's record of requests, written before each reply; it can run an action at a given cancel."""

    _act: Callable[[], object] | None = None
    _left: int = 0

    def aim(self, process_id: int | None, count: int = 0) -> None:
        """Kill this process at cancel `count`, where the next cancel is 1; None kills no process."""
        self.at(count, None if process_id is None else partial(os.kill, process_id, signal.SIGKILL))

    def at(self, count: int, act: Callable[[], object] | None) -> None:
        """Run `act` at cancel `count`, before the mock answers it."""
        self._left, self._act = count, act

    def append(self, seen: Seen, /) -> None:
        """Record a request."""
        super().append(seen)
        self._left -= seen.method == "DELETE"
        if self._act is not None and self._left <= 0:
            act, self._act = self._act, None
            act()


def ends(process: subprocess.Popen[Any], seconds: float) -> bool:
    """Wait until a process ends. Returns whether it did in so many seconds; otherwise it is killed."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True
