"""How long a call waits before it sends a request again, and what that costs. No I/O, no clock, no sleep.

1. Waiting that the server asks for costs no attempt and no budget, only time. It is never shorter than the backoff, and
   at least half of it: a server that limits the rate must not be asked again at once.
2. If nothing left this machine, the wait is at least three quarters of the backoff: with the default policy more than a
   second in all, for a server that restarts. The server has not seen the request, so it costs little of the budget.
3. Any other wait is the backoff with full jitter. The client cuts a wait of its own choice to half of the rest of the
   call, so that the last request is a late one.
4. An attempt that another one may have to follow takes a part of the rest only.
"""

from collections.abc import Callable
from typing import Final

from attrs import define

from autoshares_cancel._retry.decision import asks_to_wait, retry_after
from autoshares_cancel._retry.policy import RetryBudget, RetryPolicy
from autoshares_cancel._values.evidence import Evidence, NotWritten

SHORTEST_WAIT: Final = 0.02
"""Seconds. With less than twice that left, another request is of no use."""

KEPT: Final = 0.4
"""The part of the rest of a call that an attempt leaves. Measured by tests/bench/kept_time.py."""


def limit_of_attempt(remaining: float, *, is_followed: bool) -> float:
    """The seconds that an attempt may take. `is_followed`: whether another request may have to follow. Pure."""
    return remaining * (1 - KEPT) if is_followed else remaining


@define(eq=False)
class Waits:
    """The waits between requests of one kind, in one call."""

    policy: RetryPolicy
    budget: RetryBudget
    random: Callable[[], float]
    requests: int = 0
    """Requests that this call has sent."""
    free: int = 0
    """Those of them that cost no attempt."""

    def count(self, evidence: Evidence) -> None:
        """Count a request by its evidence."""
        self.requests += 1
        self.free += asks_to_wait(evidence)

    def next(self, evidence: Evidence, remaining: float) -> float | None:
        """Seconds to wait before another request, which is paid for; None if there must not be one."""
        if asks_to_wait(evidence):
            return self._patience(retry_after(evidence), remaining)
        if self.requests - self.free >= self.policy.attempts or remaining < 2 * SHORTEST_WAIT:
            return None
        nothing_left = isinstance(evidence, NotWritten)
        if not self.budget.spend(RetryBudget.COST_UNSENT if nothing_left else RetryBudget.COST):
            return None
        jitter = 0.75 + self.random() / 4 if nothing_left else self.random()
        return self._chosen(self.requests, jitter, remaining)

    def poll(self, nth: int, remaining: float) -> float | None:
        """Seconds to wait before the order is read for the next time, counted from 1; None without time for that."""
        return None if remaining < 2 * SHORTEST_WAIT else self._chosen(nth, self.random(), remaining)

    def _chosen(self, nth: int, jitter: float, remaining: float) -> float:
        return min(max(self.policy.backoff(nth, jitter), SHORTEST_WAIT), remaining / 2)

    def _patience(self, asked: float | None, remaining: float) -> float | None:
        if self.policy.attempts == 1:  # retries are switched off
            return None
        wait = max(self.policy.backoff(self.requests, 0.5 + self.random() / 2), asked or 0.0)
        return wait if wait < remaining else None
