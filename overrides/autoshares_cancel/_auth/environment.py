"""Reads a client's settings from environment variables, and from the files that they name. No network."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypedDict

from autoshares_cancel._auth.checks import check_secret, check_token
from autoshares_cancel._auth.credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._auth.token_store import TokenStore
from autoshares_cancel._values.contract import DEFAULT_VERSION
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError

BASE_URL: Final = "AUTOSHARES_BASE_URL"
API_VERSION: Final = "AUTOSHARES_API_VERSION"
APP_KEY: Final = "AUTOSHARES_APP_KEY"
USERNAME: Final = "AUTOSHARES_USERNAME"
PASSWORD: Final = "AUTOSHARES_PASSWORD"  # noqa: S105  # the name of a variable
PIN_CODE: Final = "AUTOSHARES_PIN_CODE"
TOKEN: Final = "AUTOSHARES_TOKEN"  # noqa: S105  # the name of a variable
TOKEN_STORE: Final = "AUTOSHARES_TOKEN_STORE"  # noqa: S105  # the name of a variable
FILE_SUFFIX: Final = "_FILE"
FINAL_LINE_END: Final = re.compile(r"(\r\n|\n|\r)\Z")


class EnvironmentSettings(TypedDict):
    """The arguments of a client that come from the environment."""

    base_url: str
    credentials: Credentials
    api_version: str


def settings_from_env(second_factor: Callable[[], str] | None) -> EnvironmentSettings:
    """Read all variables, and the files that they name.

    Raises ConfigurationError, which names the variable, if one is missing, wrong or given twice, or if its file can't
    be read.
    """
    base_url = os.environ.get(BASE_URL)
    if not base_url:
        raise ConfigurationError(f"{BASE_URL} is not set: it is the broker's URL, as in https://broker.example/api")
    return {
        "base_url": base_url,
        "credentials": _credentials_from_env(second_factor),
        "api_version": os.environ.get(API_VERSION) or DEFAULT_VERSION,
    }


def _credentials_from_env(second_factor: Callable[[], str] | None) -> Credentials:
    app_key = _required(APP_KEY)
    token = secret_from_env(TOKEN)
    username, password = secret_from_env(USERNAME), secret_from_env(PASSWORD)
    if token is not None:
        if username is not None or password is not None:
            raise ConfigurationError(f"{TOKEN} is set, and so is {USERNAME} or {PASSWORD}: set one or the other")
        return TokenCredentials(app_key=app_key, token=token)
    if username is None and password is None:
        raise ConfigurationError(f"{USERNAME} and {PASSWORD} are not set, nor is {TOKEN}: set the two, or the one")
    return PasswordCredentials(
        app_key=app_key,
        username=_required(USERNAME),
        password=_required(PASSWORD),
        second_factor=second_factor,
        pin_code=secret_from_env(PIN_CODE),
        token_store=_store_from_env(),
    )


def _store_from_env() -> TokenStore | None:
    path = os.environ.get(TOKEN_STORE)
    if not path:
        return None
    from autoshares_cancel._auth.token_folder import TokenFolder  # noqa: PLC0415  # needs an extra

    try:
        return TokenFolder(path)
    except ConfigurationError as error:
        raise ConfigurationError(f"{TOKEN_STORE}: {error}") from None


def _required(name: str) -> Secret:
    secret = secret_from_env(name)
    if secret is None:
        raise ConfigurationError(f"{name} is not set, nor is {name}{FILE_SUFFIX}")
    return secret


def secret_from_env(name: str) -> Secret | None:
    """Read a secret from its variable, or from the file that NAME_FILE names. An empty variable counts as not set."""
    path = os.environ.get(name + FILE_SUFFIX)
    if path and os.environ.get(name):
        raise ConfigurationError(f"{name} and {name}{FILE_SUFFIX} are both set: keep one")
    if path:
        secret, source = _secret_of(name, path), f"{name}{FILE_SUFFIX}: the secret in its file"
    elif os.environ.get(name):
        secret, source = Secret(os.environ[name]), name
    else:
        return None
    check = check_token if name == TOKEN else check_secret
    check(source, secret)
    return secret


def _secret_of(name: str, path: str) -> Secret:
    """Read a secret from its file, without the line end that `echo` writes."""
    try:
        return Secret(FINAL_LINE_END.sub("", Path(path).read_bytes().decode()))
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "it is no text in UTF-8; save it as UTF-8"
    raise ConfigurationError(f"{name}{FILE_SUFFIX} names a file that can't be read: {problem}")
