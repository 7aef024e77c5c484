"""Parses the query of a request for a list of orders. Pure.

1. `pageNumber`, from 0 to the highest int32, and `pageSize`, from 1 to 100, are required, in plain decimal.
2. `sortField` is Id or Date, by default Id. `desc` is true or false, by default false.
3. `filter` is `Status in (0,1)` with the numbers of statuses; without it the list has every order.
4. A parameter that comes more than once is wrong; one with another name is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from attrs import frozen

from autoshares_cancel.mock._checks import INT32_MAX
from autoshares_cancel.mock.api.rules import int32
from autoshares_cancel.mock.exchange.orders import STATUSES

MOST_ON_A_PAGE = 100
HELD = "Held"

NUMBERED = [status for status in STATUSES if status != HELD]
"""The statuses in the order of the vendor's numbers; Held has none."""

_STATUS_IN = re.compile(r"\s*Status\s+in\s*\(([0-9,\s]+)\)\s*", re.IGNORECASE)
_BOOLEANS = {"true": True, "false": False}


@frozen(kw_only=True)
class ListQuery:
    """The parameters of a list; None for a wrong or missing one."""

    page_number: int | None
    page_size: int | None
    sort_field: str | None
    desc: bool | None
    statuses: tuple[str, ...] | None


def read_list_query(query: str) -> ListQuery:
    """Parse an undecoded query, without its question mark."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    read = {name: _read(values.get(name, []), default, reader) for name, (default, reader) in _READERS.items()}
    return ListQuery(
        page_number=read["pageNumber"],
        page_size=read["pageSize"],
        sort_field=read["sortField"],
        desc=read["desc"],
        statuses=read["filter"],
    )


def what_is_wrong(wanted: ListQuery) -> dict[str, str]:
    """Return complaints about rules 1 and 2, by the names of the parameters."""
    complaints = {
        "pageNumber": (wanted.page_number, f"pageNumber is not a number from 0 to {INT32_MAX}"),
        "pageSize": (wanted.page_size, f"pageSize is not a number from 1 to {MOST_ON_A_PAGE}"),
        "sortField": (wanted.sort_field, "sortField is neither Id nor Date"),
        "desc": (wanted.desc, "desc is neither true nor false"),
    }
    return {name: complaint for name, (value, complaint) in complaints.items() if value is None}


def query_of_page(query: str, page_number: int) -> str:
    """Return the same query for another page."""
    pairs = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "pageNumber"]
    return urlencode([("pageNumber", page_number), *pairs])


def _read(values: list[str], default: Any, reader: Callable[[str], Any]) -> Any:
    if not values:
        return default
    return reader(values[0]) if len(values) == 1 else None


def _page_number(text: str) -> int | None:
    number = int32(text)
    return number if number is not None and number >= 0 else None


def _page_size(text: str) -> int | None:
    size = int32(text)
    return size if size is not None and 1 <= size <= MOST_ON_A_PAGE else None


def _sort_field(text: str) -> str | None:
    return text if text in {"Id", "Date"} else None


def _desc(text: str) -> bool | None:
    return _BOOLEANS.get(text.lower())


def _statuses(text: str) -> tuple[str, ...] | None:
    asked = _STATUS_IN.fullmatch(text)
    numbers = [int32(number.strip()) for number in asked[1].split(",")] if asked else []
    if not numbers or any(number not in range(len(NUMBERED)) for number in numbers):
        return None
    return tuple(NUMBERED[number] for number in sorted({number for number in numbers if number is not None}))


_READERS: Mapping[str, tuple[Any, Callable[[str], Any]]] = {
    "pageNumber": (None, _page_number),
    "pageSize": (None, _page_size),
    "sortField": ("Id", _sort_field),
    "desc": (False, _desc),
    "filter": (STATUSES, _statuses),
}
"""Default and reader of each parameter."""
