"""The pauses that a server asks a batch for, and the rate that passed before. No I/O, no clock, no lock, no sleep.

1. A reply that asks to wait stops the whole batch for that time; without a Retry-After, for UNTOLD_SECONDS.
2. If its request was sent after the last reopening, a new pause begins, and the rate that passed is measured: the
   replies of the last second that did not ask to wait. If it was sent before, it only makes the pause longer: of many
   requests that were on their way, one lowers the rate.
3. Replies that pass in the pause, to requests that were on their way, count as well.
4. If nothing has passed since the last reopening, the rate that passed is kept, and the next opening begins at half
   the last one's share of it. A wait without a Retry-After doubles, up to MOST_UNTOLD_SECONDS.
5. A pause before the tenth reply tells little: then UNKNOWN requests a second are supposed to pass, or what is measured
   if that is more.
6. If in the first pause nine replies pass for each that does not, the server is not at its limit. Then replies are
   counted over the time in which they came, if that is less than a second: a stray 429 at the beginning of a batch does
   not slow it down.
"""

import math
from collections import deque
from typing import Final

from attrs import define, field

from autoshares_cancel._batch.pacing import OPENING, Schedule

UNTOLD_SECONDS: Final = 0.25
"""The wait of the whole batch after a 429 without Retry-After."""
MOST_UNTOLD_SECONDS: Final = 2.0
SECOND: Final = 1.0
"""The time over which replies are counted."""
STRAY: Final = 9
"""Replies that pass in the first pause, for each that asks to wait, if the server is not at its limit."""
STEP: Final = 0.005
"""Seconds. Replies that come closer together are counted together, so that a fast batch needs no more memory."""
UNKNOWN: Final = 10.0
"""The rate that is supposed to pass before ENOUGH replies came, in requests a second. A rate that is too high costs one
429 and its pause; one that is too low slows down the whole batch."""
ENOUGH: Final = 10
LEAST: Final = 1.0
"""The lowest rate that is measured, in requests a second."""
MOST_HALVINGS: Final = 30
SHORTEST: Final = 0.001
"""Seconds. The shortest time over which a rate is measured, and how much too early a request may seem to be sent."""


@define(eq=False)
class Step:
    """Replies that came within STEP."""

    at: float
    """The time of the first one."""
    count: int = 1


@define(eq=False)
class LastSecond:
    """The replies of the last second."""

    _steps: deque[Step] = field(factory=deque[Step])
    _count: int = 0

    def add(self, now: float) -> None:
        """Count a reply."""
        self._count += 1
        if self._steps and now - self._steps[-1].at < STEP:
            self._steps[-1].count += 1
        else:
            self._steps.append(Step(now))
            self.count(now)

    def count(self, now: float) -> int:
        """Forget what is older than a second; the number of the others."""
        while self._steps and self._steps[0].at <= now - SECOND:
            self._count -= self._steps.popleft().count
        return self._count

    @property
    def seconds(self) -> float:
        """The seconds in which they came."""
        return self._steps[-1].at - self._steps[0].at if self._steps else 0.0


@define(eq=False)
class Pauses:
    """The pauses of one batch. All times are in seconds on its clock."""

    opens_at: float = -math.inf
    """The end of the last pause."""
    asked: float | None = None
    """The Retry-After, in seconds, that decided about this end; None if there was none."""
    _began_at: float = math.inf
    _ended: float = 0.0
    """The seconds of all pauses before the last one."""
    _replies: LastSecond = field(factory=LastSecond)
    """Those of the last second that passed."""
    _rate: float = 0.0
    """The highest rate of replies over a second, since the last pause began."""
    _burst: float = 0.0
    """The same over the time in which they came, if that was less."""
    _seen: int = 0
    """All replies of the batch."""
    _floor: float = LEAST
    """The rate that is supposed to pass at least, in requests a second."""
    _passed: int = 0
    """Replies in the pause that passed."""
    _refused: int = 0
    """Replies that asked to wait, to requests that were sent before the last reopening."""
    _in_vain: int = 0
    """Pauses since a request passed."""
    _has_passed: bool = True
    """Whether a request that was sent since the last reopening passed. Before the first pause it does not matter."""
    _is_first: bool = True
    """Whether there was no pause before the last one."""

    @property
    def schedule(self) -> Schedule | None:
        """How requests follow one another now; None before the first pause."""
        if self.opens_at == -math.inf:
            return None
        is_stray = self._is_first and self._passed >= STRAY * self._refused
        rate = self._burst if is_stray else self._rate
        return Schedule(self.opens_at, max(self._floor, rate), OPENING / 2**self._in_vain)

    def seconds(self, now: float) -> float:
        """The seconds that the batch has spent in pauses."""
        return self._ended + max(0.0, min(now, self.opens_at) - self._began_at)

    def passes(self, sent_at: float, now: float) -> None:
        """Take in a reply that does not ask to wait, to a request that was sent then."""
        self._replies.add(now)
        self._seen += 1
        if self._is_new(sent_at):
            self._has_passed = True
        else:
            self._passed, self._in_vain = self._passed + 1, 0
            self._measure(now)

    def asks(self, seconds: float | None, sent_at: float, now: float) -> None:
        """Take in a reply that asks to wait this many seconds, or does not say how long."""
        if self._is_new(sent_at):
            self._begin(now)
        self._seen += 1
        self._refused += 1
        self._hold(seconds, now)

    def _is_new(self, sent_at: float) -> bool:
        return sent_at >= self.opens_at - SHORTEST

    def _begin(self, now: float) -> None:
        """Begin to measure: what passed in the last second, or if nothing did, keep what is known."""
        self._is_first = self.opens_at == -math.inf
        self._floor = UNKNOWN if self._seen < ENOUGH else LEAST
        self._in_vain = 0 if self._has_passed else min(self._in_vain + 1, MOST_HALVINGS)
        if self._has_passed:
            self._rate = self._burst = 0.0
        self._passed, self._refused, self._has_passed = 0, 0, False
        self._measure(now)

    def _measure(self, now: float) -> None:
        count, seconds = self._replies.count(now), self._replies.seconds
        self._rate = max(self._rate, float(count))
        self._burst = max(self._burst, count / max(seconds, SHORTEST))

    def _hold(self, seconds: float | None, now: float) -> None:
        default = min(MOST_UNTOLD_SECONDS, UNTOLD_SECONDS * 2**self._in_vain)
        until = now + (default if seconds is None else seconds)
        if now >= self.opens_at:
            self._ended, self._began_at = self.seconds(now), now
        if until > self.opens_at:
            self.opens_at, self.asked = until, seconds
