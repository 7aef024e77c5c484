"""Checks of everything that a caller hands in. Pure: each returns the value, or raises ConfigurationError."""

import re
from typing import Final, NoReturn
from urllib.parse import SplitResult, urlsplit

from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError

DAY: Final = 24 * 60 * 60.0
MOST_CONNECTIONS: Final = 256
"""Of one client at the same time; all of them are kept for the next call."""
INT32: Final = range(-(2**31), 2**31)
INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
"""As text: ASCII digits alone. int() takes more: 73_552, +73552, spaces, digits of other scripts."""
LONGEST_SHOWN: Final = 40
VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
VISIBLE_ASCII: Final = re.compile(r"[!-~]+( +[!-~]+)*")
HOST: Final = re.compile(r"[A-Za-z0-9.:_-]+")
BASE_PATH: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


def check_id(name: str, value: object) -> int:
    """An int32 that really is an int: True and "73552" are refused (law 9)."""
    if type(value) is not int:
        raise ConfigurationError(f"{name} must be an int, not {type(value).__name__}")
    if value not in INT32:
        raise ConfigurationError(f"{name} must be an int32, from {INT32.start} to {INT32.stop - 1}, not {value}")
    return value


def parse_id(name: str, text: str) -> int:
    """An int32 out of plain digits, as on the command line and in files (law 9)."""
    if not INTEGER.fullmatch(text):
        raise ConfigurationError(f"{name} must be plain digits, not {shortened(text)}")
    return check_id(name, int(text))


def shortened(text: str) -> str:
    """A text in quotes, of which the beginning is enough."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


def check_flag(name: str, value: object) -> bool:
    """True or False, and nothing that only counts as one."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {type(value).__name__}")
    return value


def check_connections(value: object) -> int:
    """As many connections as may be kept open, and one at least."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_CONNECTIONS:
        raise ConfigurationError(f"connections must be a number from 1 to {MOST_CONNECTIONS}, not {value!r}")
    return value


def check_version(value: object) -> str:
    """Digits and dots, as in "1" or "1.0" (law 9)."""
    if not isinstance(value, str) or not VERSION.fullmatch(value):
        raise ConfigurationError(f'api_version must be digits and dots, as in "1" or "1.0", not {value!r}')
    return value


def check_seconds(name: str, value: object) -> float:
    """A number of seconds above 0, and at most a day, which is more than anybody waits for a cancel."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= DAY:
        raise ConfigurationError(f"{name} must be a number of seconds above 0 and up to {DAY:g}, not {value!r}")
    return float(value)


def check_margin(name: str, value: object, below: float) -> float:
    """A number of seconds from 0 to below the given one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < below:
        raise ConfigurationError(f"{name} must be a number of seconds from 0 to below {below:g}, not {value!r}")
    return float(value)


def check_secret(name: str, secret: Secret) -> None:
    """Visible ASCII, as a header can carry it (law 5: the message never shows the value)."""
    problem = _header_problem(secret.reveal())
    if problem is not None:
        raise ConfigurationError(f"{name} {problem}")


def _header_problem(value: object) -> str | None:
    if not isinstance(value, str):
        return f"must be a str, not {type(value).__name__}"
    if not value:
        return "must not be empty"
    if not VISIBLE_ASCII.fullmatch(value):
        return "must be visible ASCII, without spaces or line ends around it"
    return None


def check_base_url(value: object) -> str:
    """An https URL, or http to a loopback address, that ends where /v1 and /token begin (law 10)."""
    if not isinstance(value, str):
        raise ConfigurationError(f"base_url must be a str, not {type(value).__name__}")
    parts = _split(value)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        _refuse("must begin with https://, or with http:// and a loopback address")
    if parts.username is not None or parts.password is not None:
        _refuse("must not carry a user name or a password; give credentials instead")
    if not BASE_PATH.fullmatch(parts.path.rstrip("/")):
        _refuse("must have a plain path, as in https://broker.example/api")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _split(value: str) -> SplitResult:
    # urlsplit drops tabs and line ends in silence, so they are refused first.
    if not VISIBLE_ASCII.fullmatch(value) or " " in value or "\\" in value:
        _refuse("must be plain ASCII without spaces")
    if "?" in value or "#" in value:
        _refuse("must end with the path, without ? or #")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        _refuse("has a host or a port that can't be read")
    if not parts.hostname or not HOST.fullmatch(parts.hostname) or port == 0 or parts.netloc.endswith(":"):
        _refuse("has a host or a port that can't be read")
    return parts


def _is_loopback(host: str) -> bool:
    import ipaddress  # noqa: PLC0415  # slow to load, and not needed before a client is made

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(why: str) -> NoReturn:
    # The URL itself stays out of the message: it may carry a password.
    raise ConfigurationError(f"base_url {why}")
