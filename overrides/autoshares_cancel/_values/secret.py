"""A value that never prints itself."""

from typing import Any, Final, NoReturn

MASK: Final = "**********"


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
            from autoshares_cancel._values.spellings import spellings_of  # noqa: PLC0415  # slow to load, not yet needed

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
