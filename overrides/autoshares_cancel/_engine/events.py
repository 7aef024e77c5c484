"""The events of a client, for the log and for observers.

Every request about an order and every outcome makes one event. It goes to the logger `autoshares_cancel`, and to
on_attempt or on_outcome. No event contains a secret. An observer that raises changes nothing.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._values.evidence import Attempt
from autoshares_cancel.errors import OutcomeUnknown

LOG: Final = logging.getLogger("autoshares_cancel")
LOG.addHandler(logging.NullHandler())  # no output until the program configures logging


@frozen(kw_only=True)
class AttemptEvent:
    """A request about an order or a page of a listing has ended, with or without a reply."""

    account_id: int
    order_id: int
    """0 for a page of a listing."""
    number: int
    """The number of the attempt in its call, from 1."""
    attempt: Attempt
    reference: str | None = None
    """The caller's reference for the call."""


@frozen(kw_only=True)
class OutcomeEvent:
    """A cancel of one order has ended, even if an interruption ended it."""

    account_id: int
    order_id: int
    outcome: Outcome
    seconds: float
    """Seconds since the beginning of the call, on the client's clock."""
    reference: str | None = None
    """The caller's reference for the call."""


OnAttempt = Callable[[AttemptEvent], object]
OnOutcome = Callable[[OutcomeEvent], object]


def is_wanted(observer: Callable[[Any], object] | None, level: int = logging.INFO) -> bool:
    """Whether the log takes an event of this level, or there is an observer."""
    return observer is not None or LOG.isEnabledFor(level)


def report_attempt(event: AttemptEvent, observer: OnAttempt | None) -> None:
    """Log an attempt at level INFO, and notify the observer."""
    attempt = event.attempt
    fields = {
        "account_id": event.account_id,
        "order_id": event.order_id,
        "attempt": event.number,
        "what": attempt.what,
        "evidence": attempt.evidence,
        "status_code": attempt.status_code,
        "milliseconds": round(attempt.seconds * 1000, 3),
        "sent_at": None if attempt.sent_at is None else attempt.sent_at.isoformat(),
        "date": attempt.date,
        "headers": dict(attempt.headers),
        "reference": event.reference,
    }
    LOG.info("%(what)s %(order_id)s: %(evidence)s (%(milliseconds)s ms)", fields, extra=fields)
    notify(event, observer)


def level_of(outcome: Outcome) -> int:
    """WARNING if it is unknown, and INFO otherwise."""
    return logging.WARNING if isinstance(outcome, OutcomeUnknown) else logging.INFO


def report_outcome(event: OutcomeEvent, observer: OnOutcome | None) -> None:
    """Log an outcome at its level, and notify the observer."""
    outcome = event.outcome
    fields = {
        "account_id": event.account_id,
        "order_id": event.order_id,
        "outcome": type(outcome).__name__,
        "status_code": getattr(outcome, "status_code", None),
        "detail": getattr(outcome, "detail", None),
        "attempts": len(getattr(outcome, "attempts", ())),
        "milliseconds": round(event.seconds * 1000, 3),
        "reference": event.reference,
    }
    words = {"words": outcome.meaning}
    LOG.log(level_of(outcome), "order %(order_id)s: %(words)s (%(milliseconds)s ms)", fields | words, extra=fields)
    notify(event, observer)


def notify(event: object, observer: Callable[[Any], object] | None) -> None:
    """Call an observer, if there is one. An exception that it raises is logged, and changes nothing."""
    if observer is None:
        return
    try:
        observer(event)
    except Exception as error:  # noqa: BLE001  # whatever an observer does, the call goes on
        # Without the traceback: its frames may hold secrets, and a handler may print them.
        LOG.error("an observer raised %s, which changes nothing", type(error).__name__)  # noqa: TRY400  # as above


def forget_frames(error: BaseException) -> None:
    """Remove the tracebacks of an exception and of its contexts: their frames hold headers in clear text."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        current.__traceback__ = None
        current = current.__context__
