"""A value that never prints itself."""

import json
from typing import Any, Final, NoReturn

MASK: Final = "**********"


class Secret:
    """A string that shows itself only when it is asked to.

    repr, str and format print a mask, and pickling raises TypeError, so that a secret can't reach a log, a traceback
    or a file by accident.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value. Keep it out of local variables of functions that can raise."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return format(MASK, format_spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # noqa: PLC0415  # slow to load, and hardly ever needed

        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would let a dictionary of secrets be searched

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not pickled: build the credentials again where they are needed")


def redacted(text: str, secrets: tuple[Secret, ...]) -> str:
    """The text with every secret masked, in every spelling: a server may send back what it was sent."""
    for secret in sorted((secret.reveal() for secret in secrets), key=len, reverse=True):
        # JSON's, and those in which Python's own messages quote what came over the wire.
        for spelling in (json.dumps(secret)[1:-1], repr(secret)[1:-1], secret):
            text = text.replace(spelling, MASK)
    return text
