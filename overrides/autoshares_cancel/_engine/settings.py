"""The options of a client, checked when the client is made: the same for Client and AsyncClient."""

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from autoshares_cancel._auth.credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._auth.token_cache import LIFETIME
from autoshares_cancel._engine.events import OnAttempt, OnOutcome
from autoshares_cancel._engine.tracing import Tracks
from autoshares_cancel._http.tls import Timeouts, Verify
from autoshares_cancel._http.transport import AsyncTransport, Transport
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._validation import (
    Validator,
    check_app_name,
    check_base_url,
    check_callable,
    check_flag,
    check_kind,
    check_margin,
    check_pause,
    check_seconds,
    check_version,
    checked,
)
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel.errors import ConfigurationError


def _check_telemetry(name: str, value: object) -> None:
    # A class has the method that isinstance looks for, too.
    if isinstance(value, type) or not isinstance(value, Tracks):
        raise ConfigurationError(f"{name} must be Telemetry(...), from autoshares_cancel.telemetry")


def _kind(*kinds: type) -> Validator:
    return checked(partial(check_kind, kinds=kinds))


def _callable(what: str) -> Validator:
    return checked(partial(check_callable, kind=f"a callable that {what}"))


@frozen(eq=False, kw_only=True)
class Settings:
    """The options of one client. Raises ConfigurationError for an unusable one. No I/O."""

    base_url: str = field(converter=check_base_url)
    credentials: Credentials = field(validator=_kind(PasswordCredentials, TokenCredentials))
    api_version: str = field(converter=check_version)
    deadline: float = field(validator=checked(check_seconds))
    token_margin: float = field(validator=checked(partial(check_margin, below=LIFETIME)))
    login_pause: float = field(validator=checked(check_pause))
    timeouts: Timeouts = field(validator=_kind(Timeouts))
    verify: Verify
    retry: RetryPolicy = field(validator=_kind(RetryPolicy))
    resolve: bool = field(validator=checked(check_flag))
    clock: Clock = field(validator=_callable("returns seconds, like time.monotonic"))
    sleep: Callable[[float], Any] | None = field(validator=optional(_callable("waits for that many seconds, or None")))
    random: Callable[[], float] = field(validator=_callable("returns a number from 0 to below 1, like random.random"))
    on_attempt: OnAttempt | None = field(validator=optional(_callable("takes an AttemptEvent, or None")))
    on_outcome: OnOutcome | None = field(validator=optional(_callable("takes an OutcomeEvent, or None")))
    telemetry: Tracks | None = field(validator=optional(checked(_check_telemetry)))
    transport: Transport | AsyncTransport | None
    app_name: str | None = field(default=None, validator=optional(checked(check_app_name)))

    @property
    def proxies(self) -> bool:
        """Whether the environment's proxies may be used: not for loopback http, where a proxy would see everything."""
        return self.base_url.startswith("https:")
