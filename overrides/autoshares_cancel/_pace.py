"""How fast the requests of a batch may follow one another: its rate, and what the server has asked to wait. No sleep.

1. A rate bounds all requests of the batch together, cancels and reads. The counting is pyrate-limiter's.
2. A Retry-After that one order is told is meant for all of them: nobody sends before it is over.

Shared by the threads of a Client.
"""

import math
import threading
from collections.abc import Callable
from typing import Final, cast

from attrs import define, field

from autoshares_cancel._deadline import Clock
from autoshares_cancel._evidence import Evidence, Reply
from autoshares_cancel._retry import retry_after, told_to_wait
from autoshares_cancel.errors import ConfigurationError

MOST_REQUESTS: Final = 100_000
MILLISECONDS: Final = 1000


@define
class Pace:
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
                self._open_at = max(self._open_at, self.clock() + (retry_after(evidence) or 0.0))


def limiter_of(rate: float) -> Callable[[float], float]:
    """At most so many requests a second: in any stretch of that long no more than that.

    Raises ConfigurationError where the extra is missing.
    """
    try:
        from pyrate_limiter import InMemoryBucket, Rate, RateItem  # noqa: PLC0415  # an extra, loaded when it is used
    except ImportError:
        raise ConfigurationError("rate needs pyrate-limiter: pip install 'autoshares-cancel[rate]'") from None
    limit = max(1, math.floor(rate))
    bucket = InMemoryBucket([Rate(limit, math.ceil(MILLISECONDS * limit / rate))])

    def wait(now: float) -> float:
        item = RateItem("request", int(now * MILLISECONDS))
        bucket.leak(item.timestamp)
        if bucket.put(item):
            return 0.0
        milliseconds = cast(int, bucket.waiting(item))
        return max(1, milliseconds) / MILLISECONDS

    return wait
