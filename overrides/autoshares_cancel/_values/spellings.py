r"""How a server may spell a secret, and what an escaped text says. Pure.

1. A secret may stand unescaped, as JSON reads it, or with + for its blanks.
2. It may be percent-encoded, or escaped with backslashes, as a whole or in part, and each inside the other. There are
   too many such spellings to list, so the text is unescaped, searched again, and masked where its escapes stand.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from attrs import frozen

PERCENT: Final = re.compile(r"%(?P<code>[0-9A-Fa-f]{2})")
BACKSLASH: Final = re.compile(r"""\\(?:u(?P<code>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<sign>["'/\\bfnrt]))""")
SIGNS: Final[dict[str | None, str]] = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def spellings_of(secret: str) -> tuple[str, ...]:
    """Every spelling of a secret that needs no unescaping. Compute it once: this is slow."""
    return (*{secret, read_as_json(secret) or secret, secret.replace(" ", "+")},)


def read_as_json(secret: str) -> str | None:
    """Read a secret as the inside of a JSON string: a backslash and a t become a tab. None if that is no JSON."""
    try:
        return str(json.loads(f'"{secret}"'))
    except ValueError:
        return None


@frozen
class Unescaped:
    """A text without its escapes of one kind."""

    text: str
    _starts: list[int]
    """Where each escape, and the text behind it, begins here."""
    _origins: list[int]
    """Where the same begins in the escaped text."""

    def origin(self, position: int) -> int:
        """The position in the escaped text."""
        nearest = bisect_right(self._starts, position) - 1
        return self._origins[nearest] + position - self._starts[nearest]


def unescaped(text: str) -> Iterator[Unescaped]:
    """The text without its percent-encoding, and without its backslashes, as far as it has any."""
    for escape in (PERCENT, BACKSLASH):
        if escape.search(text):
            yield _without(text, escape)


def _without(text: str, escape: re.Pattern[str]) -> Unescaped:
    pieces, starts, origins, size, end = list[str](), [0], [0], 0, 0
    for found in escape.finditer(text):
        first, last = found.span()
        pieces += (text[end:first], _character(found.groupdict()))
        size += first - end
        starts += (size, size + 1)
        origins += (first, last)
        size, end = size + 1, last
    return Unescaped("".join((*pieces, text[end:])), starts, origins)


def _character(escape: dict[str, str | None]) -> str:
    code = escape["code"] or escape.get("byte")
    return f"{SIGNS.get(escape['sign'], escape['sign'])}" if code is None else chr(int(code, 16))
