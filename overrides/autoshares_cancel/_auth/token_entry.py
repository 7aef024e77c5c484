"""An entry of a store of tokens: its key and its text. No I/O.

1. An entry belongs to one base URL, application key and user name. Its key is a digest of all three, so no client reads
   the entry of another server, application or user.
2. Its text has the token, and the time of its log-in by the clock of the machine.
3. That clock may jump. So a token from the future is not used, and none counts as younger than 0 seconds: no client
   uses it for longer than a token lives after a log-in now.
"""

import json
import math
import re
from typing import Final, cast

from attrs import frozen

from autoshares_cancel._values.secret import Secret

MOST_SKEW: Final = 60.0
"""Seconds that the clocks of two processes may differ. A token from further in the future is not used."""
TOKEN: Final = re.compile(r"[!-~]+")
"""As in login: a token that fits into a header."""


@frozen(eq=False)
class SharedToken:
    """A token of an earlier log-in."""

    secret: Secret
    age: float
    """Seconds since its log-in began, at least 0."""


def key_of(*identity: str) -> str:
    """The key of an entry: a digest of everything that it belongs to."""
    import hashlib  # noqa: PLC0415  # slow to load; only a store needs it

    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


def text_of(secret: Secret, asked_at: float) -> str:
    """The text of an entry. `asked_at` is when the log-in began, in seconds since the UTC epoch."""
    return json.dumps({"token": secret.reveal(), "asked_at": asked_at})


def token_in(text: str, now: float) -> SharedToken | None:
    """The token of an entry, and its age at this time, in seconds since the UTC epoch; None if it is from the future.

    Raises ValueError for a text that is not an entry.
    """
    content: object = json.loads(text)
    entry = cast("dict[str, object]", content) if isinstance(content, dict) else {}
    token, asked_at = entry.get("token"), entry.get("asked_at")
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise ValueError("no token")
    if not isinstance(asked_at, float) or not math.isfinite(asked_at):
        raise ValueError("no time")
    age = now - asked_at
    return SharedToken(Secret(token), max(0.0, age)) if age >= -MOST_SKEW else None
