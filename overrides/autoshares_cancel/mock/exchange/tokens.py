"""Tokens and the log-in dialog that issues them.

1. A token is an opaque random text of one of two kinds. An access token gives access to its user's accounts for 24
   hours.
2. An interim token stands for a log-in that waits for one more step. It gives access to nothing and lives for ten
   minutes. A right answer to its step uses it up; after a wrong answer it can be used again.
3. A second log-in does not change the tokens of the first, unless `end_others` is called after it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from attrs import define, field, frozen

from autoshares_cancel.mock.exchange.users import LogIn, Step, User

ACCESS_LIFE_SECONDS = 24 * 60 * 60
INTERIM_LIFE_SECONDS = 10 * 60

_ASKING: dict[Step, str] = {
    "VerificationCode": "Enter the verification code",
    "SecutityPin": "Enter the security pin",
}
_REFUSING: dict[Step, str] = {
    "VerificationCode": "Invalid verification code",
    "SecutityPin": "Invalid security pin",
}


def refused(step: str, reason: str) -> LogIn:
    """Make the answer to a log-in that failed at `step`."""
    return LogIn(state="Failed", step=step, reason=reason)


@frozen(kw_only=True)
class Token:
    """An issued token: its user, its expiry on the exchange's clock, and the step that an interim token waits for."""

    username: str
    expires_at: float
    step: Step | None = None


@frozen(kw_only=True)
class Proofs:
    """The proofs in a request for a token beside user name and password; None for a missing header."""

    interim_token: str | None = field(default=None, repr=False)
    verification_code: str | None = field(default=None, repr=False)
    pin_code: str | None = field(default=None, repr=False)

    @property
    def is_follow_up(self) -> bool:
        """Whether the request answers an earlier 202."""
        return (self.interim_token, self.verification_code, self.pin_code) != (None, None, None)

    def match(self, step: Step, user: User) -> bool:
        """Tell whether the request has the right answer of `user` to `step`."""
        if step == "VerificationCode":
            return self.verification_code == user.verification_code
        return self.pin_code == user.pin


@define
class Tokens:
    """All tokens issued so far; `now` is the exchange's clock, in seconds."""

    now: Callable[[], float]
    _given: dict[str, Token] = field(factory=dict[str, Token], init=False, repr=False)

    def access(self, text: str) -> Token | None:
        """Return a live access token by its text; None if there is none."""
        token = self._live(text)
        return token if token is not None and token.step is None else None

    def clear(self) -> None:
        """Forget every token."""
        self._given.clear()

    def end_others(self, username: str, kept: str | None) -> None:
        """Forget every access token of this user except `kept`."""
        self._given = {
            text: token
            for text, token in self._given.items()
            if text == kept or token.username != username or token.step is not None
        }

    def log_in(self, user: User, proofs: Proofs) -> LogIn:
        """Answer a log-in with the right password: a token, the next step, or a refusal."""
        if not user.steps:
            return self._succeed(user)
        if not proofs.is_follow_up:
            return self._expect(user, user.steps[0])
        token = self._live(proofs.interim_token or "")
        if token is None or token.step is None or token.username != user.username:
            return refused("BaseAuthentication", "Corrupted ticket")
        if not proofs.match(token.step, user):
            return refused(token.step, _REFUSING[token.step])
        self._given.pop(proofs.interim_token or "")
        following = user.step_after(token.step)
        return self._succeed(user) if following is None else self._expect(user, following)

    def _expect(self, user: User, step: Step) -> LogIn:
        token = self._give(Token(username=user.username, expires_at=self.now() + INTERIM_LIFE_SECONDS, step=step))
        return LogIn(state="Expecting", step=step, reason=_ASKING[step], token=token)

    def _succeed(self, user: User) -> LogIn:
        token = self._give(Token(username=user.username, expires_at=self.now() + ACCESS_LIFE_SECONDS))
        return LogIn(state="Succeeded", token=token)

    def _give(self, token: Token) -> str:
        text = secrets.token_urlsafe()
        self._given[text] = token
        return text

    def _live(self, text: str) -> Token | None:
        token = self._given.get(text)
        return token if token is not None and self.now() < token.expires_at else None
