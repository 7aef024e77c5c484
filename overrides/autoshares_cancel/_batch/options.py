"""The options of a batch, checked, and its progress. No I/O."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from attrs import field, frozen
from attrs.validators import optional

from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._validation import (
    MOST_CONNECTIONS,
    check_callable,
    check_count,
    check_flag,
    check_kind,
    check_positive,
    check_reference,
    check_seconds,
    checked,
)
from autoshares_cancel.errors import OutcomeUnknown

MOST_A_SECOND: Final = 100_000.0


@frozen(kw_only=True)
class Progress:
    """How far a batch has come."""

    done: int
    """Orders that have an outcome."""
    under_way: int
    """Orders that the batch has begun and that have no outcome yet."""
    counts: Mapping[str, int]
    """The number of orders for each outcome, by the name of its class."""
    seconds: float
    """Seconds since the batch began."""

    @property
    def rate(self) -> float:
        """Orders per second since the batch began."""
        return self.done / self.seconds if self.seconds > 0 else 0.0


OnProgress = Callable[[Progress], object]


_count = checked(partial(check_count, most=MOST_CONNECTIONS))
_rate = optional(checked(partial(check_positive, most=MOST_A_SECOND, unit="requests a second")))
_flag = checked(check_flag)
_seconds = optional(checked(check_seconds))
_callable = optional(checked(check_callable))
_retry = optional(checked(partial(check_kind, kinds=(RetryPolicy,))))


@frozen(kw_only=True)
class BatchOptions:
    """The options of a batch. Raises ConfigurationError for a value that is out of range or of another type."""

    concurrency: int = field(validator=_count)
    rate: float | None = field(validator=_rate)
    confirm: bool = field(validator=_flag)
    venue: bool = field(validator=_flag)
    deadline: float | None = field(default=None, validator=_seconds)
    batch_deadline: float | None = field(default=None, validator=_seconds)
    in_doubt: Callable[[Any], bool | OutcomeUnknown] | None = field(default=None, validator=_callable)
    on_progress: OnProgress | None = field(validator=_callable)
    reference: str | None = field(default=None, validator=checked(check_reference))
    resolve: bool | None = field(default=None, validator=optional(_flag))
    retry: RetryPolicy | None = field(default=None, validator=_retry)
    seconds_left: Callable[[Any], float] | None = None
    """The seconds for which an order is leased, if it is: it begins only while they outlast its deadline."""
