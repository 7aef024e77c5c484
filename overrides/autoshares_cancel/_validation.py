"""Checks of every argument that a caller gives. Pure: each returns the value, or raises ConfigurationError."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeGuard, TypeVar

from attrs import Attribute

from autoshares_cancel._values.contract import IDS
from autoshares_cancel.errors import ConfigurationError, OutcomeUnknown

if TYPE_CHECKING:
    from urllib.parse import SplitResult

T = TypeVar("T")

DAY: Final = 24 * 60 * 60.0
MOST_CONNECTIONS: Final = 256
"""The most connections of one client at a time. All of them stay open for the next call."""
LONGEST_NAME: Final = 64
"""Characters of an app_name, and of a reference."""
INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
"""ASCII digits only. int() also accepts 73_552, +73552, spaces and digits of other scripts."""
LONGEST_SHOWN: Final = 40
"""Characters of a wrong text that a message quotes."""
VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
VISIBLE_ASCII: Final = re.compile(r"[!-~]+( +[!-~]+)*")
TCHARS: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""A token of RFC 9110, section 5.6.2."""
PRODUCTS: Final = re.compile(rf"{TCHARS}(/{TCHARS})?( {TCHARS}(/{TCHARS})?)*")
HOST: Final = re.compile(r"[A-Za-z0-9.:_-]+")
BASE_PATH: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")

Validator = Callable[[Any, "Attribute[Any]", Any], None]


def checked(check: Callable[[str, Any], object], *, of: str | None = None) -> Validator:
    """Make an attrs validator of a check: it calls `check(name, value)` with the name of the field.

    `of` is the public class that the field is an argument of; messages begin with it.
    """
    prefix = "" if of is None else f"{of}: "

    def validate(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        check(f"{prefix}{attribute.name}", value)

    return validate


def check_id(name: str, value: object) -> int:
    """Accept an int32 that is really an int: True and "73552" are refused (law 9)."""
    if type(value) is not int:
        raise ConfigurationError(f"{name} must be an int, not {type(value).__name__}")
    if value not in IDS:
        raise ConfigurationError(f"{name} must be an int32, from {IDS.start} to {IDS.stop - 1}, not {value}")
    return value


def parse_id(name: str, text: str) -> int:
    """Read an int32 from plain digits, as on the command line and in files (law 9)."""
    if not INTEGER.fullmatch(text):
        raise ConfigurationError(f"{name} must be plain digits, not {shortened(text)}")
    return check_id(name, int(text))


def shortened(text: str) -> str:
    """Quote a text, cut after LONGEST_SHOWN characters."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


def check_flag(name: str, value: object) -> bool:
    """Accept True and False, and no other value that Python counts as one."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {type(value).__name__}")
    return value


def check_in_doubt(value: object, account_id: int, order_id: int) -> bool | OutcomeUnknown:
    """Accept True, False, and the outcome of an earlier call about this order."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, OutcomeUnknown):
        expected = "True, False or the OutcomeUnknown of the earlier call"
        raise ConfigurationError(f"in_doubt must be {expected}, not {type(value).__name__}")
    if (value.account_id, value.order_id) != (account_id, order_id):
        named = f"order {value.order_id} of account {value.account_id}"
        raise ConfigurationError(f"in_doubt is the outcome of {named}, and order_id is {order_id} of {account_id}")
    return value


def check_kind(name: str, value: object, kinds: tuple[type[T], ...]) -> T:
    """Accept an instance of one of these classes. The message shows no value, which may be a secret."""
    if not isinstance(value, kinds):
        expected = " or ".join(f"{kind.__name__}(...)" for kind in kinds)
        shown = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise ConfigurationError(f"{name} must be {expected}, not {shown}")
    return value


def check_callable(name: str, value: object, kind: str = "a callable") -> object:
    """Accept what can be called. `kind` says in the message what is expected."""
    if not callable(value):
        raise ConfigurationError(f"{name} must be {kind}")
    return value


def check_count(name: str, value: object, most: int) -> int:
    """Accept a whole number from 1 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ConfigurationError(f"{name} must be a whole number from 1 to {most}, not {value!r}")
    return value


def check_connections(value: object) -> int:
    """Accept a number of connections that a client may keep open: 1 to MOST_CONNECTIONS."""
    return check_count("connections", value, MOST_CONNECTIONS)


def check_version(value: object) -> str:
    """Accept digits and dots, as in "1" or "1.0" (law 9)."""
    if not isinstance(value, str) or not VERSION.fullmatch(value):
        raise ConfigurationError(f'api_version must be digits and dots, as in "1" or "1.0", not {value!r}')
    return value


def check_app_name(name: str, value: object) -> str:
    """Accept products as in a User-Agent, such as "my-desk/2.1" (RFC 9110, section 10.1.5), without comments."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not PRODUCTS.fullmatch(value):
        expected = f'products as in "my-desk/2.1", at most {LONGEST_NAME} characters'
        raise ConfigurationError(f"{name} must be {expected}, not {_quoted(value)}")
    return value


def check_reference(name: str, value: object) -> str | None:
    """Accept visible ASCII, which breaks no log line, and None."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not VISIBLE_ASCII.fullmatch(value):
        expected = f"visible ASCII, at most {LONGEST_NAME} characters, without spaces around it"
        raise ConfigurationError(f"{name} must be {expected}, not {_quoted(value)}")
    return value


def _quoted(value: object) -> str:
    return shortened(value) if isinstance(value, str) else type(value).__name__


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_positive(name: str, value: object, most: float, unit: str) -> float:
    """Accept a number above 0 and up to `most`. `unit` says in the message what it counts."""
    if not _is_number(value) or not 0 < value <= most:
        raise ConfigurationError(f"{name} must be a number of {unit} above 0 and up to {most:g}, not {value!r}")
    return float(value)


def check_seconds(name: str, value: object) -> float:
    """Accept a number of seconds above 0 and up to a day: no cancel is worth a longer wait."""
    return check_positive(name, value, DAY, "seconds")


def check_margin(name: str, value: object, below: float) -> float:
    """Accept a number of seconds from 0 to below the given one."""
    if not _is_number(value) or not 0 <= value < below:
        raise ConfigurationError(f"{name} must be a number of seconds from 0 to below {below:g}, not {value!r}")
    return float(value)


def check_pause(name: str, value: object) -> float:
    """Accept a number of seconds from 0 to a day."""
    if not _is_number(value) or not 0 <= value <= DAY:
        raise ConfigurationError(f"{name} must be a number of seconds from 0 to {DAY:g}, not {value!r}")
    return float(value)


def check_base_url(value: object) -> str:
    """Accept an https URL, or http to a loopback address, that ends right before /v1 and /token (law 10).

    Returns it without a slash at its end.
    """
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


def _split(value: str) -> "SplitResult":
    from urllib.parse import urlsplit  # noqa: PLC0415  # as in _is_loopback

    # urlsplit drops tabs and line ends silently, so they are refused first.
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
    import ipaddress  # noqa: PLC0415  # slow to load; only a new client needs it

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(why: str) -> NoReturn:
    # The message leaves the URL out, because it may contain a password.
    raise ConfigurationError(f"base_url {why}")
