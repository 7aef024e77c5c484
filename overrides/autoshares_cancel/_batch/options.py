"""What a batch may do, checked, and how far it is."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import Attribute, field, frozen

from autoshares_cancel._validation import MOST_CONNECTIONS, check_flag, check_seconds
from autoshares_cancel.errors import (
    ConfigurationError,
)

MOST_A_SECOND: Final = 100_000.0


@frozen(kw_only=True)
class Progress:
    """How far a batch is."""

    done: int
    """Orders that have an outcome."""
    under_way: int
    """Orders that were taken in and have none yet."""
    counts: Mapping[str, int]
    """How many of each outcome, by the name of its class."""
    seconds: float
    """Since the batch began."""

    @property
    def rate(self) -> float:
        """Orders a second."""
        return self.done / self.seconds if self.seconds > 0 else 0.0


OnProgress = Callable[[Progress], object]


def _check_concurrency(_: object, __: "Attribute[int]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_CONNECTIONS:
        raise ConfigurationError(f"concurrency must be a number from 1 to {MOST_CONNECTIONS}, not {value!r}")


def _check_rate(_: object, __: "Attribute[float | None]", value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_A_SECOND:
        raise ConfigurationError(
            f"rate must be a number of requests a second above 0 and up to {MOST_A_SECOND:g}, not {value!r}"
        )


def _check_flag(_: object, attribute: "Attribute[bool]", value: object) -> None:
    check_flag(attribute.name, value)


def _check_seconds(_: object, attribute: "Attribute[float | None]", value: object) -> None:
    if value is not None:
        check_seconds(attribute.name, value)


def _check_callable(_: object, attribute: "Attribute[Any]", value: object) -> None:
    if value is not None and not callable(value):
        raise ConfigurationError(f"{attribute.name} must be a callable")


@frozen(kw_only=True)
class BatchOptions:
    """What a batch may do. Raises ConfigurationError for what can't be."""

    concurrency: int = field(validator=_check_concurrency)
    rate: float | None = field(validator=_check_rate)
    confirm: bool = field(validator=_check_flag)
    venue: bool = field(validator=_check_flag)
    deadline: float | None = field(default=None, validator=_check_seconds)
    batch_deadline: float | None = field(default=None, validator=_check_seconds)
    in_doubt: Callable[[Any], bool] | None = field(default=None, validator=_check_callable)
    on_progress: OnProgress | None = field(validator=_check_callable)
