"""Long numbers and long targets as people read them: how they begin, and how long they are."""

import re
from typing import Final

_RUN: Final = re.compile(r"(\S)\1{39,}")
_WORD: Final = re.compile(r"\S{241,}")
_KEPT: Final = 80
"""Characters that are kept of a long word: an address and the path of an order."""


def abridged(text: str) -> str:
    """The text with `xxxx… (60,000 characters)` in place of the same character 40 times or more, and of long words."""
    text = _RUN.sub(lambda found: f"{found[1] * 4}… ({len(found[0]):,} characters)", text)
    return _WORD.sub(lambda found: f"{found[0][:_KEPT]}… ({len(found[0]):,} characters)", text)
