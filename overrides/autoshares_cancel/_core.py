"""What Client and AsyncClient share: their settings, the beginning of a call and its end. No I/O but reading files."""

import time
from collections.abc import Callable
from typing import NoReturn, Self, Unpack, cast

from attrs import define, field

from autoshares_cancel._auth import LogIn, TokenCache, log_in
from autoshares_cancel._credentials import Credentials, PasswordCredentials
from autoshares_cancel._deadline import Clock, Deadline
from autoshares_cancel._environment import settings_from_env
from autoshares_cancel._evidence import Attempt, Evidence
from autoshares_cancel._outcomes import Cancelled, attempt_of, outcome_of
from autoshares_cancel._secret import Secret
from autoshares_cancel._settings import Options, Settings
from autoshares_cancel._transport import Timeouts, Verify
from autoshares_cancel._validation import check_id, check_seconds
from autoshares_cancel.errors import ConfigurationError


@define
class Call:
    """One call of cancel_order under way."""

    account_id: int
    order_id: int
    deadline: Deadline
    secrets: tuple[Secret, ...] = field(repr=False)


class Core:
    """What both clients share: settings, requests, outcomes."""

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Credentials,
        api_version: str = "1",
        deadline: float = 30.0,
        token_margin: float = 300.0,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  # frozen
        verify: Verify = True,
        clock: Clock = time.monotonic,
    ) -> None:
        self._settings = Settings(
            base_url=base_url,
            credentials=credentials,
            api_version=api_version,
            deadline=deadline,
            token_margin=token_margin,
            timeouts=timeouts,
            verify=verify,
            clock=clock,
        )
        self._cache = TokenCache(self._settings.credentials, self._settings.token_margin, clock)
        self._open(self._settings)

    def _open(self, settings: Settings) -> None:
        raise NotImplementedError

    @classmethod
    def from_env(cls, *, second_factor: Callable[[], str] | None = None, **options: Unpack[Options]) -> Self:
        """Read AUTOSHARES_BASE_URL, _API_VERSION, _APP_KEY, and _USERNAME with _PASSWORD (and _PIN_CODE), or _TOKEN.

        Each secret may instead be in a file that is named by the same variable with _FILE appended. Reads variables
        and files, no network. Raises ConfigurationError that names the variable.
        """
        return cls(**settings_from_env(second_factor), **options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._settings.base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is not pickled or copied: make a new one where it is needed")

    def _begin(self, account_id: object, order_id: object, deadline: object, *, closed: bool) -> Call:
        account, order = check_id("account_id", account_id), check_id("order_id", order_id)
        seconds = self._settings.deadline if deadline is None else check_seconds("deadline", deadline)
        if closed:
            raise ConfigurationError("the client is closed: make a new one")
        return Call(account, order, Deadline.after(seconds, self._settings.clock), self._settings.credentials.secrets)

    def _dialog(self) -> LogIn:
        # Only who can renew a token is ever asked to.
        return log_in(cast(PasswordCredentials, self._settings.credentials))

    def _attempt(self, call: Call, evidence: Evidence, started_at: float) -> tuple[Evidence, Attempt]:
        return evidence, attempt_of(evidence, self._settings.clock() - started_at, call.secrets)

    def _conclude(self, call: Call, evidence: Evidence, attempts: tuple[Attempt, ...]) -> Cancelled:
        outcome = outcome_of(
            evidence, account_id=call.account_id, order_id=call.order_id, attempts=attempts, secrets=call.secrets
        )
        if isinstance(outcome, Cancelled):
            return outcome
        raise outcome
