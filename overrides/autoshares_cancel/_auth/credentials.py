"""The credentials of a user, as values. The log-in uses them.

Arguments are wrapped before they are checked, so that no frame of a traceback shows a secret.
"""

from binascii import b2a_base64
from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import AttrsInstance, field, frozen, validate
from attrs.validators import optional

from autoshares_cancel._auth.checks import check_secret, check_token
from autoshares_cancel._auth.token_store import TokenStore
from autoshares_cancel._validation import check_callable, checked
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError

URL_SAFE: Final = str.maketrans("+/", "-_")
"""The characters in which the two alphabets of base64 differ."""
ASKS_FOR_CODE: Final = "a callable without arguments that returns the code"

_token_secret = checked(check_secret, of="TokenCredentials")
_token = checked(check_token, of="TokenCredentials")
_password_secret = checked(check_secret, of="PasswordCredentials")


def _check_store(name: str, value: object) -> None:
    # A class has the methods that isinstance looks for, too.
    if isinstance(value, type) or not isinstance(value, TokenStore):
        raise ConfigurationError(f"{name} must have the methods load, save and lock, as TokenFolder(...) has")


_token_store = optional(checked(_check_store, of="PasswordCredentials"))
_asks_for_code = optional(checked(partial(check_callable, kind=ASKS_FOR_CODE), of="PasswordCredentials"))


def _wrapped(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


def _basic(username: Secret, password: Secret) -> tuple[Secret, ...]:
    """What a gateway sends as Basic authentication, in both alphabets. Without padding, which follows or does not."""
    encoded = b2a_base64(f"{username.reveal()}:{password.reveal()}".encode(), newline=False).decode().rstrip("=")
    return (*map(Secret, dict.fromkeys((encoded, encoded.translate(URL_SAFE)))),)


def _fill(credentials: AttrsInstance, **values: object) -> None:
    # The fields are set here, because the frame of attrs' own __init__ would show the arguments when it raises.
    for name, value in values.items():
        object.__setattr__(credentials, name, value)
    validate(credentials)


@frozen(init=False)
class TokenCredentials:
    """An access token that the caller already has. The client never renews it.

    Give the token without "Bearer". Raises ConfigurationError for a token with it, and for a value that is not visible
    ASCII, which a header could not carry. Does no I/O.
    """

    app_key: Secret = field(validator=_token_secret)
    token: Secret = field(validator=_token)

    def __init__(self, *, app_key: str | Secret, token: str | Secret) -> None:
        app_key = _wrapped(app_key)
        token = _wrapped(token)
        _fill(self, app_key=app_key, token=token)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The values that must never be printed."""
        return (self.app_key, self.token)


@frozen(init=False)
class PasswordCredentials:
    """User name and password. The client logs in with them and gets its tokens.

    Raises ConfigurationError for a value that is not visible ASCII, which a header could not carry, for a
    `second_factor` that can't be called, and for a `token_store` that is none. Does no I/O.
    """

    app_key: Secret = field(validator=_password_secret)
    username: Secret = field(validator=_password_secret)
    password: Secret = field(validator=_password_secret)
    second_factor: Callable[[], str] | None = field(validator=_asks_for_code, repr=False)
    """The client calls this without arguments when the log-in asks for a verification code. It returns the code. Its
    time counts against the deadline of the call. AsyncClient calls it in a worker thread, and abandons that thread at
    the deadline. Client waits until it returns."""
    pin_code: Secret | None = field(validator=optional(_password_secret))
    """The client sends it only when the log-in asks for a PIN."""
    token_store: TokenStore | None = field(validator=_token_store)
    """Shares the session of the user with other processes that have the same store, such as TokenFolder(path). A client
    takes a token from there before it logs in, and puts each new one there. One process logs in at a time; the others
    wait within the deadlines of their calls, and go on with its token, or if it dies. A token is used only with the
    same base URL, application key and user name. A store that fails is logged, and the client logs in by itself; a
    store that is not safe is a ConfigurationError when the client is made. None, the default, writes nothing."""
    _encoded: tuple[Secret, ...] = field(default=(), init=False, repr=False, eq=False)

    def __init__(
        self,
        *,
        app_key: str | Secret,
        username: str | Secret,
        password: str | Secret,
        second_factor: Callable[[], str] | None = None,
        pin_code: str | Secret | None = None,
        token_store: TokenStore | None = None,
    ) -> None:
        app_key = _wrapped(app_key)
        username = _wrapped(username)
        password = _wrapped(password)
        pin_code = None if pin_code is None else _wrapped(pin_code)
        _fill(
            self,
            app_key=app_key,
            username=username,
            password=password,
            second_factor=second_factor,
            pin_code=pin_code,
            token_store=token_store,
        )
        object.__setattr__(self, "_encoded", _basic(username, password))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The values that must never be printed, and user name and password together as base64.

        Base64 of one value alone is not among them: the client never sends it, and no reply is known to have it.
        """
        pin = () if self.pin_code is None else (self.pin_code,)
        return (self.app_key, self.username, self.password, *pin, *self._encoded)


Credentials = TokenCredentials | PasswordCredentials
