"""Chooses one of the two documented media types by the Accept header (RFC 9110, section 12.5.1).

1. Of all ranges that match a type, the most specific decides: `text/json` before `text/*` before `*/*`.
2. A range without a weight weighs 1; a weight of 0 means "not acceptable"; a range with a broken weight is ignored.
3. A type that no range matches weighs 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_MEMBER = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*")+')
_RANGE = re.compile(r"\s*([^\s/;]+/[^\s/;]+)\s*(?:;|$)")
_WEIGHT = re.compile(r";\s*[qQ]=([^\s;]*)")
_WEIGHT_VALUE = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def media_type(accept: Iterable[str]) -> str:
    """Choose `text/json` when the caller prefers it, and `application/json` otherwise.

    `accept` holds the values of all Accept headers. No request is refused: a caller that accepts neither type gets the
    default.
    """
    ranges = list(_ranges(",".join(accept)))
    return "text/json" if _weight("text/json", ranges) > _weight("application/json", ranges) else "application/json"


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for member in _MEMBER.findall(accept):
        named = _RANGE.match(member)
        weight = _WEIGHT.search(member)
        if named and (weight is None or _WEIGHT_VALUE.fullmatch(weight[1])):
            yield named[1].lower(), float(weight[1]) if weight else 1.0


def _weight(wanted: str, ranges: list[tuple[str, float]]) -> float:
    for covering in (wanted, wanted.partition("/")[0] + "/*", "*/*"):
        weights = [weight for name, weight in ranges if name == covering]
        if weights:
            return max(weights)
    return 0.0
