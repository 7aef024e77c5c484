"""What a client tells while it works: to the log, and to observers.

One event for each request about an order and one for each outcome, through `logging` under `autoshares_cancel` and to
the functions that the client was given. None of them holds a secret, and an observer that raises changes nothing.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._values.evidence import Attempt
from autoshares_cancel.errors import OutcomeUnknown

LOG: Final = logging.getLogger("autoshares_cancel")
LOG.addHandler(logging.NullHandler())  # silent until the program sets logging up


@frozen(kw_only=True)
class AttemptEvent:
    """A request about an order has ended, in a reply or without one."""

    account_id: int
    order_id: int
    """0 where it is about a page of a listing, and no single order."""
    number: int
    """Counted from 1 in the call."""
    attempt: Attempt


@frozen(kw_only=True)
class OutcomeEvent:
    """A call of cancel_order has ended, also where an interruption goes on to the caller."""

    account_id: int
    order_id: int
    outcome: Outcome
    seconds: float
    """From the beginning of the call, on the client's clock."""


OnAttempt = Callable[[AttemptEvent], object]
OnOutcome = Callable[[OutcomeEvent], object]


def report_attempt(event: AttemptEvent, observer: OnAttempt | None) -> None:
    """Log an attempt at level INFO, and hand it to the observer."""
    attempt = event.attempt
    fields = {
        "account_id": event.account_id,
        "order_id": event.order_id,
        "attempt": event.number,
        "what": attempt.what,
        "evidence": attempt.evidence,
        "status_code": attempt.status_code,
        "milliseconds": round(attempt.seconds * 1000, 3),
    }
    LOG.info("%(what)s %(order_id)s: %(evidence)s (%(milliseconds)s ms)", fields, extra=fields)
    notify(event, observer)


def report_outcome(event: OutcomeEvent, observer: OnOutcome | None) -> None:
    """Log an outcome, at level WARNING where nobody knows and at INFO otherwise, and hand it to the observer."""
    outcome = event.outcome
    words = "cancelled" if isinstance(outcome, Cancelled) else outcome.meaning
    fields = {
        "account_id": event.account_id,
        "order_id": event.order_id,
        "outcome": type(outcome).__name__,
        "status_code": getattr(outcome, "status_code", None),
        "detail": getattr(outcome, "detail", None),
        "attempts": len(getattr(outcome, "attempts", ())),
        "milliseconds": round(event.seconds * 1000, 3),
    }
    level = logging.WARNING if isinstance(outcome, OutcomeUnknown) else logging.INFO
    LOG.log(level, "order %(order_id)s: %(words)s (%(milliseconds)s ms)", fields | {"words": words}, extra=fields)
    notify(event, observer)


def notify(event: object, observer: Callable[[Any], object] | None) -> None:
    """Tell an observer, if there is one. What it raises is logged, and changes nothing."""
    if observer is None:
        return
    try:
        observer(event)
    except Exception as error:  # noqa: BLE001  # whatever an observer does, the call goes on
        # Without its frames: they may hold anything, and a handler may print them.
        LOG.error("an observer raised %s, which changes nothing", type(error).__name__)  # noqa: TRY400  # as said


def forget_frames(error: BaseException) -> None:
    """Take the frames away from an exception that is not ours and those behind it: they hold headers in clear."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        current.__traceback__ = None
        current = current.__context__
