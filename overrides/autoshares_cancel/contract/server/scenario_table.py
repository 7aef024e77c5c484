"""Reads the scenarios of one server from TOML: its replies, how to provoke each, and the client's outcome of each.

1. A scenario names one documented reply (operation, status, media type), the request that provokes it, and the outcome.
2. A reply that can't be provoked is listed under `not_shown` with the reason. It is reported, and never as shown.
3. An order is a number, or a kind of order from the pools under `orders`. An `open` order is used up: it is cancelled.
4. `accepted` lists known findings with the reasons to accept them: they are reported, but not red.
   An entry that no finding needs is reported, too.
5. `values` has the environment variables of the server's users. Only the mock's credentials are public enough for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from attrs import Attribute, field, fields_dict, frozen

from autoshares_cancel.contract.report.unneeded import is_inside

Documented = tuple[str, int, str]
"""Operation, status, media type; the media type is empty if no body is documented."""

OPERATIONS = ("cancelOrder", "cancelOrderAtVenue", "getOrder", "getToken", "listOrders")
ORDER_KINDS = ("open", "filled", "cancelled", "absent")
TOKEN_KINDS = ("absent", "empty", "wrong", "expired", "interim", "other", "right")
KEY_KINDS = ("absent", "empty", "wrong", "right")
IMPOSSIBLE = -(2**31)
"""An int32 that no broker gives an account or an order."""
USERS = ("trader", "mistyped", "other", "two_factor", "pin", "nobody")


class TableError(Exception):
    """The file does not describe a server; the message has the place and the reason."""


def _one_of(*allowed: str) -> Any:
    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if value not in allowed:
            raise ValueError(f"{attribute.name} must be one of {', '.join(allowed)}, not {value!r}")

    return check


def _is(*kinds: type) -> Any:
    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise TypeError(f"{attribute.name} must be {' or '.join(kind.__name__ for kind in kinds)}, not {value!r}")

    return check


def _order(_: object, __: Attribute[Any], value: object) -> None:
    if not isinstance(value, int) and value not in ORDER_KINDS:
        raise ValueError(f"order must be a number or one of {', '.join(ORDER_KINDS)}, not {value!r}")


def _flag(_: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name} must be true or false, not {value!r}")


def _pools(_: object, __: Attribute[Any], value: dict[str, Any]) -> None:
    unknown = value.keys() - set(ORDER_KINDS)
    if unknown:
        raise ValueError(f"orders has {', '.join(sorted(unknown))}; known are {', '.join(ORDER_KINDS)}")
    for kind, numbers in value.items():
        if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
            raise TypeError(f"orders.{kind} must be a list of numbers")


@frozen(kw_only=True)
class Scenario:
    """One way to get one documented reply, and the class of the client's outcome."""

    name: str = field(validator=_is(str))
    operation: str = field(default="cancelOrder", validator=_one_of(*OPERATIONS))
    status: int = field(validator=_is(int))
    media_type: str = field(default="", validator=_is(str))
    outcome: str = field(validator=_is(str))
    account: int | None = field(default=None, validator=_is(int, type(None)))
    order: int | str = field(default="absent", validator=_order)
    token: str = field(default="right", validator=_one_of(*TOKEN_KINDS))
    key: str = field(default="right", validator=_one_of(*KEY_KINDS))
    user: str = field(default="trader", validator=_one_of(*USERS))
    """The kind of user that logs in; used by getToken only."""
    headers: dict[str, str] = field(factory=dict[str, str])

    @property
    def documented(self) -> Documented:
        """The documented reply that the scenario shows."""
        return self.operation, self.status, self.media_type

    def __str__(self) -> str:
        return f"{self.operation} {self.status} {self.media_type or 'no body'}, {self.name}"


@frozen(kw_only=True)
class Gap:
    """A documented reply that can't be provoked at this server."""

    operation: str = field(default="cancelOrder", validator=_one_of(*OPERATIONS))
    status: int = field(validator=_is(int))
    media_type: str = field(default="", validator=_is(str))
    reason: str = field(validator=_is(str))


