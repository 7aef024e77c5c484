"""What proves who we are. Values only: how they are used is the business of login.

Arguments are wrapped before they are checked, so that no frame of a traceback holds one in clear.
"""

from collections.abc import Callable
from typing import Any

from attrs import Attribute, AttrsInstance, field, frozen, validate

from autoshares_cancel._validation import check_secret
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError


def _wrapped(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


def _is_secret(_: object, attribute: "Attribute[Any]", value: Secret | None) -> None:
    if value is not None:
        check_secret(attribute.name, value)


def _is_callable(_: object, attribute: "Attribute[Any]", value: object) -> None:
    if value is not None and not callable(value):
        raise ConfigurationError(f"{attribute.name} must be a callable without arguments that returns the code")


def _fill(credentials: AttrsInstance, **values: object) -> None:
    # Frozen instances are filled by hand, because attrs' own __init__ would hold the bare arguments when it raises.
    for name, value in values.items():
        object.__setattr__(credentials, name, value)
    validate(credentials)


@frozen(init=False)
class TokenCredentials:
    """An access token that was fetched elsewhere. It is used as it is, and never renewed.

    Raises ConfigurationError for a value that a header can't carry. Does no I/O.
    """

    app_key: Secret = field(validator=_is_secret)
    token: Secret = field(validator=_is_secret)

    def __init__(self, *, app_key: str | Secret, token: str | Secret) -> None:
        app_key = _wrapped(app_key)
        token = _wrapped(token)
        _fill(self, app_key=app_key, token=token)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything that must never be printed."""
        return (self.app_key, self.token)


@frozen(init=False)
class PasswordCredentials:
    """User name and password, from which the client gets its tokens.

    Raises ConfigurationError for a value that a header can't carry. Does no I/O.
    """

    app_key: Secret = field(validator=_is_secret)
    username: Secret = field(validator=_is_secret)
    password: Secret = field(validator=_is_secret)
    second_factor: Callable[[], str] | None = field(validator=_is_callable, repr=False)
    """Called without arguments when the log-in asks for a verification code, and returns it. Its time counts against
    the deadline of the call. AsyncClient calls it in a worker thread and leaves it behind when the deadline is over;
    Client can only wait for it."""
    pin_code: Secret | None = field(validator=_is_secret)
    """Sent when the log-in asks for the PIN, and only then."""

    def __init__(
        self,
        *,
        app_key: str | Secret,
        username: str | Secret,
        password: str | Secret,
        second_factor: Callable[[], str] | None = None,
        pin_code: str | Secret | None = None,
    ) -> None:
        app_key = _wrapped(app_key)
        username = _wrapped(username)
        password = _wrapped(password)
        pin_code = None if pin_code is None else _wrapped(pin_code)
        _fill(
            self, app_key=app_key, username=username, password=password, second_factor=second_factor, pin_code=pin_code
        )

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything that must never be printed."""
        pin = () if self.pin_code is None else (self.pin_code,)
        return (self.app_key, self.username, self.password, *pin)


Credentials = TokenCredentials | PasswordCredentials
