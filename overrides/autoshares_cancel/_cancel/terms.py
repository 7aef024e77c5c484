"""What a call is allowed to do, and how it ended: what the flow takes and what it gives."""

from collections.abc import Callable
from typing import Final

from attrs import define

from autoshares_cancel._retry.policy import RetryBudget, RetryPolicy
from autoshares_cancel._values.evidence import Attempt, Evidence, NoResponse, NotWritten
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.status import State
from autoshares_cancel.errors import AuthenticationError

EARLIER: Final = NoResponse(reason="an earlier call may have cancelled it")
"""The evidence of an earlier call."""
NO_TIME: Final = NotWritten(reason="no time was left")
THROTTLED: Final = NotWritten(reason="the throttle of the batch left no time")
"""The evidence of requests that were not sent."""


@define(kw_only=True)
class Conclusion:
    """How a call ended, from which its outcome is made.

    `found` is what reading the order proved: that it is cancelled, or over. Otherwise the evidence decides. `unknown`
    means that the outcome is an OutcomeUnknown, whatever the status.
    """

    evidence: Evidence
    attempts: tuple[Attempt, ...]
    order: Order | None = None
    found: State | None = None
    unknown: bool = False
    doubt: str | None = None
    """Why a 200 does not prove the cancel."""
    reading: Evidence | None = None
    """The evidence of the last read, where it did not show the order."""
    failure: AuthenticationError | None = None
    """The failed log-in that ended the call while the order was in doubt."""
    fresh_token: bool = False
    """Whether this call got a new token."""


def no_wait() -> float:
    """The throttle of a call that has none: 0 seconds."""
    return 0.0


@define(eq=False, kw_only=True)
class Terms:
    """What a call is allowed to do, and where its time and chance come from."""

    policy: RetryPolicy
    budget: RetryBudget
    renewable: bool
    resolve: bool
    remaining: Callable[[], float]
    random: Callable[[], float]
    confirm: bool = False
    order_of: Callable[[Evidence], Order | None] = lambda _: None
    """Reads the order out of the reply to a read; None where it can't be read, or where a page is listed."""
    doubt_about: Callable[[Evidence], str | None] = lambda _: None
    """Why the reply to a cancel is no success, where its status says that it is one."""
    in_doubt: bool = False
    """Whether an earlier call may have cancelled the order: then it is read before anything else."""
    throttle: Callable[[], float] = no_wait
    """Seconds to wait until it is asked again; 0 where the next request may be sent."""
