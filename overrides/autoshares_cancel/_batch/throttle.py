"""How fast the requests of a batch may follow one another: its rate, and what the server has asked to wait. No sleep.

1. A rate bounds all requests of the batch together, cancels and reads. The counting is pyrate-limiter's.
2. A Retry-After that one order is told is meant for all of them: nobody sends before it is over. So is a 429 without
   one, for a moment.

Shared by the threads of a Client.
"""

import math
import threading
from collections.abc import Callable
from typing import Final, cast

from attrs import define, field

from autoshares_cancel._retry.decision import retry_after, told_to_wait
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel.errors import ConfigurationError

UNTOLD_SECONDS: Final = 0.25
"""How long all wait after a 429 that does not say how long."""
MICROSECONDS: Final = 1_000_000
"""What the bucket counts in, to which any whole numbers are right."""


@define
class Throttle:
    """When the next request of a batch may be sent."""

    clock: Clock
    limiter: Callable[[float], float] | None = None
    """Seconds to wait at this time on the clock; 0 where it may be sent now, and then it counts."""
    _open_at: float = float("-inf")
    _lock: threading.Lock = field(factory=threading.Lock, repr=False, eq=False)

    def wait(self) -> float:
        """Seconds until it may be asked again; 0 where a request may be sent now, and then it counts."""
        with self._lock:
            held = self.held()
            if held > 0:
                return held
            return 0.0 if self.limiter is None else self.limiter(self.clock())

    def held(self) -> float:
        """Seconds that the server has asked to wait, and that are not over; nothing counts."""
        return max(0.0, self._open_at - self.clock())

    def saw(self, evidence: Evidence) -> None:
        """Told what became of a request: where that asks for patience, all have it."""
        if isinstance(evidence, Reply) and told_to_wait(evidence):
            with self._lock:
                told = retry_after(evidence)
                self._open_at = max(self._open_at, self.clock() + (UNTOLD_SECONDS if told is None else told))


def limiter_of(rate: float) -> Callable[[float], float]:
    """At most so many requests in any second, rounded down; of less than one a second, one in as long as that takes.

    Raises ConfigurationError where the extra is missing.
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
