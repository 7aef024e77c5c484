"""The moments at which processes die, one after the other."""

import os
import signal
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from autoshares_cancel.mock._state import Seen

ARRIVED: Final = "arrived"
WHENS: Final = ("before", "within", "after", ARRIVED)
"""A line of the journal, or the arrival of a request."""


def moment(nth: int) -> tuple[str, int]:
    """The moment at which this process dies, counted from 0: a kind of event, and its number, counted from 1.

    All kinds with one number, then all with another: 1, 4, 7, 10, 13, 3 ... every process has more orders than that.
    """
    return WHENS[nth % len(WHENS)], 1 + nth // len(WHENS) * 3 % 13


class Tripwire(deque[Seen]):
    """The mock's record of requests, written before each reply; a record may do something."""

    _act: Callable[[], object] | None = None
    _left: int = 0

    def aim(self, process_id: int | None, count: int = 0) -> None:
        """Kill this process at this cancel, counted from 1 for the next; or no process."""
        self.at(count, None if process_id is None else partial(os.kill, process_id, signal.SIGKILL))

    def at(self, count: int, act: Callable[[], object] | None) -> None:
        """Do this at this cancel, before it is answered."""
        self._left, self._act = count, act

    def append(self, seen: Seen, /) -> None:
        """Note a request."""
        super().append(seen)
        self._left -= seen.method == "DELETE"
        if self._act is not None and self._left <= 0:
            act, self._act = self._act, None
            act()
