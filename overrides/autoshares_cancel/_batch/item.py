"""One order of a batch, and what the batch knows of it. No I/O."""

from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Generic, cast

from attrs import define, field

from autoshares_cancel._batch.pacing import Slot
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._validation import check_id
from autoshares_cancel._values.order import O
from autoshares_cancel.errors import ConfigurationError, OutcomeUnknown


@define(eq=False)
class BatchItem(Generic[O]):
    """One order of a batch, from the time it is taken until it is yielded."""

    order: O
    outcome: Outcome | None = None
    has_begun: bool = False
    has_ended: bool = False
    is_late: bool = False
    """Whether its deadline was over when it ended."""
    in_doubt: bool | OutcomeUnknown | None = None
    """None until in_doubt was called for the order."""
    slot: Slot = field(factory=Slot, repr=False)
    """Its place among the orders that wait for the throttle."""
    paused_before: float | None = None
    """The seconds that the batch had spent in pauses when the order first waited; None if it did not wait yet."""
    context: Context | None = field(default=None, repr=False)
    """The context in which a thread cancels the order. A task has its own."""
    _ids: tuple[int, int] | None = field(default=None, repr=False)

    def run(self, work: "Callable[[BatchItem[O]], None]") -> None:
        """Call `work` with this item, in its context."""
        (self.context or copy_context()).run(work, self)

    def ids(self) -> tuple[int, int]:
        """The account_id and order_id. Raises ConfigurationError for anything that is not an order."""
        if self._ids is None:
            try:
                account_id, order_id = cast("tuple[object, object]", self.order)
            except Exception:  # noqa: BLE001  # any exception means that it is not a pair
                account_id = order_id = None
            if account_id is None:
                raise ConfigurationError("an order of a batch must be a pair of account_id and order_id")
            self._ids = check_id("account_id", account_id), check_id("order_id", order_id)
        return self._ids
