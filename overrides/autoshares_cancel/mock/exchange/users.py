"""Users, and the replies to their log-ins."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Literal

from attrs import Attribute, field, frozen

from autoshares_cancel.mock._checks import is_int32

Step = Literal["VerificationCode", "SecutityPin"]  # the vendor's spelling
State = Literal["Succeeded", "Expecting", "Failed"]


def _text(_user: object, attribute: Attribute[Any], value: object) -> None:
    # The message omits the value: most of these fields are secrets.
    if not isinstance(value, str) or not value:
        raise ValueError(f"{attribute.name} must be text that is not empty")


def _text_or_none(user: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None:
        _text(user, attribute, value)


def _account_ids(accounts: Iterable[Any]) -> tuple[int, ...]:
    given: tuple[Any, ...] = (None,)
    with suppress(TypeError):
        given = tuple(accounts)
    if not all(map(is_int32, given)):
        raise ValueError(f"accounts must be int32 account numbers, not {accounts!r}")
    return given


@frozen(kw_only=True)
class User:
    """A user that can log in, and its accounts."""

    username: str = field(validator=_text)
    password: str = field(validator=_text, repr=False)
    accounts: tuple[int, ...] = field(converter=_account_ids)
    verification_code: str | None = field(default=None, validator=_text_or_none, repr=False)
    pin: str | None = field(default=None, validator=_text_or_none, repr=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that follow the password, first to last."""
        secrets: tuple[tuple[Step, str | None], ...] = (
            ("VerificationCode", self.verification_code),
            ("SecutityPin", self.pin),
        )
        return tuple(step for step, secret in secrets if secret is not None)

    def step_after(self, step: Step) -> Step | None:
        """Return the step that follows `step`; None if it was the last."""
        following = self.steps[self.steps.index(step) + 1 :]
        return following[0] if following else None


@frozen(kw_only=True)
class LogIn:
    """The answer to one request for a token, with the vendor's names of states and steps."""

    state: State
    step: str | None = None
    reason: str | None = None
    token: str | None = field(default=None, repr=False)

    def document(self) -> dict[str, str]:
        """Return the answer as the JSON object of the vendor's guide."""
        named = {"State": self.state, "Step": self.step, "Reason": self.reason, "Token": self.token}
        return {name: value for name, value in named.items() if value is not None}
