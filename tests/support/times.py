"""Texts without times, because the digits of a time may happen to be those of a PIN."""

import re


def without_times(text: str) -> str:
    """The text with every decimal fraction, as clocks print it, replaced by "a time"."""
    return re.sub(r"\d+\.\d+(e-?\d+)?", "a time", text)
