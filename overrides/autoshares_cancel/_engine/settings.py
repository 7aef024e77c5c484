"""What a client is told once: checked when it is made, the same for Client and AsyncClient."""

from collections.abc import Callable
from typing import Any

from attrs import Attribute, field, frozen

from autoshares_cancel._auth.credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._auth.token_cache import LIFETIME
from autoshares_cancel._engine.events import OnAttempt, OnOutcome
from autoshares_cancel._engine.tracing import Tracks
from autoshares_cancel._http.brought import AsyncTransport, Transport
from autoshares_cancel._http.tls import Timeouts, Verify
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._validation import check_base_url, check_flag, check_margin, check_seconds, check_version
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel.errors import ConfigurationError


def _is_credentials(_: object, __: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, PasswordCredentials | TokenCredentials):
        raise ConfigurationError("credentials must be PasswordCredentials or TokenCredentials")


def _is_timeouts(_: object, __: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, Timeouts):
        raise ConfigurationError("timeouts must be Timeouts(...)")


def _is_clock(_: object, __: "Attribute[Any]", value: object) -> None:
    if not callable(value):
        raise ConfigurationError("clock must be a callable that returns seconds, like time.monotonic")


def _is_policy(_: object, __: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, RetryPolicy):
        raise ConfigurationError("retry must be RetryPolicy(...)")


def _is_flag(_: object, attribute: "Attribute[Any]", value: object) -> None:
    check_flag(attribute.name, value)


def _must_be_callable(_: object, attribute: "Attribute[Any]", value: object) -> None:
    if not callable(value):
        raise ConfigurationError(f"{attribute.name} must be a callable")


def _is_callable(settings: object, attribute: "Attribute[Any]", value: object) -> None:
    if value is not None:
        _must_be_callable(settings, attribute, value)


def _is_telemetry(_: object, __: "Attribute[Any]", value: object) -> None:
    if value is not None and (isinstance(value, type) or not isinstance(value, Tracks)):
        raise ConfigurationError("telemetry must be Telemetry(...), from autoshares_cancel.telemetry")


def _deadline_seconds(value: float) -> float:
    return check_seconds("deadline", value)


def _margin_seconds(value: float) -> float:
    return check_margin("token_margin", value, LIFETIME)


@frozen(eq=False, kw_only=True)
class Settings:
    """Raises ConfigurationError for what can't be used. Does no I/O."""

    base_url: str = field(converter=check_base_url)
    credentials: Credentials = field(validator=_is_credentials)
    api_version: str = field(converter=check_version)
    deadline: float = field(converter=_deadline_seconds)
    token_margin: float = field(converter=_margin_seconds)
    timeouts: Timeouts = field(validator=_is_timeouts)
    verify: Verify
    retry: RetryPolicy = field(validator=_is_policy)
    resolve: bool = field(validator=_is_flag)
    clock: Clock = field(validator=_is_clock)
    sleep: Callable[[float], Any] | None = field(validator=_is_callable)
    random: Callable[[], float] = field(validator=_must_be_callable)
    on_attempt: OnAttempt | None = field(validator=_is_callable)
    on_outcome: OnOutcome | None = field(validator=_is_callable)
    telemetry: Tracks | None = field(validator=_is_telemetry)
    transport: Transport | AsyncTransport | None

    @property
    def proxies(self) -> bool:
        """Whether proxies of the environment may be used: not for loopback http, where they would see everything."""
        return self.base_url.startswith("https:")
