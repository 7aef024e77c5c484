"""The journal of a run: what was begun, and what came of it, so that a run that was killed can be taken up again.

1. It is JSON, an object a line: a head with the base URL, then for each order a line `begun`, which is written before
   its request can leave, and a line `outcome`. A line is given to the operating system in one piece before anything
   else happens, so that no kill of the process loses it. It is not forced to the disk: a power cut may cost some lines.
2. Read again, an order is as its lines say. Cancelled and OrderConflict are final. An order that was begun and has no
   outcome, or an unknown one, is in doubt, and stays so until it is final. Every other outcome leaves it as it was.
3. A last line without its end was being written when the process was killed, and is cut off: what it began had not left
   yet, and what it told is found out anew. Any other line that can't be read is an error.
4. One process at a time has it. Of an old journal nothing stays in memory: _standings keeps where to look.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

from attrs import evolve

from autoshares_cancel._cli.run.seen_orders import SeenOrders, Standing
from autoshares_cancel._validation import check_id

VERSION: Final = 1
HEAD: Final = b'{"journal": '
FINAL: Final = {"Cancelled", "OrderConflict"}
UNKNOWN_EXIT_CODE: Final = 5
LINE_LENGTH: Final = 2048
"""Bytes; most lines are shorter."""


class WrongJournal(Exception):
    """A journal that can't be used; the text says why, and what to do."""


class Journal:
    """An open journal, which no other process has. Raises OSError where it can't be written."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_broken = False

    @classmethod
    def open(cls, path: Path, base_url: str, seen_orders: SeenOrders, *, writes: bool = True) -> Self:
        """Lock it, mend it, and read it into standings. Raises WrongJournal, and OSError where it can't be opened.

        Where it is not there, it is made; where nothing `writes` to it, it stays as it is.
        """
        stream = path.open("a+b" if writes else "rb", buffering=0)
        try:
            _lock(stream, path)
            journal = cls(stream)
            journal._begin(path, base_url, seen_orders, writes=writes)
        except BaseException:
            stream.close()
            raise
        return journal

    def close(self) -> None:
        """Close it, and let others have it."""
        self._stream.close()

    def begins(self, order: tuple[int, int], line: int) -> None:
        """Note that the request of an order may leave from now on."""
        self._write({"event": "begun", "at": _now(), "account_id": order[0], "order_id": order[1], "line": line})

    def ends(self, told: dict[str, Any], line: int) -> None:
        """Note the outcome of an order, as _report tells it."""
        self._write({"event": "outcome", "at": _now(), **told, "line": line})

    def told_at(self, place: int) -> dict[str, Any]:
        """The final outcome that stands there, as it was noted."""
        line = b""
        while not line.endswith(b"\n"):
            piece = os.pread(self._stream.fileno(), LINE_LENGTH, place + len(line))
            line += piece[: piece.find(b"\n") + 1 or len(piece)]
        return _entry(line)

    def _write(self, entry: dict[str, Any]) -> None:
        # After half a line another one would make both unreadable; without it, it is cut off as what a kill leaves.
        if self._is_broken:
            return
        line = json.dumps(entry).encode() + b"\n"
        try:
            written = self._stream.write(line)
        except OSError:
            self._is_broken = True
            raise
        if written != len(line):
            self._is_broken = True
            raise OSError(None, "only a part of a line could be written")

    def _begin(self, path: Path, base_url: str, seen_orders: SeenOrders, *, writes: bool) -> None:
        with open(os.dup(self._stream.fileno()), "rb") as stream:  # noqa: PTH123  # of the very file that is locked
            whole = _read(stream, path, base_url, seen_orders)
        if not writes:
            return
        self._stream.truncate(whole)
        if whole == 0:
            self._write({"journal": VERSION, "base_url": base_url, "at": _now()})


def _lock(stream: BinaryIO, path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415  # not on every system, and only a journal needs it
    except ImportError:
        raise WrongJournal("a journal needs file locks, which this system does not have: leave --journal out") from None
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WrongJournal(
            f"another process is using the journal {path}: wait until it has ended, or give another --journal"
        ) from None


def _read(stream: BinaryIO, path: Path, base_url: str, seen_orders: SeenOrders) -> int:
    """Take everything in. Returns where the last whole line ends, in bytes."""
    place = stream.seek(0)
    for number, line in enumerate(stream, 1):
        is_torn = not line.endswith(b"\n")
        if number == 1:
            _check_head(line, path, base_url, is_torn=is_torn)
        if is_torn:
            break
        if number > 1:
            _take(line, number, place, path, seen_orders)
        place += len(line)
    return place


def _check_head(line: bytes, path: Path, base_url: str, *, is_torn: bool) -> None:
    if is_torn and line.startswith(HEAD[: len(line)]):
        return
    try:
        head = _entry(line)
        version, url = head["journal"], head["base_url"]
    except (ValueError, KeyError, RecursionError):
        raise WrongJournal(f"{path} is no journal of autoshares-cancel: give another --journal") from None
    if version != VERSION:
        raise WrongJournal(f"{path} was written by another version of autoshares-cancel: give another --journal")
    if url != base_url:
        raise WrongJournal(f"{path} belongs to {url}, and AUTOSHARES_BASE_URL is {base_url}: give another --journal")


def _take(line: bytes, number: int, place: int, path: Path, seen_orders: SeenOrders) -> None:
    try:
        entry = _entry(line)
        order = check_id("account_id", entry["account_id"]), check_id("order_id", entry["order_id"])
        known = seen_orders.of(order)
        standing = _after(known.standing, entry)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise WrongJournal(
            f"line {number} of the journal {path} can't be read: mend it, or give another --journal;"
            " with another one, orders that this one knows are tried again"
        ) from None
    if known.standing is not Standing.FINAL:
        seen_orders.put(order, evolve(known, standing=standing, place=place))


def _after(standing: Standing, entry: dict[str, Any]) -> Standing:
    is_sure = standing in {Standing.NEW, Standing.OPEN}
    if entry["event"] == "begun":
        return Standing.BEGUN if is_sure else Standing.DOUBT
    if entry["event"] != "outcome":
        raise ValueError(entry["event"])
    if entry["outcome"] in FINAL:
        return Standing.FINAL
    is_unknown = entry["exit_code"] == UNKNOWN_EXIT_CODE or standing is Standing.DOUBT
    return Standing.DOUBT if is_unknown else Standing.OPEN


def _entry(line: bytes) -> dict[str, Any]:
    entry: object = json.loads(line)
    if not isinstance(entry, dict):
        raise ValueError("no object")  # noqa: TRY004  # as what json says, for those who call
    return cast("dict[str, Any]", entry)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
