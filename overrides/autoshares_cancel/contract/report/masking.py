"""Replaces secrets in reports by the names of their variables.

This is a second safeguard: the tests themselves don't report secrets.
"""

import json
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

NAMES = re.compile(r"(AUTOSHARES|CONTRACT(_\w+)?)_(APP_KEY|TOKEN|PASSWORD|USERNAME|PIN_CODE)")
SHORTEST = 4  # characters; any text contains shorter values by chance


class Mask:
    """Replaces the value of a secret variable by the variable's name, in any text."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Read the secrets now: a test may change the environment later."""
        secrets = {value: name for name, value in environment.items() if NAMES.fullmatch(name)}
        self._names = {spelt: secrets[it] for it in secrets if len(it) >= SHORTEST for spelt in spellings(it)}
        # The longest first: one secret may be a part of another. Without secrets the pattern never matches.
        longest_first = sorted(self._names, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def __call__(self, text: str) -> str:
        """Return the text without secrets and with control characters escaped."""
        text = self._secret.sub(lambda found: self._names[found[0]], text)
        return "".join(mark if mark.isprintable() or mark == "\n" else repr(mark)[1:-1] for mark in text)

    def all(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Mask every text value of a mapping."""
        return {name: self(value) if isinstance(value, str) else value for name, value in values.items()}


def spellings(secret: str) -> set[str]:
    """Return the secret unchanged, and as a URL, a repr and JSON encode it."""
    return {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]}


def origin(url: str) -> str:
    """A server's base URL without what may be secret in it: user, password, query and fragment."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
