"""How often and how soon something may be tried again: the policy, the backoff, and the budget that stops storms.

Pure but for the budget's count, which all calls of a client share. No I/O, no clock, no sleep.
"""

import threading
from typing import Any, Final

from attrs import Attribute, define, field, frozen

from autoshares_cancel._validation import check_seconds
from autoshares_cancel.errors import ConfigurationError

MOST_ATTEMPTS: Final = 100


def _is_count(_: object, attribute: "Attribute[int]", value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_ATTEMPTS:
        raise ConfigurationError(f"{attribute.name} must be a whole number from 1 to {MOST_ATTEMPTS}")


def _is_seconds(_: object, attribute: "Attribute[float]", value: float) -> None:
    check_seconds(attribute.name, value)


@frozen(kw_only=True)
class RetryPolicy:
    """How often a call may try again, within its deadline. `RetryPolicy(attempts=1)` switches it off.

    Raises ConfigurationError for attempts that are no number from 1 to 100, and for seconds that are not above 0 and at
    most a day.
    """

    attempts: int = field(default=5, validator=_is_count)
    """Cancels in one call at most; and reads, where one fails. The one after a fresh token does not count."""
    base: float = field(default=0.1, validator=_is_seconds)
    """Seconds: the longest first wait. The longest of each next one is twice as long."""
    cap: float = field(default=2.0, validator=_is_seconds)
    """Seconds: no wait of our own choice is longer."""

    def backoff(self, attempt: int, random: float) -> float:
        """Seconds to wait after so many attempts, with full jitter: anything from 0 to the longest wait.

        `random` is from 0 up to, but not including, 1.
        """
        return random * min(self.cap, self.base * 2.0 ** min(attempt - 1, 62))


@define(eq=False)
class RetryBudget:
    """What all calls of one client may spend on trying again, so that nobody makes a server's trouble worse.

    A retry costs 5, and is not made when less is left; a reply that is no sign of trouble gives back 1. Full at 500, as
    in botocore's standard mode. May be shared by threads.
    """

    CAPACITY = 500
    COST = 5

    left: int = CAPACITY
    _lock: threading.Lock = field(factory=threading.Lock, repr=False, eq=False)

    def spend(self) -> bool:
        """Whether one more retry may be made; if so, it is paid for."""
        with self._lock:
            if self.left < self.COST:
                return False
            self.left -= self.COST
            return True

    def earn(self) -> None:
        """Told of a reply that is no sign of trouble."""
        with self._lock:
            self.left = min(self.CAPACITY, self.left + 1)
