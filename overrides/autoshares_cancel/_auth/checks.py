"""Checks of secrets. Pure: each raises ConfigurationError, which names the secret and never shows it (law 5)."""

import re
from typing import Final

from autoshares_cancel._validation import VISIBLE_ASCII
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError

NOT_VISIBLE_ASCII: Final = (
    (re.compile(r"^(\ufeff|\u00ef\u00bb\u00bf)"), "but begins with a byte order mark: save it as UTF-8 without BOM"),
    (re.compile(r"\0"), "but has a NUL character, as UTF-16 has: save it as UTF-8"),
    (re.compile(r"[\r\n]"), "but has a line end in it: give it as one line"),
    (re.compile(r"^\s|\s$"), "but has blanks around it: remove them"),
    (re.compile(r"[\x00-\x1f\x7f-\x9f]"), "but has a control character in it: remove it"),
    (re.compile(r""), "but has a character that is not ASCII: a header can't carry it"),
)
"""What is wrong with a secret, and what to do, the most telling first."""
BEARER: Final = re.compile(r"(?i)\s*(authorization\s*:\s*)?bearer\s")


def check_secret(name: str, secret: Secret) -> None:
    """Accept visible ASCII, which a header can carry (law 5: the message never shows the value)."""
    problem = _header_problem(secret.reveal())
    if problem is not None:
        raise ConfigurationError(f"{name} {problem}")


def check_token(name: str, secret: Secret) -> None:
    """Accept a token as it follows Bearer in a header."""
    if _has_bearer(secret.reveal()):
        raise ConfigurationError(f'{name} must be the token alone: give it without "Bearer" before it')
    check_secret(name, secret)


def _has_bearer(value: object) -> bool:
    return isinstance(value, str) and BEARER.match(value) is not None


def _header_problem(value: object) -> str | None:
    if not isinstance(value, str):
        return f"must be a str, not {type(value).__name__}"
    if not value:
        return "must not be empty"
    if VISIBLE_ASCII.fullmatch(value):
        return None
    found = next(what for wrong, what in NOT_VISIBLE_ASCII if wrong.search(value))
    return f"must be visible ASCII, {found}"
