"""How often and how soon a client tries again: the policy, the backoff, and the budget that prevents retry storms.

Pure, except for the budget's count, which all calls of a client share. No I/O, no clock, no sleep.
"""

import threading
from functools import partial
from typing import Final

from attrs import define, field, frozen

from autoshares_cancel._validation import check_count, check_seconds, checked

MOST_ATTEMPTS: Final = 100

_count = checked(partial(check_count, most=MOST_ATTEMPTS), of="RetryPolicy")
_seconds = checked(check_seconds, of="RetryPolicy")


@frozen(kw_only=True)
class RetryPolicy:
    """How often a call may try again, within its deadline. `RetryPolicy(attempts=1)` switches retries off.

    Raises ConfigurationError when `attempts` is not a whole number from 1 to 100, or when `base` or `cap` is not a
    number above 0 and up to a day. Does no I/O.
    """

    attempts: int = field(default=5, validator=_count)
    """The most cancels in one call, the most reads after a read has failed, and the most log-ins after one has. The
    attempt after a fresh token does not count, nor one after a wait that the server asks for."""
    base: float = field(default=0.1, validator=_seconds)
    """The longest first wait in seconds. The longest wait doubles after each attempt."""
    cap: float = field(default=2.0, validator=_seconds)
    """The longest wait that the client chooses itself, in seconds. A server's Retry-After may be longer."""

    def backoff(self, attempt: int, random: float) -> float:
        """The seconds to wait after this attempt, counted from 1: full jitter, from 0 to the longest wait. Pure.

        `random` is from 0 up to, but not including, 1.
        """
        return random * min(self.cap, self.base * 2.0 ** min(attempt - 1, 62))


@define(eq=False)
class RetryBudget:
    """Limits the retries of all calls of one client, so that retries do not make a server's trouble worse.

    A retry costs 5, or 1 after a request that did not leave this machine, and is refused when less is left. A reply
    that shows no trouble adds 1, up to 500, as in botocore's standard mode. Threads may share it.
    """

    CAPACITY = 500
    COST = 5
    COST_UNSENT = 1

    left: int = CAPACITY
    _lock: threading.Lock = field(factory=threading.Lock, repr=False, eq=False)

    def spend(self, cost: int = COST) -> bool:
        """Pay for one more retry. False when too little is left; then nothing is paid."""
        with self._lock:
            if self.left < cost:
                return False
            self.left -= cost
            return True

    def earn(self) -> None:
        """Add 1 for a reply that shows no trouble."""
        with self._lock:
            self.left = min(self.CAPACITY, self.left + 1)
