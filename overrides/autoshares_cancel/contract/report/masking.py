"""What may be shown of a secret: the name of its variable.

This is the last line of defence: tests don't show secrets in the first place.
"""

import json
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

NAMES = re.compile(r"(AUTOSHARES|CONTRACT(_\w+)?)_(APP_KEY|TOKEN|PASSWORD|USERNAME|PIN_CODE)")
SHORTEST = 4  # characters; less than that is found by chance in any text


class Mask:
    """Puts a variable's name in place of its value, in texts that come from anywhere."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Know the secrets that are set now: while a test runs, the environment may be another."""
        secrets = {value: name for name, value in environment.items() if NAMES.fullmatch(name)}
        self._names = {spelt: secrets[it] for it in secrets if len(it) >= SHORTEST for spelt in spellings(it)}
        # The longest first: one secret may be a part of another. Nothing at all is never found.
        longest_first = sorted(self._names, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def __call__(self, text: str) -> str:
        """The text without secrets, and without characters that a terminal would obey."""
        text = self._secret.sub(lambda found: self._names[found[0]], text)
        return "".join(mark if mark.isprintable() or mark == "\n" else repr(mark)[1:-1] for mark in text)

    def all(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same for every text of a mapping."""
        return {name: self(value) if isinstance(value, str) else value for name, value in values.items()}


def spellings(secret: str) -> set[str]:
    """As it is, and as a URL, a repr or JSON writes it."""
    return {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]}


def origin(url: str) -> str:
    """A server's base URL without what may be secret in it: user, password, query and fragment."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
