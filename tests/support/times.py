"""Texts without times: by chance the digits of a time are those of a PIN that the text must not show."""

import re


def without_times(text: str) -> str:
    """The text without decimal fractions, as clocks give them."""
    return re.sub(r"\d+\.\d+(e-?\d+)?", "a time", text)
