"""The reason of a failure of the network in the words of the system: the same on every event loop, without Python's."""

import os
import re
from collections.abc import Iterator
from typing import Final, cast

_NUMBER: Final = re.compile(r"\[Errno (\d+)\]")
_AROUND: Final = re.compile(r"^\[[^]]*\] | \(_ssl\.c:\d+\)$")
"""What Python writes around the words of the system and of OpenSSL."""


def reason_of(error: OSError) -> str:
    """The words for a failure, as in `Connection refused`. An attempt at several addresses may have several."""
    words = (word for source in _sources(error) for word in _words(str(source)))
    return "; ".join(dict.fromkeys(words)) or type(error).__name__


def _sources(error: BaseException) -> Iterator[BaseException]:
    """The failure, or those behind it if it has no number: anyio sums up all attempts at connecting."""
    cause = None if _NUMBER.search(str(error)) else error.__cause__
    if isinstance(cause, BaseExceptionGroup):
        yield from cast("BaseExceptionGroup[BaseException]", cause).exceptions
    else:
        yield cause if isinstance(cause, OSError) else error


def _words(text: str) -> Iterator[str]:
    numbers = _NUMBER.findall(text)
    yield from (os.strerror(int(number)) for number in numbers)
    if not numbers and (words := _AROUND.sub("", text)):
        yield words
