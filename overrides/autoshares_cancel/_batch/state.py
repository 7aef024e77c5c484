"""The state of one batch, the same for Batch and AsyncBatch. No I/O.

1. Every order that the batch takes is yielded exactly once with its outcome, whatever happens. The batch takes orders
   only while the caller waits for the next outcome, and at most `concurrency` at a time: an order keeps its slot until
   the caller asks for the next outcome after its own.
2. An order never raises. The outcome of anything that is not an order is ConfigurationError, and the outcome of an
   order that can't be sent any more is NotSent.
3. A failed log-in or the end of its deadline stops the batch: all further orders are NotSent, and /token gets no
   further request. An account that refuses a fresh token gets no other one in this batch.
4. The rate and a Retry-After limit all requests of the batch together (throttle).
5. An order that has not begun spends its deadline only in pauses that the server asks for, and ends when it is spent.
   Once it begins, its call has a whole deadline. Neither the rate nor the slow reopening after a pause counts.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, cast

from attrs import define, field

from autoshares_cancel._batch.item import BatchItem
from autoshares_cancel._batch.options import BatchOptions, Progress
from autoshares_cancel._batch.pacing import Slot
from autoshares_cancel._batch.throttle import Throttle, limiter_of
from autoshares_cancel._cancel.outcomes import Cancelled, failed_log_in, interrupted
from autoshares_cancel._engine.events import notify
from autoshares_cancel._engine.fork import call_in_child
from autoshares_cancel._validation import check_in_doubt
from autoshares_cancel._values.deadline import Clock, Deadline
from autoshares_cancel.errors import ConfigurationError, NotAuthorized, OrderConflict, OutcomeUnknown

CLOSED: Final = "the batch was closed before its turn"
STOPPED: Final = "the batch was stopped before its turn"
SHORTEST_LOOK: Final = 0.001
"""Seconds of the shortest wait and the shortest deadline."""
LONGEST_LOOK: Final = 0.1
"""Seconds after which an order that waits for the throttle checks whether the batch was stopped."""


@define(eq=False)
class BatchState:
    """One batch under way: its options, its throttle, the reason why it stopped, and the counts of outcomes."""

    options: BatchOptions
    clock: Clock
    order_deadline: float
    """The seconds of each order."""
    rounds: int = 0
    """The number of log-ins that had ended when the batch began: a log-in that fails later is not repeated."""
    throttle: Throttle = field(init=False)
    stopped: str | None = None
    """Why no more orders are sent."""
    denied: set[int] = field(factory=set[int])
    """Accounts that refused a fresh token."""
    _deadline: Deadline | None = None
    _is_inherited: bool = False
    _began_at: float = 0.0
    _counts: Counter[str] = field(factory=Counter[str])

    def __attrs_post_init__(self) -> None:
        options = self.options
        self.throttle = Throttle(self.clock)
        if options.rate is not None:
            self.throttle.limit(limiter_of(options.rate), options.rate)
        self._began_at = self.clock()
        call_in_child(self, BatchState._inherited)
        if options.batch_deadline is not None:
            self._deadline = Deadline.after(options.batch_deadline, self.clock)

    def check_process(self) -> None:
        """Raise ConfigurationError in a forked child, which has no threads and tasks of the batch."""
        if not self.is_here:
            raise ConfigurationError("a batch goes on in the process that began it: make another one here")

    @property
    def is_here(self) -> bool:
        """Whether this process began the batch."""
        return not self._is_inherited

    def _inherited(self) -> None:
        self._is_inherited = True

    def shortened(self, seconds: float) -> float:
        """These seconds, or the rest of the batch's deadline if that is shorter; at least SHORTEST_LOOK."""
        return seconds if self._deadline is None else max(SHORTEST_LOOK, self._deadline.shortened(seconds))

    def refuses(self, item: BatchItem[Any]) -> bool:
        """Whether the order can't be sent (any more). If so, sets its outcome. Does no I/O."""
        try:
            account_id, order_id = item.ids()
            in_doubt = self.in_doubt(item)
        except ConfigurationError as error:
            item.outcome = error.with_traceback(None)
            return True
        if self.stopped is None and self._deadline is not None and self._deadline.remaining() <= 0:
            self.stopped = "the deadline of the batch was over before its turn"
        reason = self.stopped or self._lease_of(item) or self._pause_of(item)
        if reason is not None:
            item.outcome = interrupted(
                account_id=account_id, order_id=order_id, detail=reason, in_doubt=in_doubt is not False
            )
        return reason is not None

    def _lease_of(self, item: BatchItem[Any]) -> str | None:
        """Why the order can't begin any more, if its lease is too short by now."""
        left = self.options.seconds_left
        is_too_short = left is not None and left(item.order) < self.order_deadline
        return "its lease was too short before its turn" if is_too_short else None

    def _pause_of(self, item: BatchItem[Any]) -> str | None:
        """Why the order can't wait any longer for the server; None if it can."""
        if item.paused_before is None or self.throttle.paused() - item.paused_before < self.order_deadline:
            return None
        asked = self.throttle.asked
        time = "" if asked is None else f" {asked:g} s"
        return f"the server asked to wait{time}; the deadline of the order was over before its turn"

    def in_doubt(self, item: BatchItem[Any]) -> bool | OutcomeUnknown:
        """Whether the server may have acted on an earlier cancel. Raises ConfigurationError if in_doubt fails."""
        if item.in_doubt is None:
            asks = self.options.in_doubt is not None
            item.in_doubt = asks and check_in_doubt(self._doubt(item.order), *item.ids())
        return item.in_doubt

    def _doubt(self, order: object) -> object:
        try:
            return cast("Callable[[Any], object]", self.options.in_doubt)(order)
        except Exception as error:  # noqa: BLE001  # the caller's function may raise anything
            problem = f"in_doubt raised {type(error).__name__}"
        raise ConfigurationError(problem)

    def seconds_before(self, item: BatchItem[Any]) -> float:
        """The seconds to wait before the next call of this; 0 if the order may begin, or has its outcome already."""
        if self.refuses(item) or (wait := self.throttle.wait(item.slot)) <= 0:
            return 0.0
        paused = self.throttle.paused()
        if item.paused_before is None:
            item.paused_before = paused
        left = self.order_deadline - (paused - item.paused_before)
        return self.shortened(min(wait, max(left, SHORTEST_LOOK), LONGEST_LOOK))

    def throttle_of_call(self) -> Callable[[], float]:
        """Make the throttle of one call. seconds_before has already counted its first request."""
        began_at = self.clock()
        slot: Slot | None = None

        def wait() -> float:
            nonlocal slot
            if slot is None:
                slot = Slot(began_at)
                # A call that logs in first sends its request later than it was counted, so it is counted again.
                if self.clock() < began_at + self.throttle.late:
                    return self.throttle.held()
            return self.throttle.wait(slot)

        return wait

    def record(self, item: BatchItem[Any]) -> None:
        """Count the outcome of an item that has ended, and stop the batch if its log-in failed."""
        if item.outcome is None:
            self.stopped = self.stopped or "interrupted before its turn"
            self.refuses(item)
        outcome = item.outcome
        if isinstance(outcome, BaseException):
            outcome.__traceback__ = None  # its frames would live as long as the outcome
            # A log-in that only lacked time says nothing about the next one.
            if self.stopped is None and not item.is_late and failed_log_in(outcome) is not None:
                self.stopped = "not tried, because the log-in failed"
        if isinstance(outcome, NotAuthorized):
            self.denied.add(outcome.account_id)
        elif isinstance(outcome, Cancelled | OrderConflict):  # the token works again
            self.denied.discard(outcome.account_id)
        self._counts[type(outcome).__name__] += 1

    def report_progress(self, under_way: int) -> None:
        """Call on_progress, if there is one."""
        if self.options.on_progress is None:
            return
        counts = dict(self._counts)  # one step, because other threads keep counting
        progress = Progress(
            done=sum(counts.values()),
            under_way=under_way,
            counts=counts,
            seconds=self.clock() - self._began_at,
        )
        notify(progress, self.options.on_progress)
