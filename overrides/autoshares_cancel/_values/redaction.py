"""Masks secrets in texts that are shown. Pure."""

from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Final

from autoshares_cancel._values.secret import MASK, Secret
from autoshares_cancel._values.spellings import unescaped

SHORT: Final = 4
"""Characters. A shorter secret is a part of too many words, so it is masked as a whole word only."""
WORD: Final = frozenset(f"{ascii_letters}{digits}_")
"""The characters of words."""
MOST_ESCAPES: Final = 2
"""How often a text may be escaped, one escape inside another."""


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


def has_secret(text: str, secrets: tuple[Secret, ...]) -> bool:
    """Whether a secret is in a text that has no escapes, even inside of a word. Pure."""
    for secret in secrets:
        for spelling in secret.spellings():
            if spelling in text:
                return True
    return False


def _spans(text: str, secrets: tuple[Secret, ...], escapes: int) -> Iterator[tuple[int, int]]:
    for secret in secrets:
        for spelling in secret.spellings():
            if spelling in text:  # seldom
                is_short = min(len(secret.reveal()), len(spelling)) < SHORT
                yield from _spans_of(text, spelling, is_short=is_short)
    for plain in unescaped(text) if escapes else ():
        for first, last in _spans(plain.text, secrets, escapes - 1):
            yield plain.origin(first), plain.origin(last)


def _spans_of(text: str, spelling: str, *, is_short: bool) -> Iterator[tuple[int, int]]:
    first = text.find(spelling)
    while first >= 0:
        last = first + len(spelling)
        if not is_short or WORD.isdisjoint((text[first - 1 : first], text[last : last + 1])):
            yield first, last
        first = text.find(spelling, first + 1)
