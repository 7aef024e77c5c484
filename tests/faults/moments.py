"""When a process dies: moments that are counted, one after the other."""

import os
import signal
from collections import deque
from typing import Final

from autoshares_cancel.mock._state import Seen

ARRIVED: Final = "arrived"
WHENS: Final = ("before", "within", "after", ARRIVED)
"""A line of the journal, or the arrival of a request."""


def moment(nth: int) -> tuple[str, int]:
    """When the process with this number dies, counted from 0: what happens, and how manieth such thing it is.

    All kinds with one number, then all with another one: 1, 4, 7, 10, 13, 3 ... no life has so few orders.
    """
    return WHENS[nth % len(WHENS)], 1 + nth // len(WHENS) * 3 % 13


class Tripwire(deque[Seen]):
    """What the mock has seen, which is noted before it is answered; a process may die of it."""

    _victim: int | None = None
    _left: int = 0

    def aim(self, process_id: int | None, count: int = 0) -> None:
        """Let this process die with this request to cancel, the next one being 1; or none."""
        self._left, self._victim = count, process_id

    def append(self, seen: Seen, /) -> None:
        """Note a request."""
        super().append(seen)
        self._left -= seen.method == "DELETE"
        if self._victim is not None and self._left <= 0:
            os.kill(self._victim, signal.SIGKILL)
            self._victim = None