@frozen(kw_only=True)
class Accepted:
    """Known findings with a reason to accept them; the report shows each with the reason, and never as green."""

    check: str = field(default="", validator=_is(str))
    """The cells of the report: `section · row`, or `section · row · column`; empty matches any cell."""
    rule: str = field(default="", validator=_is(str))
    """A text that the complaint contains; empty matches any complaint."""
    reason: str = field(validator=_is(str))

    def __attrs_post_init__(self) -> None:
        """Raise ValueError for an entry that would accept everything, or that has no reason."""
        if not (self.check or self.rule) or not self.reason:
            raise ValueError("an accepted finding needs a check or a rule, and a reason")

    def covers(self, places: Collection[str], complaint: str) -> bool:
        """Whether the entry accepts a complaint of a test that decides these cells, each `section · row · column`."""
        inside = not self.check or any(is_inside(place, self.check) for place in places)
        return self.rule in complaint and inside


@frozen(kw_only=True)
class Table:
    """Everything that the suite knows about one server."""

    name: str = field(validator=_is(str))
    account: int | None = field(default=None, validator=_is(int, type(None)))
    """The trader's own account; without it no order may be cancelled."""
    foreign_account: int | None = field(default=None, validator=_is(int, type(None)))
    interim_account: int | None = field(default=None, validator=_is(int, type(None)))
    """The account of the user with a second factor; `interim_order` is an open order of it."""
    interim_order: int | None = field(default=None, validator=_is(int, type(None)))
    foreign_order: int | None = field(default=None, validator=_is(int, type(None)))
    """An open order of the foreign account."""
    orders: dict[str, list[int]] = field(factory=dict[str, list[int]], validator=_pools)
    fuzz: bool = field(default=False, validator=_flag)
    """Whether any order of the account may be cancelled, so that Schemathesis may send any request."""
    variants: list[dict[str, str]] = field(factory=lambda: [dict[str, str]()])
    """Settings of the mock; every scenario runs under each of them."""
    values: dict[str, str] = field(factory=dict[str, str], repr=False)
    scenarios: list[Scenario] = field(factory=list[Scenario])
    not_shown: list[Gap] = field(factory=list[Gap])
    accepted: list[Accepted] = field(factory=list[Accepted])

    def covering(self, places: Collection[str], complaints: Sequence[str]) -> list[Accepted | None]:
        """Return for each complaint the first entry that accepts it, or None."""
        return [next((each for each in self.accepted if each.covers(places, one)), None) for one in complaints]

    def why_accepted(self, places: Collection[str], complaints: Sequence[str]) -> str:
        """Return the reasons why all of these complaints are accepted; empty if one is not accepted."""
        found = self.covering(places, complaints)
        return "; ".join(dict.fromkeys(each.reason for each in found if each)) if all(found) else ""

    @property
    def gaps(self) -> dict[Documented, str]:
        """The replies that can't be shown, with the reasons."""
        return {(gap.operation, gap.status, gap.media_type): gap.reason for gap in self.not_shown}


UNKNOWN = Table(
    name="an unknown server",
    orders={"absent": [IMPOSSIBLE]},
    scenarios=[
        Scenario(
            name="the user's own password",
            operation="getToken",
            status=200,
            media_type="application/json",
            outcome="NotAuthorized|OrderConflict|InvalidRequest|UndocumentedStatus",
        ),
        Scenario(
            name="an unknown user",
            operation="getToken",
            status=401,
            media_type="application/json",
            user="nobody",
            outcome="InvalidCredentials",
        ),
    ],
)
"""The table of an unknown server: no order may be cancelled, so only log-ins and requests to be refused are sent."""


def read_table(path: Path) -> Table:
    """Read a table from a file. Raises TableError, which names the place, if it can't be read or understood."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise TableError(f"{path}: {problem}") from problem
    try:
        for name, kind in (("scenarios", Scenario), ("not_shown", Gap), ("accepted", Accepted)):
            entries = enumerate(document.get(name, []), 1)
            document[name] = [_build(kind, entry, f"{name}, entry {number}") for number, entry in entries]
        table: Table = _build(Table, document, "the file")
    except (AttributeError, TypeError, ValueError) as problem:
        raise TableError(f"{path}: {problem}") from problem
    return table


def _build(kind: type[Any], entry: dict[str, Any], where: str) -> Any:
    known = fields_dict(kind)
    unknown = sorted(entry.keys() - known.keys())
    if unknown:
        raise ValueError(f"{where} has {', '.join(unknown)}; known are {', '.join(known)}")
    try:
        return kind(**entry)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{where}: {problem}") from problem
