"""The token cache of one client, and the result of its last log-in. No I/O.

After a refused log-in the client does not ask again for `pause` seconds (law 6): every caller gets the refusal again.
"""

import copy
import math
from collections import deque
from typing import Final

from attrs import define, field

from autoshares_cancel._auth.credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import bounded
from autoshares_cancel._values.token import AccessToken
from autoshares_cancel.errors import AuthenticationError, InvalidCredentials

LIFETIME: Final = 24 * 60 * 60.0
"""Seconds that a token is valid (the vendor's page on /token)."""

MOST_LEARNED: Final = 16
"""Codes and interim tokens that a client remembers, to mask them."""


@define(eq=False)
class TokenCache:
    """The token of one client. It has no lock, because the client lets only one caller at a time log in."""

    credentials: Credentials
    margin: float
    clock: Clock
    pause: float = 0.0
    """Seconds after refused credentials in which they are not sent again."""
    rounds: int = 0
    """The number of log-ins that have ended. A caller that waited for a log-in sees it change."""
    learned: deque[Secret] = field(factory=lambda: deque[Secret](maxlen=MOST_LEARNED), repr=False)
    """Codes and interim tokens of the last log-ins. A server may send them back later, so they are masked, too."""
    _token: AccessToken | None = field(default=None, repr=False)
    _failure: AuthenticationError | None = None
    _paused_until: float = -math.inf
    """On the clock."""

    def __attrs_post_init__(self) -> None:
        if isinstance(self.credentials, TokenCredentials):
            self._token = AccessToken(self.credentials.token, float("inf"))

    @property
    def renewable(self) -> bool:
        """Whether the client can fetch a new token."""
        return isinstance(self.credentials, PasswordCredentials)

    @property
    def known(self) -> tuple[Secret, ...]:
        """Secrets of earlier log-ins that the next one's replies may repeat."""
        return (*self.learned, *(() if self._token is None else (self._token.secret,)))

    @property
    def life(self) -> float:
        """Seconds since its log-in in which a token is used."""
        return LIFETIME - self.margin

    @property
    def last(self) -> Secret | None:
        """The current token, whether it is usable or not."""
        return None if self._token is None else self._token.secret

    def usable(self, refused: AccessToken | None) -> AccessToken | None:
        """The current token; None if there is none, if it is the refused one, or if it is about to expire."""
        token = self._token
        if token is None or token is refused or self.clock() >= token.expires_at:
            return None
        return token

    def check_pause(self) -> None:
        """Raise the last InvalidCredentials again while the pause after it lasts."""
        refusal, seconds = self._failure, self._paused_until - self.clock()
        if not isinstance(refusal, InvalidCredentials) or seconds <= 0:
            return
        pause = f"not asked again for {math.ceil(seconds)} s, by login_pause={self.pause:g}"
        detail = bounded(f"{pause}: {refusal.detail}") or pause
        raise InvalidCredentials(detail=detail, status_code=refusal.status_code)

    def settled(self, refused: AccessToken | None, seen: int) -> AccessToken | None:
        """The result of another caller's log-in since `rounds` was `seen`: its token, or None if there was none.

        Raises its AuthenticationError if it failed: callers that wait for a log-in share its result.
        """
        token = self.usable(refused)
        if token is None and self._failure is not None and self.rounds != seen:
            raise copy.copy(self._failure)
        return token

    def keep(self, secret: Secret, asked_at: float) -> AccessToken:
        """Keep the token of a log-in that began at this time on the clock."""
        token = AccessToken(secret, asked_at + self.life)
        self._token, self._failure, self.rounds = token, None, self.rounds + 1
        return token

    def fail(self, failure: AuthenticationError | None) -> None:
        """Keep the failure of a log-in, and begin the pause if /token refused it.

        None if only the deadline of its own caller ended it.
        """
        if isinstance(failure, InvalidCredentials):
            self._paused_until = self.clock() + self.pause
        self._failure, self.rounds = copy.copy(failure), self.rounds + 1
