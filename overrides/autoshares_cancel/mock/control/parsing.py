"""What comes in under `/_mock/`: JSON read into users, orders and settings, or a `BadInputError` that says why not.

Names are those of the Python classes. A name that is not known is refused, so that a slip never passes for a setting.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

from attrs import NOTHING, evolve, fields_dict

from autoshares_cancel.mock._replies import STATUSES, is_bodiless
from autoshares_cancel.mock._state import Settings, TokenAnswer
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.races import Race
from autoshares_cancel.mock.exchange.users import User

LONGEST_TOKEN_DELAY_SECONDS = 30
LONGEST_VENUE_DELAY_SECONDS = 30
LONGEST_FAULT_PAUSE_SECONDS = 60

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")
_FRAMING = {"connection", "content-length", "transfer-encoding"}

Known = TypeVar("Known", Order, Race, User)


class BadInputError(Exception):
    """The control request does not make sense; the text says why."""


def parse_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise BadInputError("the body is not JSON") from problem
    return as_object(document, "the body")


def parse_advance(document: dict[str, Any]) -> float:
    """Read `{"advance": seconds}`."""
    known_names(document, {"advance"}, "the body")
    return _seconds(document.get("advance"), "advance")


def parse_seed(document: dict[str, Any]) -> tuple[list[User], list[Order]]:
    """Read `{"users": [...], "orders": [...]}`; either may be left out."""
    known_names(document, {"users", "orders"}, "the body")
    users = [_user(item) for item in as_list(document.get("users", []), "users")]
    orders = [_build(Order, item, "an order") for item in as_list(document.get("orders", []), "orders")]
    return users, orders


def parse_races(document: dict[str, Any], settings: Settings) -> list[Race]:
    """Read `{"races": [...]}`; a race after the cancel needs the setting that gives it time."""
    known_names(document, {"races"}, "the body")
    races = [_build(Race, item, "a race") for item in as_list(document.get("races"), "races")]
    if not settings.cancel_delay and any(race.when == "after" for race in races):
        raise BadInputError("a race after the cancel needs a cancel that takes time: set cancel_delay first")
    return races


def parse_settings(document: dict[str, Any], settings: Settings) -> Settings:
    """Read any of the settings, each checked; the others stay as they are."""
    readers: dict[str, Callable[[Any], Any]] = {
        "bodies": _bodies,
        "cancel_delay": _cancel_delay,
        "fault_pause": _fault_pause,
        "redirect_to": _origin,
        "token_answer": _token_answer,
        "token_delay": _token_delay,
        "venue_delay": _venue_delay,
    }
    known_names(document, fields_dict(Settings), "the body")
    return evolve(settings, **{name: readers[name](value) for name, value in document.items()})


def as_object(value: object, what: str) -> dict[str, Any]:
    """Take a JSON object."""
    if not isinstance(value, dict):
        raise BadInputError(f"{what} must be a JSON object")
    return cast("dict[str, Any]", value)


def as_list(value: object, what: str) -> list[object]:
    """Take a JSON list."""
    if not isinstance(value, list):
        raise BadInputError(f"{what} must be a list")
    return cast("list[object]", value)


def known_names(document: dict[str, Any], known: Collection[str], what: str) -> None:
    """Refuse names that are not known."""
    unknown = sorted(document.keys() - set(known))
    if unknown:
        raise BadInputError(f"{what} has {', '.join(map(repr, unknown))}; known are {', '.join(sorted(known))}")


def _build(kind: type[Known], value: object, what: str) -> Known:
    item = as_object(value, what)
    known_names(item, fields_dict(kind), what)
    try:
        return kind(**item)
    except (TypeError, ValueError) as problem:
        missing = [name for name, field in fields_dict(kind).items() if field.default is NOTHING and name not in item]
        reason = f"{', '.join(missing)} missing" if missing else str(problem)
        raise BadInputError(f"{what}: {reason}") from problem


def _user(value: object) -> User:
    item = as_object(value, "a user")
    as_list(item.get("accounts", []), "accounts")
    return _build(User, item, "a user")


def _seconds(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise BadInputError(f"{what} must be a number of seconds, zero or more")
    return float(value)


def _bodies(value: object) -> object:
    if value not in ("guide", "none"):
        raise BadInputError("bodies must be 'guide' or 'none'")
    return value


def _cancel_delay(value: object) -> float:
    return _seconds(value, "cancel_delay")


def _venue_delay(value: object) -> float:
    return _seconds_up_to(LONGEST_VENUE_DELAY_SECONDS, value, "venue_delay")


def _token_delay(value: object) -> float:
    return _seconds_up_to(LONGEST_TOKEN_DELAY_SECONDS, value, "token_delay")


def _fault_pause(value: object) -> float:
    return _seconds_up_to(LONGEST_FAULT_PAUSE_SECONDS, value, "fault_pause")


def _seconds_up_to(longest: float, value: object, what: str) -> float:
    seconds = _seconds(value, what)
    if seconds > longest:
        raise BadInputError(f"{what} must be at most {longest} seconds")
    return seconds


def _origin(value: object) -> str:
    if not isinstance(value, str) or not _ORIGIN.fullmatch(value):
        raise BadInputError("redirect_to must be scheme and host, as in https://other.example")
    return value


def _token_answer(value: object) -> TokenAnswer | None:
    if value is None:
        return None
    answer = as_object(value, "token_answer")
    known_names(answer, fields_dict(TokenAnswer), "token_answer")
    status, body = answer.get("status"), _encodable(answer.get("body", ""))
    if isinstance(status, bool) or not isinstance(status, int) or status not in STATUSES:
        raise BadInputError("token_answer.status must be a number from 100 to 599")
    if body and is_bodiless(status):
        raise BadInputError(f"token_answer.body must be empty, since a {status} has none")
    headers = as_object(answer.get("headers", {}), "token_answer.headers")
    return TokenAnswer(status=status, body=body, headers=dict(map(_header, headers.items())))


def _encodable(body: object) -> str:
    if not isinstance(body, str) or any("\ud800" <= character <= "\udfff" for character in body):
        raise BadInputError("token_answer.body must be text")
    return body


def _header(header: tuple[str, object]) -> tuple[str, str]:
    name, value = header
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _FRAMING:
        raise BadInputError(f"token_answer.headers can't have {name!r}")
    if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
        raise BadInputError(f"token_answer.headers: the value of {name!r} must be one line of Latin-1 text")
    return name, value
