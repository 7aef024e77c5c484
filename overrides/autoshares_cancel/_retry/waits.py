"""How long a call waits before it cancels again, and what that costs. No I/O, no clock, no sleep.

Waiting that the server asks for costs no attempt and no budget, only time. It is never shorter than the backoff, and at
least half of it: a server that limits the rate must not be asked again at once.
"""

from collections.abc import Callable

from attrs import define

from autoshares_cancel._retry.decision import asks_to_wait, retry_after
from autoshares_cancel._retry.policy import RetryBudget, RetryPolicy
from autoshares_cancel._values.evidence import Evidence


@define(eq=False)
class Waits:
    """The waits of one call."""

    policy: RetryPolicy
    budget: RetryBudget
    random: Callable[[], float]
    cancels: int = 0
    """Cancels that this call has sent."""
    free: int = 0
    """Those of them that cost no attempt."""

    def count(self, evidence: Evidence) -> None:
        """Count a cancel by what came of it."""
        self.cancels += 1
        self.free += asks_to_wait(evidence)

    def next(self, evidence: Evidence, remaining: float) -> float | None:
        """Seconds to wait before another cancel, which is paid for; None where there must not be one."""
        is_asked = asks_to_wait(evidence)
        wait = self._patience(retry_after(evidence)) if is_asked else self._backoff()
        if wait is None or wait >= remaining:
            return None
        return wait if is_asked or self.budget.spend() else None

    def _backoff(self) -> float | None:
        if self.cancels - self.free >= self.policy.attempts:
            return None
        return self.policy.backoff(self.cancels, self.random())

    def _patience(self, asked: float | None) -> float | None:
        if self.policy.attempts == 1:  # retries are switched off
            return None
        backoff = self.policy.backoff(self.cancels, 0.5 + self.random() / 2)
        return max(backoff, asked or 0.0)
