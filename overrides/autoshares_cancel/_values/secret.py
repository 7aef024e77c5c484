"""A value that never prints itself."""

import json
from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Any, Final, NoReturn

MASK: Final = "**********"
SHORT: Final = 4
"""Characters. A shorter secret is a part of too many words, so it is masked as a whole word only."""
WORD: Final = frozenset(f"{ascii_letters}{digits}_")
"""The characters of words."""


class Secret:
    """A string that only `reveal` and `spellings` show.

    repr, str and format give a mask, and pickling raises TypeError, so that no secret gets into a log, a traceback or
    a file by accident.
    """

    __slots__ = ("_spellings", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        self._spellings: frozenset[str] = frozenset()

    def reveal(self) -> str:
        """The value. Keep it out of local variables of functions that can raise."""
        return self._value

    def spellings(self) -> frozenset[str]:
        """The value as it is, as JSON and Python's own messages spell it, and as JSON reads it. Keep it as above."""
        if not self._spellings:  # computed once: headers of every reply are searched for them
            value = self._value
            spelt = {value, json.dumps(value)[1:-1], repr(value)[1:-1], read_as_json(value) or value}
            self._spellings = frozenset(spelt)
        return self._spellings

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return format(MASK, format_spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # noqa: PLC0415  # slow to load, rarely needed

        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would let a dictionary of secrets be searched

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not pickled: build the credentials again where they are needed")


def redacted(text: str, secrets: tuple[Secret, ...]) -> str:
    """Mask every secret in a text, in every spelling: a server may repeat what the client sent. For showing only. Pure.

    A secret of fewer than SHORT characters is masked only as a whole word: no ASCII letter, digit or underscore stands
    directly before or after it. Secrets that overlap or touch share one mask, so that no part of one remains. Earlier
    masks stay as they are.
    """
    spans = sorted({span for secret in secrets for span in _spans(text, secret)})
    shown, end = list[str](), 0
    for first, last in spans:
        if first > end or not shown:
            shown += [text[end:first], MASK]
        end = max(end, last)
    return "".join(shown) + text[end:]


def read_as_json(secret: str) -> str | None:
    """Read a secret as the inside of a JSON string: a backslash and a t become a tab. None if that is no JSON."""
    try:
        return str(json.loads(f'"{secret}"'))
    except ValueError:
        return None


def _spans(text: str, secret: Secret) -> Iterator[tuple[int, int]]:
    length = len(secret.reveal())
    for spelling in secret.spellings():
        if spelling not in text:
            continue
        is_short = min(length, len(spelling)) < SHORT
        first = text.find(spelling)
        while first >= 0:
            last = first + len(spelling)
            if not is_short or WORD.isdisjoint((text[first - 1 : first], text[last : last + 1])):
                yield first, last
            first = text.find(spelling, first + 1)
