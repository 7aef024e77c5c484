"""The token of one user in a store that processes share. A store that fails is logged, and never prevents a call."""

import os
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TypeVar, cast

from attrs import define, field

from autoshares_cancel._auth.credentials import PasswordCredentials
from autoshares_cancel._auth.token_entry import SharedToken, key_of, text_of, token_in
from autoshares_cancel._auth.token_store import LoginLock, TokenStore
from autoshares_cancel._engine.events import LOG
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._http.request import Origin
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError

T = TypeVar("T")

POLL: Final = 0.05
"""Seconds between two looks at the store while another process logs in."""
MOST_SPENT: Final = 8
"""Tokens that a client remembers not to take again."""


class NoLock:
    """Takes the place of a lock that the store can't give."""

    def release(self) -> None:
        """Do nothing."""


@define(eq=False)
class SharedTokens:
    """One entry of a store. Raises ConfigurationError if the store is not safe."""

    store: TokenStore
    key: str
    life: float
    """Seconds since its log-in in which a token is used."""
    wall: Callable[[], float] = time.time
    """Returns the seconds since the UTC epoch."""
    _spent: deque[Secret] = field(factory=lambda: deque[Secret](maxlen=MOST_SPENT), repr=False)
    _problems: dict[str, str] = field(factory=dict[str, str])
    """What does not work at present, so that it is logged once."""

    def __attrs_post_init__(self) -> None:
        try:
            self.store.load(self.key)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001  # as in _try
            self._report("read", error)

    def spend(self, *tokens: Secret | None) -> None:
        """Never take these tokens: the server refused them, or they have expired."""
        self._spent.extend(token for token in tokens if token is not None and token not in self._spent)

    def load(self) -> SharedToken | None:
        """The token of the store, if it is neither too old nor spent."""
        text = self._try("read", lambda: self.store.load(self.key), None)
        found = None if text is None else self._try("understood", lambda: token_in(text, self.wall()), None)
        return None if found is None or found.age >= self.life or found.secret in self._spent else found

    def save(self, secret: Secret, age: float) -> None:
        """Put a token into the store. Its log-in began this many seconds ago."""
        self._try("written", lambda: self.store.save(self.key, text_of(secret, self.wall() - age)), None)

    @contextmanager
    def lock(self) -> Generator[bool]:
        """Try once to take the lock of log-ins. False if another process has it; True if the client may log in."""
        lock = self._try("locked", lambda: self.store.lock(self.key), cast("LoginLock | None", NoLock()))
        try:
            yield lock is not None
        finally:
            if lock is not None:
                self._try("unlocked", lock.release, None)

    def _try(self, what: str, work: Callable[[], T], otherwise: T) -> T:
        try:
            done = work()
        except Exception as error:  # noqa: BLE001  # whatever a store does, the call goes on
            self._report(what, error)
            return otherwise
        self._problems.pop(what, None)
        return done

    def _report(self, what: str, error: Exception) -> None:
        # Without the traceback, and without messages of others: they may have the token in them.
        system = os.strerror(error.errno) if isinstance(error, OSError) and error.errno is not None else None
        reason = str(error) if isinstance(error, ConfigurationError) else system or type(error).__name__
        if self._problems.get(what) != reason:
            self._problems[what] = reason
            LOG.warning("token_store can't be %s, so the client logs in by itself: %s", what, reason)


def shared_tokens_of(settings: Settings, origin: Origin, life: float) -> SharedTokens | None:
    """The entry of a client in the store of its credentials, if they have one."""
    user = settings.credentials
    if not isinstance(user, PasswordCredentials) or user.token_store is None:
        return None
    server = (origin.scheme, origin.host, str(origin.port), origin.path)
    return SharedTokens(user.token_store, key_of(*server, user.app_key.reveal(), user.username.reveal()), life)
