"""Many orders as one batch: what both clients share. No I/O.

1. Every order that is taken in comes out exactly once, with its outcome, whatever happens in between. Orders are taken
   in one by one, when the caller comes for the next outcome, and not more at a time than may be under way: the slot of
   an order is free again when the caller comes back after its outcome.
2. Nothing is raised for an order: what is no order is a ConfigurationError, what can't be tried any more is NotSent.
3. A failed log-in stops the batch, and so does the end of its deadline: what still comes is NotSent, and /token is not
   asked again. An account that refuses a fresh token gets no other one in this batch.
4. Rate and Retry-After bound all requests of the batch together (throttle).
"""

from collections import Counter
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, Final, Generic, cast

from attrs import define, field

from autoshares_cancel._batch.options import BatchOptions, Progress
from autoshares_cancel._batch.throttle import Throttle, limiter_of
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._engine.events import notify
from autoshares_cancel._engine.fork import call_in_child
from autoshares_cancel._validation import check_flag, check_id
from autoshares_cancel._values.deadline import Clock, Deadline
from autoshares_cancel._values.order import O
from autoshares_cancel.errors import (
    AuthenticationError,
    ConfigurationError,
    NotAuthorized,
    NotSent,
    OutcomeUnknown,
)

SHORTEST_LOOK: Final = 0.001
LONGEST_LOOK: Final = 0.1
"""Seconds after which who waits for the pace looks whether the batch was stopped meanwhile."""


@define(eq=False)
class BatchItem(Generic[O]):
    """One order of a batch, from when it was taken in until it comes out."""

    order: O
    outcome: Outcome | None = None
    has_begun: bool = False
    has_ended: bool = False
    in_doubt: bool | None = None
    """None until it is asked."""
    context: Context | None = field(default=None, repr=False)
    """In which a thread works it off; a task has its own."""

    def run(self, work: "Callable[[BatchItem[O]], None]") -> None:
        """Have it worked off, in its context."""
        (self.context or copy_context()).run(work, self)

    def ids(self) -> tuple[int, int]:
        """Account and order; raises ConfigurationError for what is no order."""
        try:
            account_id, order_id = cast("tuple[object, object]", self.order)
        except Exception:  # noqa: BLE001  # whatever it is, it is no pair
            account_id = order_id = None
        if account_id is None:
            raise ConfigurationError("an order of a batch must be a pair of account_id and order_id")
        return check_id("account_id", account_id), check_id("order_id", order_id)


@define(eq=False)
class BatchState:
    """One batch under way: what it may do, why no more is sent, and what has become of them."""

    options: BatchOptions
    clock: Clock
    rounds: int = 0
    """How many log-ins of the client had ended when it began: one that fails after that is not made again."""
    throttle: Throttle = field(init=False)
    stopped: str | None = None
    """Why no more orders are sent."""
    denied: set[int] = field(factory=set[int])
    """Accounts that have refused a fresh token."""
    _deadline: Deadline | None = None
    _is_inherited: bool = False
    _began_at: float = 0.0
    _counts: Counter[str] = field(factory=Counter[str])

    def __attrs_post_init__(self) -> None:
        options = self.options
        self.throttle = Throttle(self.clock, None if options.rate is None else limiter_of(options.rate))
        self._began_at = self.clock()
        call_in_child(self, BatchState._inherited)
        if options.batch_deadline is not None:
            self._deadline = Deadline.after(options.batch_deadline, self.clock)

    def check_process(self) -> None:
        """Raises ConfigurationError in a forked child, where the threads and tasks of the batch are not."""
        if not self.is_here:
            raise ConfigurationError("a batch goes on in the process that began it: make another one here")

    @property
    def is_here(self) -> bool:
        """Whether the batch can be worked off in this process."""
        return not self._is_inherited

    def _inherited(self) -> None:
        self._is_inherited = True

    def shortened(self, seconds: float) -> float:
        """That many seconds, or what the whole batch has left; never quite nothing."""
        return seconds if self._deadline is None else max(SHORTEST_LOOK, self._deadline.shortened(seconds))

    def refuses(self, item: BatchItem[Any]) -> bool:
        """Whether the order can't be sent, or not any more: then its outcome is there already. Does no I/O."""
        try:
            account_id, order_id = item.ids()
            in_doubt = self.is_in_doubt(item)
        except ConfigurationError as error:
            item.outcome = error.with_traceback(None)
            return True
        if self.stopped is None and self._deadline is not None and self._deadline.remaining() <= 0:
            self.stopped = "the deadline of the batch was over before its turn"
        if self.stopped is not None:
            kind = OutcomeUnknown if in_doubt else NotSent
            item.outcome = kind(account_id=account_id, order_id=order_id, detail=self.stopped)
        return self.stopped is not None

    def is_in_doubt(self, item: BatchItem[Any]) -> bool:
        """Whether an earlier cancel may have been acted upon; raises ConfigurationError where nobody can say."""
        if item.in_doubt is None:
            item.in_doubt = self.options.in_doubt is not None and check_flag("in_doubt", self._doubt(item.order))
        return item.in_doubt

    def _doubt(self, order: object) -> object:
        try:
            return cast("Callable[[Any], object]", self.options.in_doubt)(order)
        except Exception as error:  # noqa: BLE001  # the caller's own, whatever it is
            problem = f"in_doubt raised {type(error).__name__}"
        raise ConfigurationError(problem)

    def seconds_before(self, item: BatchItem[Any]) -> float:
        """Seconds to wait until this is asked again; 0 when the turn may begin, or has its outcome already."""
        wait = 0.0 if self.refuses(item) else self.throttle.wait()
        return self.shortened(min(wait, LONGEST_LOOK)) if wait > 0 else 0.0

    def throttle_of_call(self) -> Callable[[], float]:
        """The pace as one call asks for it, whose first request has been waited for."""
        waited_for = [self.clock() + SHORTEST_LOOK]

        def wait() -> float:
            # Who had to log in first does not come when it was counted, and is counted again.
            is_in_time = bool(waited_for) and self.clock() < waited_for.pop()
            return self.throttle.held() if is_in_time else self.throttle.wait()

        return wait

    def record(self, item: BatchItem[Any]) -> None:
        """Told that a turn is over, before its slot is free again."""
        if item.outcome is None:
            self.stopped = self.stopped or "interrupted before its turn"
            self.refuses(item)
        outcome = item.outcome
        if isinstance(outcome, BaseException):
            outcome.__traceback__ = None  # whose frames would be kept as long as the outcome
        if isinstance(outcome, AuthenticationError) and self.stopped is None:
            self.stopped = "not tried, because the log-in failed"
        if isinstance(outcome, NotAuthorized):
            self.denied.add(outcome.account_id)
        self._counts[type(outcome).__name__] += 1

    def report_progress(self, under_way: int) -> None:
        """Tell the observer how far the batch is."""
        if self.options.on_progress is None:
            return
        counts = dict(self._counts)  # in one step, as threads go on counting
        progress = Progress(
            done=sum(counts.values()),
            under_way=under_way,
            counts=counts,
            seconds=self.clock() - self._began_at,
        )
        notify(progress, self.options.on_progress)
