"""A value that never prints itself."""

from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Any, Final, NoReturn

from autoshares_cancel._values.spellings import spellings_of, unescaped

MASK: Final = "**********"
SHORT: Final = 4
"""Characters. A shorter secret is a part of too many words, so it is masked as a whole word only."""
WORD: Final = frozenset(f"{ascii_letters}{digits}_")
"""The characters of words."""
MOST_ESCAPES: Final = 2
"""How often a text may be escaped, one escape inside another."""


class Secret:
    """A string that only `reveal` and `spellings` show.

    repr, str and format give a mask, and pickling raises TypeError, so that no secret gets into a log, a traceback or
    a file by accident.
    """

    __slots__ = ("_spellings", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        self._spellings: tuple[str, ...] | None = None

    def reveal(self) -> str:
        """The value. Keep it out of local variables of functions that can raise."""
        return self._value

    def spellings(self) -> tuple[str, ...]:
        """Every way to write the value that needs no unescaping. Handle them like the value."""
        if self._spellings is None:
            self._spellings = spellings_of(self._value)
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
    spans = sorted({*_spans(text, secrets, MOST_ESCAPES)})
    if not spans:
        return text
    shown, end = list[str](), 0
    for first, last in spans:
        if first > end or not shown:
            shown += [text[end:first], MASK]
        end = max(end, last)
    return "".join(shown) + text[end:]


def _spans(text: str, secrets: tuple[Secret, ...], escapes: int) -> Iterator[tuple[int, int]]:
    for secret in secrets:
        yield from _spans_of(text, secret)
    for plain in unescaped(text) if escapes else ():
        for first, last in _spans(plain.text, secrets, escapes - 1):
            yield plain.origin(first), plain.origin(last)


def _spans_of(text: str, secret: Secret) -> Iterator[tuple[int, int]]:
    for spelling in secret.spellings():
        first = text.find(spelling)
        if first < 0:
            continue  # the usual case
        is_short = min(len(secret.reveal()), len(spelling)) < SHORT
        while first >= 0:
            last = first + len(spelling)
            if not is_short or WORD.isdisjoint((text[first - 1 : first], text[last : last + 1])):
                yield first, last
            first = text.find(spelling, first + 1)
