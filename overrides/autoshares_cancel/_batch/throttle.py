"""Limits how fast the requests of a batch follow one another: its rate, and what the server asks for. Never sleeps.

1. The rate limits all requests of the batch together, cancels and reads. pyrate-limiter counts them.
2. A Retry-After in the reply about one order applies to all orders: the batch sends nothing before it is over (pauses).
3. After such a pause the batch does not send all that wait at once: its requests follow one another, at first below the
   rate that passed (pacing).

The threads of a Client share it.
"""

import math
import threading
from collections.abc import Callable
from typing import Final, cast

from attrs import define, field

from autoshares_cancel._batch.pacing import Queue, Slot
from autoshares_cancel._batch.pauses import Pauses
from autoshares_cancel._retry.decision import asks_to_wait, retry_after
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel.errors import ConfigurationError

MICROSECONDS: Final = 1_000_000
"""In a second. The bucket counts in whole numbers, so its times are microseconds."""
LATE_SECONDS: Final = 0.001
LATE_PART: Final = 0.01
"""A request may leave later than it was counted by LATE_SECONDS, or by this part of the time between two requests. On a
busy machine an order would wait for another turn otherwise, which is long at a low rate."""


@define
class Throttle:
    """Says when the batch may send its next request."""

    clock: Clock
    limiter: Callable[[float], float] | None = None
    """Takes the time on the clock and returns the seconds to wait; 0 allows a request now, and counts it."""
    late: float = LATE_SECONDS
    """Seconds by which a request may leave later than it was counted."""
    _pauses: Pauses = field(factory=Pauses)
    _queue: Queue = field(factory=Queue)
    _lock: threading.Lock = field(factory=threading.Lock, repr=False, eq=False)

    def limit(self, limiter: Callable[[float], float], rate: float) -> None:
        """Limit the requests to this many a second, which the limiter counts."""
        self.limiter, self.late = limiter, max(LATE_SECONDS, LATE_PART / rate)

    def wait(self, slot: Slot) -> float:
        """The seconds to wait before the next call of this; 0 allows a request now, and counts it.

        The slot keeps the caller's place among those that wait. Each caller has a slot of its own.
        """
        with self._lock:
            now, schedule = self.clock(), self._pauses.schedule
            wait = 0.0 if schedule is None else self._queue.wait(slot, schedule, now)
            if wait == 0.0 and self.limiter is not None:
                wait = self.limiter(now)
            if wait == 0.0:
                self._queue.take(slot)
            return wait

    def held(self) -> float:
        """The seconds that are left of the server's pause, at least 0. Counts nothing."""
        return max(0.0, self._pauses.opens_at - self.clock())

    def hold(self, seconds: float) -> None:
        """Begin a pause that another process was asked for, or make the pause longer."""
        with self._lock:
            now = self.clock()
            self._pauses.asks(seconds, now, now)

    def paused(self) -> float:
        """The seconds that the batch has spent in pauses that the server asked for."""
        with self._lock:
            return self._pauses.seconds(self.clock())

    @property
    def asked(self) -> float | None:
        """The seconds that the server asked to wait in the last pause; None if it gave no time."""
        return self._pauses.asked

    def observe(self, evidence: Evidence, sent_at: float) -> None:
        """Take in the evidence of a request that was sent at this time on the clock.

        A reply that asks to wait stops the whole batch for that time.
        """
        if not isinstance(evidence, Reply):
            return
        with self._lock:
            if asks_to_wait(evidence):
                self._pauses.asks(retry_after(evidence), sent_at, self.clock())
            else:
                self._pauses.passes(sent_at, self.clock())


def limiter_of(rate: float) -> Callable[[float], float]:
    """Make a limiter for this many requests a second, rounded down. A rate below 1 allows one in 1/rate seconds.

    Raises ConfigurationError if the extra `rate` is not installed.
    """
    try:
        from pyrate_limiter import InMemoryBucket, Rate, RateItem  # noqa: PLC0415  # an extra, loaded when it is used
    except ImportError:
        raise ConfigurationError("rate needs pyrate-limiter: pip install 'autoshares-cancel[rate]'") from None
    limit = max(1, math.floor(rate))
    bucket = InMemoryBucket([Rate(limit, math.ceil(MICROSECONDS * max(1.0, 1.0 / rate)))])

    def wait(now: float) -> float:
        item = RateItem("request", int(now * MICROSECONDS))
        bucket.leak(item.timestamp)
        if bucket.put(item):
            return 0.0
        microseconds = cast(int, bucket.waiting(item))
        return max(1, microseconds) / MICROSECONDS

    return wait
