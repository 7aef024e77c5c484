"""One step of a script: the call that armed it, and how often it must be used."""

from __future__ import annotations

from attrs import define

from autoshares_cancel.mock._checks import is_int32
from autoshares_cancel.mock.faults.armed import MOST_TIMES


@define(eq=False)
class Step:
    """A step; `text` is the call that armed it. `times` None serves every call, and needs at least one."""

    text: str
    times: int | None
    optional: bool

    def __attrs_post_init__(self) -> None:
        if self.times is not None and (not is_int32(self.times) or not 1 <= self.times <= MOST_TIMES):
            raise ValueError(f"times must be a number from 1 to {MOST_TIMES}, or None for every call: {self.times!r}")

    @property
    def armed_times(self) -> int:
        """The most calls that the step serves."""
        return MOST_TIMES if self.times is None else self.times

    def complaint(self, left: int) -> str | None:
        """Describe the unused part of the step, with `left` calls left to serve; None if it was used often enough."""
        used = self.armed_times - left
        if self.optional or not left or (self.times is None and used):
            return None
        return self.text if not used else f"{self.text}: used {used} of {self.times} times"


def shown(name: str, *arguments: object, **options: object) -> str:
    """Write a call as Python code, with … in place of bodies and headers."""
    short = {key: "…" if key in {"json", "text", "headers"} else repr(value) for key, value in options.items()}
    return f"{name}({', '.join([*map(repr, arguments), *(f'{key}={value}' for key, value in short.items())])})"
