"""Shortens long numbers and long targets for readers: their beginning, and their length."""

import re
from typing import Final

_RUN: Final = re.compile(r"(\S)\1{39,}")
_WORD: Final = re.compile(r"\S{241,}")
_KEPT: Final = 80
"""Characters kept of a long word: enough for an address and the path of an order."""


def abridged(text: str) -> str:
    """Shorten a run of 40 or more equal characters to `xxxx… (60,000 characters)`, and words of more than 240."""
    text = _RUN.sub(lambda found: f"{found[1] * 4}… ({len(found[0]):,} characters)", text)
    return _WORD.sub(lambda found: f"{found[0][:_KEPT]}… ({len(found[0]):,} characters)", text)
