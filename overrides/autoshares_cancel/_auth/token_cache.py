"""The token of one client: kept until near its end, and what the last log-in has left. No I/O."""

import copy
from collections import deque
from typing import Final

from attrs import define, field

from autoshares_cancel._auth.credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken
from autoshares_cancel.errors import AuthenticationError

LIFETIME: Final = 24 * 60 * 60.0
"""Seconds that a token lives, by the vendor's page on /token."""


MOST_LEARNED: Final = 16


@define(eq=False)
class TokenCache:
    """The token of one client. Not locked: the client lets one caller at a time log in."""

    credentials: Credentials
    margin: float
    clock: Clock
    rounds: int = 0
    """How many log-ins have ended. Who saw it change while waiting was waiting for one of them."""
    learned: deque[Secret] = field(factory=lambda: deque[Secret](maxlen=MOST_LEARNED), repr=False)
    """Codes and interim tokens of the last log-ins: a server may send them back at any time."""
    _token: AccessToken | None = field(default=None, repr=False)
    _failure: AuthenticationError | None = None

    def __attrs_post_init__(self) -> None:
        if isinstance(self.credentials, TokenCredentials):
            self._token = AccessToken(self.credentials.token, float("inf"))

    @property
    def renewable(self) -> bool:
        """Whether a new token can be fetched at all."""
        return isinstance(self.credentials, PasswordCredentials)

    def usable(self, refused: AccessToken | None) -> AccessToken | None:
        """The token at hand, unless it is the one that was refused, or near its end."""
        token = self._token
        if token is None or token is refused or self.clock() >= token.expires_at:
            return None
        return token

    def settled(self, refused: AccessToken | None, seen: int) -> AccessToken | None:
        """What somebody else's log-in has brought since `rounds` was `seen`: a token, its failure raised, or None."""
        token = self.usable(refused)
        if token is None and self._failure is not None and self.rounds != seen:
            raise copy.copy(self._failure)
        return token

    def keep(self, secret: Secret, asked_at: float) -> AccessToken:
        """Remember the token of a log-in that began at that time on the clock."""
        token = AccessToken(secret, asked_at + LIFETIME - self.margin)
        self._token, self._failure, self.rounds = token, None, self.rounds + 1
        return token

    def fail(self, failure: AuthenticationError | None) -> None:
        """Remember that a log-in failed; None where it only ran out of its own caller's time."""
        self._failure, self.rounds = copy.copy(failure), self.rounds + 1
