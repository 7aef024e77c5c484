"""What is known of each order of a run, by account and order. In a temporary file of SQLite's.

So a million orders take no more memory than one: SQLite keeps two megabytes of it at hand, and 20 to 40 bytes an order
lie on disk until the process ends. It tells an order that comes twice, and what the journal says of one.
"""

import sqlite3
from enum import IntEnum
from typing import Final

from attrs import frozen


class Standing(IntEnum):
    """How far an order is, by a journal."""

    NEW = 0
    BEGUN = 1
    """Begun, and no outcome yet: it may have been cancelled."""
    DOUBT = 2
    """It may have been cancelled, and nobody knows."""
    OPEN = 3
    """It has an outcome that leaves it as it was."""
    FINAL = 4
    """Cancelled, or it can't be cancelled."""


@frozen
class Known:
    """What is known of one order."""

    standing: Standing
    place: int
    """Where in the journal its final outcome begins, in bytes."""
    line: int | None
    """Of the file, where this run has met it."""

    @property
    def is_in_doubt(self) -> bool:
        """Whether an earlier cancel may have been acted upon."""
        return self.standing in {Standing.BEGUN, Standing.DOUBT}


UNKNOWN: Final = Known(Standing.NEW, 0, None)
IN_DOUBT: Final = f"standing IN ({Standing.BEGUN.value}, {Standing.DOUBT.value})"


class SeenOrders:
    """Of all orders of a run. Belongs to one thread."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self._rows.execute(f"PRAGMA {pragma}")
        columns = "id INTEGER PRIMARY KEY, standing INTEGER, place INTEGER, line INTEGER"
        self._rows.execute(f"CREATE TABLE orders ({columns})")
        self._rows.execute("BEGIN")  # and never the end: nobody else reads it

    def close(self) -> None:
        """Forget everything."""
        self._rows.close()

    def of(self, order: tuple[int, int]) -> Known:
        """What is known of an order."""
        found = self._rows.execute("SELECT standing, place, line FROM orders WHERE id = ?", (_key(order),)).fetchone()
        return UNKNOWN if found is None else Known(Standing(found[0]), *found[1:])

    def put(self, order: tuple[int, int], known: Known) -> None:
        """Know something else of it from now on."""
        values = (_key(order), known.standing.value, known.place, known.line)
        self._rows.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?)", values)

    def in_doubt(self, *, met: bool | None = None) -> int:
        """How many orders may have been cancelled; of those that this run has met, or has not."""
        where = "" if met is None else f" AND line IS {'NOT ' if met else ''}NULL"
        count: int = self._rows.execute(f"SELECT count(*) FROM orders WHERE {IN_DOUBT}{where}").fetchone()[0]  # noqa: S608  # no text of others
        return count


def _key(order: tuple[int, int]) -> int:
    return order[0] << 32 | order[1] & 0xFFFFFFFF
