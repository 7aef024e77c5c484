"""One step of a script: what it was armed with, and how often it is wanted."""

from __future__ import annotations

from attrs import define

from autoshares_cancel.mock._checks import is_int32
from autoshares_cancel.mock.faults.armed import MOST_TIMES


@define(eq=False)
class Step:
    """A step; `text` is the call that armed it. `times` None wants it at least once, and serves it for ever."""

    text: str
    times: int | None
    optional: bool

    def __attrs_post_init__(self) -> None:
        if self.times is not None and (not is_int32(self.times) or not 1 <= self.times <= MOST_TIMES):
            raise ValueError(f"times must be a number from 1 to {MOST_TIMES}, or None for every call: {self.times!r}")

    @property
    def armed_times(self) -> int:
        """How often it strikes at most."""
        return MOST_TIMES if self.times is None else self.times

    def complaint(self, left: int) -> str | None:
        """Say what of it was not used; None if enough was."""
        used = self.armed_times - left
        if self.optional or not left or (self.times is None and used):
            return None
        return self.text if not used else f"{self.text}: used {used} of {self.times} times"


def shown(name: str, *arguments: object, **options: object) -> str:
    """Show a call as it was written, without the bodies of replies."""
    short = {key: "…" if key in {"json", "text", "headers"} else repr(value) for key, value in options.items()}
    return f"{name}({', '.join([*map(repr, arguments), *(f'{key}={value}' for key, value in short.items())])})"
