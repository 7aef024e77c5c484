"""Calls under way: a warm-up, an order, an account, a page; and what is told of a cancel however it ends."""

from collections.abc import Callable
from typing import Protocol, cast

from attrs import define, field

from autoshares_cancel._cancel.flow import Cancellation
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._engine.backend import Backend
from autoshares_cancel._engine.events import AttemptEvent, forget_frames
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._engine.tracing import CallTrace
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._retry.backend import What
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Attempt, Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import AuthenticationError, NoReply, NotSent, OutcomeUnknown


class SharedByBatch(Protocol):
    """What the calls of a batch share."""

    denied: set[int]
    """Accounts that have refused a fresh token."""

    @property
    def throttle(self) -> "Throttled":
        """What holds all of them back."""
        ...

    def throttle_of_call(self) -> Callable[[], float]:
        """Seconds that one call has to wait before its next request, each time it is called."""
        ...


class Throttled(Protocol):
    """Learns of every reply how long the server wants to be left alone."""

    def observe(self, evidence: Evidence) -> None:
        """Take note of a reply."""
        ...


@define(eq=False, kw_only=True)
class Call:
    """One call of a client under way. A warm-up is no more than this."""

    backend: Backend = field(repr=False)
    timeouts: Timeouts
    deadline: Deadline
    began_at: float
    rounds: int | None = None
    """How many log-ins had ended when the batch of this call began; None without a batch."""
    trace: CallTrace | None = field(default=None, repr=False)
    transmission: Transmission | None = None
    """The last request, as its connection sees it."""

    async def exchange(self, request: HttpRequest, secrets: tuple[Secret, ...] = ()) -> Evidence:
        """Send one request of this call, traced where the call is."""
        transmission = self.transmission = Transmission(self.deadline, self.timeouts)
        if self.trace is None:
            return await self.backend.exchange(request, transmission, secrets)
        with self.trace.request(request.method, request.url) as trace:
            trace.evidence = await self.backend.exchange(request, transmission, secrets)
            return trace.evidence


@define(eq=False, kw_only=True)
class AccountCall(Call):
    """A call about everything that is open in an account."""

    account_id: int
    secrets: tuple[Secret, ...] = field(repr=False)


@define(eq=False, kw_only=True)
class PageCall(AccountCall):
    """What a call about an account does for one page of a listing."""

    page_number: int
    status_filter: str | None
    _count: int = 0

    def next_request(self, requests: Requests, _: What, token: Secret) -> HttpRequest:
        """Build the next request about the page."""
        return requests.build_for_page(self.account_id, self.page_number, self.status_filter, token)

    def event_of(self, _: Evidence, attempt: Attempt) -> AttemptEvent:
        """What is told of a request that has ended."""
        self._count += 1
        return AttemptEvent(account_id=self.account_id, order_id=0, number=self._count, attempt=attempt)


@define(eq=False, kw_only=True)
class OrderCall(Call):
    """A call about one order."""

    account_id: int
    order_id: int
    secrets: tuple[Secret, ...] = field(repr=False)
    venue: bool = False
    in_doubt: bool = False
    is_sending: bool = False
    """Whether the last request was a cancel, so that it may have left."""
    batch: SharedByBatch | None = field(default=None, repr=False)
    """The batch that it belongs to."""
    outcome: Outcome | None = None
    _count: int = 0

    def next_request(self, requests: Requests, what: What, token: Secret) -> HttpRequest:
        """Build the next request about the order, which may have left from now on."""
        self.is_sending = what == "cancel"
        return requests.build_for_order(what, self.account_id, self.order_id, token, venue=self.venue)

    def event_of(self, evidence: Evidence, attempt: Attempt) -> AttemptEvent:
        """What is told of a request that has ended; the batch learns of it, too."""
        self._count += 1
        if self.batch is not None:
            self.batch.throttle.observe(evidence)
        return AttemptEvent(account_id=self.account_id, order_id=self.order_id, number=self._count, attempt=attempt)

    def result(self) -> Cancelled:
        """The outcome, which is raised unless it is Cancelled."""
        if isinstance(self.outcome, Cancelled):
            return self.outcome
        raise cast(Exception, self.outcome)

    def interrupted_outcome(self, cancellation: Cancellation, detail: str) -> Outcome:
        """What is true where the call ends without an end."""
        kind: type[OutcomeUnknown | NotSent] = NotSent
        if self.in_doubt or cancellation.accepted is not None or cancellation.answer is not None:
            kind = OutcomeUnknown
        elif self.is_sending and self.transmission is not None and self.transmission.may_have_left:
            kind = NoReply
        outcome = kind(
            account_id=self.account_id, order_id=self.order_id, detail=detail, attempts=cancellation.attempts
        )
        return cast(Outcome, outcome)


@define(eq=False)
class OutcomeReporter:
    """Around a call: tells also of one that ends by an exception.

    A failed log-in is an outcome, and goes no further; what stops the program or the task does.
    """

    call: OrderCall
    cancellation: Cancellation
    report: Callable[[OrderCall, Outcome], None]

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> bool:
        if isinstance(error, AuthenticationError):
            self.report(self.call, cast(Outcome, error))
            return True
        if error is not None:
            forget_frames(error)
            detail = f"{type(error).__name__} while it was under way"
            self.report(self.call, self.call.interrupted_outcome(self.cancellation, detail))
        return False
