"""The journal of a run: it records which orders were begun and their outcomes, so that a killed run can be resumed.

1. The journal is JSON lines: a head with the base URL, then for each order a line `begun`, written before its request
   can leave, and a line `ended` with its outcome. The operating system gets each line in one piece before the run
   continues, so a kill of the process loses none. A power cut may lose some, unless the journal `syncs`.
2. The lines of an order give its standing. Cancelled and OrderConflict are final. An order that was begun is in doubt
   if it has no outcome or an unknown one, and stays in doubt until it is final. Other outcomes leave it as it was.
3. A last line without a line end was cut off by a kill, and is removed: the order that it begins was not sent yet, and
   the outcome that it has is found out again. If only its line end is missing, it counts. Any other unreadable line is
   an error.
4. Only a regular file is a journal, and only one process at a time can open it. A file that this module did not begin
   is never changed. Before each line the file must be as this process left it; otherwise nothing more is written.
5. Memory use does not grow with an old journal: SeenOrders keeps the places of its outcomes in a temporary file.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from autoshares_cancel._cli.run.journal_file import WrongJournal, open_locked, size_at, sync_folder
from autoshares_cancel._cli.run.journal_lines import FINAL, LONGEST_LINE, WrongEntry, begun, ended, entry_of, head
from autoshares_cancel._cli.run.journal_reading import read_journal
from autoshares_cancel._cli.run.seen_orders import SeenOrders

__all__ = ("CHANGED", "Journal", "WrongJournal")

CHANGED: Final = "another program has shortened, changed or moved it while it was in use"


class Journal:
    """An open journal, locked against other processes.

    Its methods raise OSError if it can't be written, and if another program has changed it.
    """

    def __init__(self, stream: BinaryIO, path: Path, *, syncs: bool = False) -> None:
        self._stream = stream
        self._path = path
        self._syncs = syncs
        self._is_broken = False
        self._opened = os.fstat(stream.fileno())
        self._size = self._opened.st_size
        self._last_lines = b""
        """What this process has written last."""

    @classmethod
    def open(
        cls, path: Path, base_url: str, seen_orders: SeenOrders, *, writes: bool = True, syncs: bool = False
    ) -> Self:
        """Lock the journal, remove a torn last line, and read it into `seen_orders`. Creates it if it is missing.

        Without `writes` the file must exist and stays unchanged. With `syncs` each line is forced to the disk (fsync)
        before a method returns. Raises WrongJournal, and OSError if the file can't be opened.
        """
        stream = open_locked(path, writes=writes)
        try:
            journal = cls(stream, path, syncs=syncs)
            journal._begin(base_url, seen_orders, writes=writes)
        except BaseException:
            stream.close()
            raise
        return journal

    def close(self) -> None:
        """Close and unlock it."""
        self._stream.close()

    def begins(self, order: tuple[int, int]) -> None:
        """Record that the request of an order may leave from now on."""
        self._write(begun(order, _now()))

    def ends(self, *outcomes: dict[str, Any]) -> None:
        """Record the outcomes of orders, all or none; as_object makes the values of each."""
        now = _now()
        self._write(b"".join(ended(values, now) for values in outcomes))

    def outcome_at(self, order: tuple[int, int], place: int) -> dict[str, Any]:
        """Read the final outcome of an order at this place, in bytes: the object that as_object made of it.

        Raises WrongJournal if it is not there any more.
        """
        line = os.pread(self._stream.fileno(), LONGEST_LINE, place).partition(b"\n")[0]
        with suppress(WrongEntry):
            entry = entry_of(line)
            if entry.order == order and entry.outcome in FINAL:
                return entry.as_object()
        raise WrongJournal(f"the journal {self._path} can't be read: {CHANGED}")

    def _write(self, lines: bytes) -> None:
        if self._is_broken:
            return
        try:
            self._check_unchanged()
            self._append(lines)
            if self._syncs:
                os.fsync(self._stream.fileno())
        except OSError:
            self._is_broken = True
            raise

    def _append(self, lines: bytes) -> None:
        written = self._stream.write(lines)
        if written != len(lines):
            self._stream.truncate(self._size)  # half a line, and a line behind it, could not be read
            raise OSError(None, "only a part of a line could be written")
        self._size, self._last_lines = self._size + written, lines

    def _check_unchanged(self) -> None:
        length = len(self._last_lines)
        is_same = size_at(self._path, self._opened) == self._size
        if not is_same or os.pread(self._stream.fileno(), length, self._size - length) != self._last_lines:
            raise OSError(None, CHANGED)

    def _begin(self, base_url: str, seen_orders: SeenOrders, *, writes: bool) -> None:
        with open(os.dup(self._stream.fileno()), "rb") as stream:  # noqa: PTH123  # the locked file itself, even if its path now names another one
            self._size, lacks_end = read_journal(stream, self._path, base_url, seen_orders)
        if not writes:
            return
        if self._opened.st_size != self._size:
            self._stream.truncate(self._size)
        if lacks_end:
            self._write(b"\n")
        elif not self._size:
            self._write(head(base_url))
            if self._syncs:
                sync_folder(self._path)


def _now() -> int:
    return time.time_ns() // 1_000_000
