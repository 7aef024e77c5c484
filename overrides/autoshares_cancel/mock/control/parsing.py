"""Parses the JSON documents of the control API into value classes. Raises ValueError with the reason.

Names are those of the Python classes. An unknown name is refused, so that a typo is never ignored.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, TypeVar, cast

from attrs import NOTHING, evolve, fields_dict

from autoshares_cancel.mock._checks import check_seconds
from autoshares_cancel.mock._settings import Settings, TokenAnswer
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.races import Race
from autoshares_cancel.mock.exchange.users import User
from autoshares_cancel.mock.faults.armed import Armed, RandomFaults

Value = TypeVar("Value", Armed, Order, Race, RandomFaults, TokenAnswer, User)


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise ValueError("the body is not JSON") from problem
    return as_object(document, "the body")


def parse_advance(document: dict[str, Any]) -> float:
    """Parse `{"advance": seconds}`."""
    known_names(document, {"advance"}, "the body")
    return check_seconds("advance", document.get("advance"))


def parse_seed(document: dict[str, Any]) -> tuple[list[User], list[Order]]:
    """Parse `{"users": [...], "orders": [...]}`; either may be left out."""
    known_names(document, {"users", "orders"}, "the body")
    users = [build(User, item, "a user") for item in as_list(document.get("users", []), "users")]
    orders = [build(Order, item, "an order") for item in as_list(document.get("orders", []), "orders")]
    return users, orders


def parse_races(document: dict[str, Any], settings: Settings) -> list[Race]:
    """Parse `{"races": [...]}`; a race after the cancel needs a `cancel_delay`."""
    known_names(document, {"races"}, "the body")
    races = [build(Race, item, "a race") for item in as_list(document.get("races"), "races")]
    check_races(races, settings)
    return races


def check_races(races: Iterable[Race], settings: Settings) -> None:
    """Raise ValueError for a race after the cancel if `cancel_delay` is 0."""
    if not settings.cancel_delay and any(race.when == "after" for race in races):
        raise ValueError("a race after the cancel needs a cancel that takes time: set cancel_delay first")


def parse_settings(document: dict[str, Any], settings: Settings) -> Settings:
    """Parse the settings that the document names; the others keep their values."""
    known_names(document, fields_dict(Settings), "the body")
    if document.get("token_answer") is not None:
        answer = build(TokenAnswer, document["token_answer"], "token_answer")
        return evolve(settings, **document | {"token_answer": answer})
    return evolve(settings, **document)


def build(kind: type[Value], value: object, what: str) -> Value:
    """Make a value from a JSON object with its fields; `what` names the value in a ValueError."""
    item = as_object(value, what)
    known_names(item, fields_dict(kind), what)
    missing = [name for name, field in fields_dict(kind).items() if field.default is NOTHING and name not in item]
    if missing:
        raise ValueError(f"{what}: {', '.join(missing)} missing")
    try:
        return kind(**item)
    except ValueError as problem:
        raise ValueError(f"{what}: {problem}") from problem


def as_object(value: object, what: str) -> dict[str, Any]:
    """Return the value if it is a JSON object; raise ValueError otherwise."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a JSON object")  # noqa: TRY004 - every check raises ValueError
    return cast("dict[str, Any]", value)


def as_list(value: object, what: str) -> list[object]:
    """Return the value if it is a JSON list; raise ValueError otherwise."""
    if not isinstance(value, list):
        raise ValueError(f"{what} must be a list")  # noqa: TRY004 - every check raises ValueError
    return cast("list[object]", value)


def known_names(document: dict[str, Any], known: Collection[str], what: str) -> None:
    """Raise ValueError for unknown names."""
    unknown = sorted(document.keys() - set(known))
    if unknown:
        raise ValueError(f"{what} has {', '.join(map(repr, unknown))}; known are {', '.join(sorted(known))}")
