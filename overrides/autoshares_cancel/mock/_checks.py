"""Checks for value classes, most of them attrs validators. Each raises ValueError and names the attribute."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from attrs import Attribute

INT32_MIN = -(2**31)
INT32_MAX = 2**31 - 1

Validator = Callable[[Any, "Attribute[Any]", Any], None]


def is_int32(value: object) -> bool:
    """Tell whether `value` is an int, not a bool, that fits into 32 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and INT32_MIN <= value <= INT32_MAX


def int32(_owner: object, attribute: Attribute[Any], value: object) -> None:
    """Check that the value is an int32."""
    if not is_int32(value):
        raise ValueError(f"{attribute.name} must be an int32, not {value!r}")


def one_of(*words: str) -> Validator:
    """Make a check that the value is one of these words."""

    def check(_owner: object, attribute: Attribute[Any], value: object) -> None:
        if value not in words:
            raise ValueError(f"{attribute.name} must be one of {', '.join(words)}, not {value!r}")

    return check


def number(least: int, most: int) -> Validator:
    """Make a check that the value is an int from `least` to `most`, both int32."""

    def check(_owner: object, attribute: Attribute[Any], value: Any) -> None:
        if not is_int32(value) or not least <= value <= most:
            raise ValueError(f"{attribute.name} must be a number from {least} to {most}, not {value!r}")

    return check


def seconds(most: float = math.inf) -> Validator:
    """Make a check that the value is a finite number of seconds, from 0 to `most`."""

    def check(_owner: object, attribute: Attribute[Any], value: object) -> None:
        check_seconds(attribute.name, value, most)

    return check


def check_seconds(name: str, value: Any, most: float = math.inf) -> float:
    """Return a finite number of seconds, from 0 to `most`. Raises ValueError for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value == math.inf or not 0 <= value <= most:
        bounds = ", zero or more" if most == math.inf else f" from 0 to {most}"
        raise ValueError(f"{name} must be a number of seconds{bounds}, not {value!r}")
    return float(value)
