"""The exit codes of the command line: the one table behind the code, `--help` and the README."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final

from attrs import frozen


class Exit(IntEnum):
    """The exit codes."""

    CANCELLED = 0
    UNWRITTEN = 1
    USAGE = 2
    REFUSED = 3
    CONFLICT = 4
    UNKNOWN = 5
    NOT_SENT = 6
    LOG_IN = 7
    WRONG_LINES = 8


@frozen
class Meaning:
    """What one exit code means."""

    code: Exit
    label: str
    """The word for it in the last line of a command."""
    when: str
    """When a command ends with it."""


MEANINGS: Final = (
    Meaning(Exit.CANCELLED, "cancelled", "all is cancelled, or nothing was open"),
    Meaning(Exit.CONFLICT, "conflict", "an order can't be cancelled now: it is filled, cancelled or not there"),
    Meaning(Exit.REFUSED, "refused", "the server refused: 401, 403, 422 or 429; also a listing of the account"),
    Meaning(Exit.WRONG_LINES, "wrong", "lines of the file are wrong; all other orders were tried"),
    Meaning(Exit.NOT_SENT, "not sent", "not sent, the rest was not begun, or you answered no"),
    Meaning(Exit.LOG_IN, "log-in failed", "the log-in failed"),
    Meaning(Exit.USAGE, "wrong usage", "wrong usage or configuration; nothing was sent"),
    Meaning(Exit.UNWRITTEN, "not written", "output, journal or temporary files could not be written"),
    Meaning(Exit.UNKNOWN, "unknown", "an order may be open or cancelled, or the account may not be clear: use `show`"),
)
"""From light to grave: of several, a command ends with the gravest."""
GRAVITY: Final = tuple(int(meaning.code) for meaning in MEANINGS)
LABELS: Final = {int(meaning.code): meaning.label for meaning in MEANINGS}
REFUSALS: Final = frozenset({401, 403, 422, 429})
"""The statuses of a listing that mean Exit.REFUSED."""


def gravest(codes: Iterable[int]) -> int:
    """The gravest of several exit codes; 0 if there is none."""
    return max(map(int, codes), key=GRAVITY.index, default=0)


def as_help(words: Mapping[Exit, str | None] | None = None) -> str:
    """The table as `--help` shows it; of a command that has its own `words`, the codes that they name."""
    meanings = [meaning for meaning in MEANINGS if words is None or meaning.code in words]
    rows = "\n".join(f"  {meaning.code}  {(words or {}).get(meaning.code) or meaning.when}" for meaning in meanings)
    return f"\b\nExit codes, from light to grave; of several the gravest:\n{rows}\n"


def as_markdown() -> str:
    """The table as the README shows it."""
    rows = "\n".join(f"| {meaning.code} | {meaning.label} | {meaning.when} |" for meaning in MEANINGS)
    return f"| exit code | in the last line | when |\n|---|---|---|\n{rows}\n"
