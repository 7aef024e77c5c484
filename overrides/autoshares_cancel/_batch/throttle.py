"""Limits how fast the requests of a batch follow one another: its rate, and the server's Retry-After. Never sleeps.

1. The rate limits all requests of the batch together, cancels and reads. pyrate-limiter counts them.
2. A Retry-After in the reply about one order applies to all orders: the batch sends nothing before it is over. After a
   429 without Retry-After the whole batch waits UNTOLD_SECONDS.

The threads of a Client share it.
"""

import math
import threading
from collections.abc import Callable
from typing import Final, cast

from attrs import define, field

from autoshares_cancel._retry.decision import asks_to_wait, retry_after
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel.errors import ConfigurationError

UNTOLD_SECONDS: Final = 0.25
"""The wait of the whole batch after a 429 without Retry-After."""
MICROSECONDS: Final = 1_000_000
"""In a second. The bucket counts in whole numbers, so its times are microseconds."""


@define
class Throttle:
    """Says when the batch may send its next request."""

    clock: Clock
    limiter: Callable[[float], float] | None = None
    """Takes the time on the clock and returns the seconds to wait; 0 allows a request now, and counts it."""
    _open_at: float = float("-inf")
    _lock: threading.Lock = field(factory=threading.Lock, repr=False, eq=False)

    def wait(self) -> float:
        """The seconds to wait before the next call of this; 0 allows a request now, and counts it."""
        with self._lock:
            held = self.held()
            if held > 0:
                return held
            return 0.0 if self.limiter is None else self.limiter(self.clock())

    def held(self) -> float:
        """The seconds that are left of the server's Retry-After, at least 0. Counts nothing."""
        return max(0.0, self._open_at - self.clock())

    def observe(self, evidence: Evidence) -> None:
        """Take in the evidence of a request. A reply that asks to wait stops the whole batch for that time."""
        if isinstance(evidence, Reply) and asks_to_wait(evidence):
            with self._lock:
                seconds = retry_after(evidence)
                self._open_at = max(self._open_at, self.clock() + (UNTOLD_SECONDS if seconds is None else seconds))


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
