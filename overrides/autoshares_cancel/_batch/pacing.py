"""Spaces the requests of a batch after the server has asked to wait. No I/O, no clock, no lock, no sleep.

1. From the reopening on, requests follow one another evenly, at first at 0.9 times the rate that last passed. The rate
   grows along CUBIC's curve (RFC 9438, section 4.2): slowly near the rate that passed, then ever faster. So a limit is
   passed rarely, and a rate that was measured too low is left soon.
2. A caller reserves a slot and waits for it: first come, first served. A new pause moves all slots, and keeps their
   order, so that no order waits past its deadline because others ask more often.
3. A caller that comes late to its slot may still use it, up to LATE seconds; then it reserves another one.
"""

import math
from collections import deque
from typing import Final

from attrs import define, field, frozen

OPENING: Final = 0.9
"""The rate at a reopening, as a share of the rate that passed."""
GROWTH: Final = 0.1
PLATEAU: Final = 10.0
"""With GROWTH the shape of the curve: seconds until 0.9 times the rate that passed has grown to that rate."""
LEAST: Final = 0.1
"""The lowest rate, as a share of the rate that passed."""
LATE: Final = 0.5
"""Seconds after which a slot is lost, so that callers that were held up elsewhere do not come all at once."""
ALMOST: Final = 0.000_001
"""Seconds. A shorter wait is none: adding it to a clock's time may change nothing."""


@frozen
class Schedule:
    """How densely slots follow one another after a reopening."""

    opens_at: float
    """The reopening, in seconds on the clock of the batch."""
    passed: float
    """The rate that last passed, in requests a second, above 0."""
    opening: float = OPENING
    """The rate at the reopening, as a share of `passed`, from 0 to 1."""

    def rate(self, at: float) -> float:
        """The requests a second at this time. Pure."""
        plateau = PLATEAU * math.cbrt((1.0 - self.opening) / GROWTH)
        grown: float = 1.0 + GROWTH * ((at - self.opens_at - plateau) / PLATEAU) ** 3
        return self.passed * max(LEAST, grown)


@define(eq=False)
class Slot:
    """The time at which a caller may send its next request."""

    at: float = -math.inf
    """In seconds on the clock of the batch. -inf: none is reserved."""


@define(eq=False)
class Queue:
    """The reserved slots, in their order."""

    _slots: deque[Slot] = field(factory=deque[Slot])
    _next: float = -math.inf
    """The time of the next slot that is reserved."""
    _schedule: Schedule | None = None

    def wait(self, slot: Slot, schedule: Schedule, now: float) -> float:
        """The seconds until the slot; 0 if it is due. Reserves one if there is none, or if it was lost."""
        self._follow(schedule)
        while self._slots and self._slots[0].at < now - LATE:
            self._slots.popleft()
        if slot.at < max(schedule.opens_at, now - LATE):
            # One slot is made good: a caller that comes a little late does not lower the rate.
            self._next = max(self._next, now - 1.0 / schedule.rate(now))
            self._place(slot, schedule)
            self._slots.append(slot)
        return slot.at - now if slot.at - now >= ALMOST else 0.0

    def take(self, slot: Slot) -> None:
        """Use the slot for a request. The caller reserves another one for its next request."""
        if slot in self._slots:  # not if none was reserved, or if it was lost
            self._slots.remove(slot)
        slot.at = -math.inf

    def _follow(self, schedule: Schedule) -> None:
        """Move all slots if the schedule has changed."""
        if schedule != self._schedule:
            self._schedule = schedule
            self._next = max(schedule.opens_at, self._slots[0].at if self._slots else self._next)
            for slot in self._slots:
                self._place(slot, schedule)

    def _place(self, slot: Slot, schedule: Schedule) -> None:
        slot.at = self._next
        self._next += 1.0 / schedule.rate(self._next)
