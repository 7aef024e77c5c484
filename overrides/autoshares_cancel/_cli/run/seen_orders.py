"""Finds repeated orders of a file, and the journal's standing of each order, in a temporary SQLite file.

Memory use does not grow with the number of orders: SQLite caches about two megabytes, and the file takes 20 to 40 bytes
for each order until the process ends.
"""

import sqlite3
from enum import IntEnum
from typing import Final

from attrs import evolve, frozen


class Standing(IntEnum):
    """The standing of an order by the journal."""

    NEW = 0
    """The journal does not have it."""
    BEGUN = 1
    """Begun, without an outcome: it may have been cancelled."""
    DOUBT = 2
    """An attempt may have cancelled it, and its outcome is unknown."""
    OPEN = 3
    """Its outcome left it as it was."""
    FINAL = 4
    """It is cancelled, or it can't be cancelled."""


@frozen
class Known:
    """What a run knows about one order."""

    standing: Standing
    place: int
    """The place of its last line in the journal, in bytes."""
    line: int | None
    """The line of the file where this run has seen it, if it has."""

    @property
    def is_in_doubt(self) -> bool:
        """Whether an earlier cancel may have been acted upon."""
        return self.standing in {Standing.BEGUN, Standing.DOUBT}


_LOW: Final = 0xFFFFFFFF
UNKNOWN: Final = Known(Standing.NEW, 0, None)
IN_DOUBT: Final = f"standing IN ({Standing.BEGUN.value}, {Standing.DOUBT.value})"


class SeenOrders:
    """What a run knows about all its orders. Only the thread that made it may use it."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self._rows.execute(f"PRAGMA {pragma}")
        columns = "id INTEGER PRIMARY KEY, standing INTEGER, place INTEGER, line INTEGER"
        self._rows.execute(f"CREATE TABLE orders ({columns})")
        self._rows.execute("BEGIN")  # never committed: no other process reads it

    def close(self) -> None:
        """Delete everything."""
        self._rows.close()

    def of(self, order: tuple[int, int]) -> Known:
        """Get what is known about an order."""
        found = self._rows.execute("SELECT standing, place, line FROM orders WHERE id = ?", (_key(order),)).fetchone()
        return UNKNOWN if found is None else Known(Standing(found[0]), *found[1:])

    def put(self, order: tuple[int, int], known: Known) -> None:
        """Replace what is known about an order."""
        values = (_key(order), known.standing.value, known.place, known.line)
        self._rows.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?)", values)

    def see(self, order: tuple[int, int], line: int) -> Known:
        """Mark that the run has seen an order at this line, unless it has before. Returns what was known until then."""
        new = (_key(order), Standing.NEW.value, 0, line)
        if self._rows.execute("INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?)", new).rowcount:
            return UNKNOWN
        known = self.of(order)
        if known.line is None:
            self.put(order, evolve(known, line=line))
        return known

    def in_doubt(self, *, met: bool | None = None) -> int:
        """Count the orders in doubt: all, or only those that this run has seen (`met`) or has not."""
        where = "" if met is None else f" AND line IS {'NOT ' if met else ''}NULL"
        count: int = self._rows.execute(f"SELECT count(*) FROM orders WHERE {IN_DOUBT}{where}").fetchone()[0]  # noqa: S608  # only constants
        return count

    def in_doubt_of(self, account_id: int) -> list[int]:
        """The order ids of an account that are in doubt, in the order of the journal."""
        where = f"{IN_DOUBT} AND id BETWEEN ? AND ?"
        first = account_id << 32
        rows = self._rows.execute(f"SELECT id FROM orders WHERE {where} ORDER BY place", (first, first | _LOW))  # noqa: S608  # as above
        return [_signed(key & _LOW) for (key,) in rows]


def _key(order: tuple[int, int]) -> int:
    return order[0] << 32 | order[1] & _LOW


def _signed(low: int) -> int:
    return low - (1 << 32) if low >> 31 else low
