"""One call about an order under way, and what is told of it however it ends."""

from collections.abc import Callable
from typing import Protocol, cast

from attrs import define, field

from autoshares_cancel._cancel.flow import Cancellation
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._cancel.steps import ListPage
from autoshares_cancel._engine.events import forget_frames
from autoshares_cancel._engine.tracing import CallTrace
from autoshares_cancel._http.transmission import TRANSMISSION
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import AuthenticationError, NoReply, NotSent, OutcomeUnknown


class SharedByBatch(Protocol):
    """What the calls of a batch share."""

    rounds: int
    """How many log-ins had ended when it began."""
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

    def saw(self, evidence: Evidence) -> None:
        """Take note of a reply."""
        ...


@define(eq=False)
class Call:
    """One call about an order."""

    account_id: int
    order_id: int
    deadline: Deadline
    secrets: tuple[Secret, ...] = field(repr=False)
    began_at: float
    venue: bool = False
    in_doubt: bool = False
    page: ListPage | None = None
    """What is listed, where the call is about no single order."""
    number: int = 0
    """Of requests about the order so far."""
    is_sending: bool = False
    """Whether the last request was a cancel, so that it may have left."""
    trace: CallTrace | None = field(default=None, repr=False)
    batch: SharedByBatch | None = field(default=None, repr=False)
    """The batch that it belongs to."""
    outcome: Outcome | None = None

    def given(self) -> Cancelled:
        """The outcome, which is raised unless it is Cancelled."""
        if isinstance(self.outcome, Cancelled):
            return self.outcome
        raise cast(Exception, self.outcome)

    def cut_off(self, cancellation: Cancellation, detail: str) -> Outcome:
        """What is true where the call ends without an end."""
        transmission = TRANSMISSION.get(None)
        kind: type[OutcomeUnknown | NotSent] = NotSent
        if self.in_doubt or cancellation.accepted is not None or cancellation.answer is not None:
            kind = OutcomeUnknown
        elif self.is_sending and transmission is not None and transmission.may_have_left:
            kind = NoReply
        outcome = kind(
            account_id=self.account_id, order_id=self.order_id, detail=detail, attempts=cancellation.attempts
        )
        return cast(Outcome, outcome)


@define(eq=False)
class Watched:
    """Around a call: tells also of one that ends by an exception.

    A failed log-in is an outcome, and goes no further; what stops the program or the task does.
    """

    call: Call
    cancellation: Cancellation
    tell: Callable[[Call, Outcome], None]

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> bool:
        if isinstance(error, AuthenticationError):
            self.tell(self.call, cast(Outcome, error))
            return True
        if error is not None:
            forget_frames(error)
            detail = f"{type(error).__name__} while it was under way"
            self.tell(self.call, self.call.cut_off(self.cancellation, detail))
        return False
