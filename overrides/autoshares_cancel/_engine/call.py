"""The state of each kind of call: a warm-up, an order, an account, a page. Reports also an interrupted cancel."""

from collections.abc import Callable
from typing import Protocol, cast

from attrs import define, field

from autoshares_cancel._cancel.flow import Cancellation
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome, interrupted
from autoshares_cancel._engine.backend import Backend
from autoshares_cancel._engine.events import AttemptEvent
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._engine.tracing import CallTrace
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._retry.backend import What
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Attempt, Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import with_shown_headers
from autoshares_cancel.errors import OutcomeUnknown


class SharedByBatch(Protocol):
    """The part of a batch that its calls share."""

    denied: set[int]
    """Accounts that refused a fresh token."""

    @property
    def throttle(self) -> "Throttled":
        """The throttle of all calls of the batch."""
        ...

    def throttle_of_call(self) -> Callable[[], float]:
        """Make a function for one call: it returns the seconds to wait before the next request."""
        ...


class Throttled(Protocol):
    """Observes every reply for a Retry-After."""

    def observe(self, evidence: Evidence, sent_at: float) -> None:
        """Take in the evidence of a request that was sent at this time, in seconds on the client's clock."""
        ...


@define(eq=False, kw_only=True)
class Call:
    """One call of a client. A warm-up has no further state."""

    backend: Backend = field(repr=False)
    timeouts: Timeouts
    deadline: Deadline
    began_at: float
    reference: str | None = None
    """The caller's own, for logs, events and spans. It is never sent."""
    retry: RetryPolicy | None = None
    """None is the client's."""
    rounds: int | None = None
    """The number of log-ins that had ended when the batch of this call began; None without a batch."""
    trace: CallTrace | None = field(default=None, repr=False)
    transmission: Transmission | None = None
    """The last request on the network."""

    async def exchange(
        self, request: HttpRequest, secrets: tuple[Secret, ...] = (), seconds: float | None = None
    ) -> Evidence:
        """Send one request of this call once, for at most `seconds`, and trace it if the call is traced."""
        deadline = self.deadline if seconds is None else Deadline.after(seconds, self.deadline.clock)
        transmission = self.transmission = Transmission(deadline, self.timeouts)
        if self.trace is None:
            return await self.backend.exchange(request, transmission, secrets)
        with self.trace.request(request.method, request.url) as trace:
            evidence = await self.backend.exchange(request, transmission, secrets)
            trace.evidence = with_shown_headers(evidence, secrets)
            return evidence


@define(eq=False, kw_only=True)
class AccountCall(Call):
    """A call about all open orders of an account."""

    account_id: int
    secrets: tuple[Secret, ...] = field(repr=False)


@define(eq=False, kw_only=True)
class PageCall(AccountCall):
    """The part of an AccountCall that reads one page of a listing."""

    page_number: int
    status_filter: str | None
    _count: int = 0

    def next_request(self, requests: Requests, _: What, token: Secret) -> HttpRequest:
        """Build the next request of the page."""
        return requests.build_for_page(self.account_id, self.page_number, self.status_filter, token)

    def observe(self, evidence: Evidence, attempt: Attempt) -> None:
        """Count a request that has ended."""
        del evidence, attempt
        self._count += 1

    def event_of(self, attempt: Attempt) -> AttemptEvent:
        """Make the event of the last request."""
        return AttemptEvent(
            account_id=self.account_id, order_id=0, number=self._count, attempt=attempt, reference=self.reference
        )


@define(eq=False, kw_only=True)
class OrderCall(Call):
    """A call about one order."""

    account_id: int
    order_id: int
    secrets: tuple[Secret, ...] = field(repr=False)
    confirm: bool = False
    venue: bool = False
    in_doubt: bool | OutcomeUnknown = False
    """Whether an earlier call may have cancelled the order; the outcome of that call, if the caller gave it."""
    resolve: bool | None = None
    """None is the client's."""
    is_sending: bool = False
    """Whether the last request was a cancel."""
    batch: SharedByBatch | None = field(default=None, repr=False)
    """The batch of this call, if any."""
    outcome: Outcome | None = None
    _count: int = 0

    def next_request(self, requests: Requests, what: What, token: Secret) -> HttpRequest:
        """Build the next request about the order, and note whether it is a cancel."""
        self.is_sending = what == "cancel"
        return requests.build_for_order(what, self.account_id, self.order_id, token, venue=self.venue)

    def observe(self, evidence: Evidence, attempt: Attempt) -> None:
        """Count a request that has ended, and let the batch observe its evidence."""
        self._count += 1
        if self.batch is not None:
            self.batch.throttle.observe(evidence, self.began_at + attempt.started_at)

    def event_of(self, attempt: Attempt) -> AttemptEvent:
        """Make the event of the last request."""
        return AttemptEvent(
            account_id=self.account_id,
            order_id=self.order_id,
            number=self._count,
            attempt=attempt,
            reference=self.reference,
        )

    def result(self) -> Cancelled:
        """Return Cancelled; raise every other outcome."""
        if isinstance(self.outcome, Cancelled):
            return self.outcome
        raise cast(Exception, self.outcome)

    def interrupted_outcome(self, cancellation: Cancellation, detail: str) -> Outcome:
        """The outcome of a call that an exception ended."""
        may_have_acted = cancellation.accepted is not None or cancellation.suspect is not None
        is_open = self.is_sending and not cancellation.is_recorded
        outcome = interrupted(
            account_id=self.account_id,
            order_id=self.order_id,
            detail=detail,
            in_doubt=self.in_doubt is not False or may_have_acted,
            may_have_left=is_open and self.transmission is not None and self.transmission.may_have_left,
            answer=cancellation.answer,
            attempts=cancellation.attempts,
        )
        return cast(Outcome, outcome)
