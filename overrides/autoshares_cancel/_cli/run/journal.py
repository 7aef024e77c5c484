"""The journal of a run: it records which orders were begun and their outcomes, so that a killed run can be resumed.

1. The journal is JSON lines: a head with the base URL, then for each order a line `begun`, written before its request
   can leave, and a line `outcome`. The operating system gets each line in one piece before the run continues, so a kill
   of the process loses none. The journal does not force lines to the disk: a power cut may lose some.
2. The lines of an order give its standing. Cancelled and OrderConflict are final. An order that was begun is in doubt
   if it has no outcome or an unknown one, and stays in doubt until it is final. Other outcomes leave it as it was.
3. A last line without a line end was cut off by a kill, and is removed: the order that it begins was not sent yet, and
   the outcome that it has is found out again. Any other unreadable line is an error.
4. Only one process at a time can open it. Memory use does not grow with an old journal: SeenOrders keeps the places of
   its outcomes in a temporary file.
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
"""Bytes. Most lines are shorter."""


class WrongJournal(Exception):
    """The journal can't be used. The message says why, and what to do."""


class Journal:
    """An open journal, locked against other processes. Its methods raise OSError if it can't be written."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_broken = False

    @classmethod
    def open(cls, path: Path, base_url: str, seen_orders: SeenOrders, *, writes: bool = True) -> Self:
        """Lock the journal, remove a torn last line, and read it into `seen_orders`. Creates it if it is missing.

        Without `writes` the file must exist and stays unchanged. Raises WrongJournal, and OSError if the file can't be
        opened.
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
        """Close and unlock it."""
        self._stream.close()

    def begins(self, order: tuple[int, int], line: int) -> None:
        """Record that the request of an order may leave from now on."""
        self._write({"event": "begun", "at": _now(), "account_id": order[0], "order_id": order[1], "line": line})

    def ends(self, values: dict[str, Any], line: int) -> None:
        """Record the outcome of an order; `values` is what as_object makes of it."""
        self._write({"event": "outcome", "at": _now(), **values, "line": line})

    def outcome_at(self, place: int) -> dict[str, Any]:
        """Read the outcome at this place, in bytes, as it was recorded."""
        line = b""
        while not line.endswith(b"\n"):
            piece = os.pread(self._stream.fileno(), LINE_LENGTH, place + len(line))
            line += piece[: piece.find(b"\n") + 1 or len(piece)]
        return _entry(line)

    def _write(self, entry: dict[str, Any]) -> None:
        # A line behind half a line would make both unreadable. Half a line alone is removed when the journal is read.
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
        with open(os.dup(self._stream.fileno()), "rb") as stream:  # noqa: PTH123  # the locked file itself, even if its path now names another one
            whole = _read(stream, path, base_url, seen_orders)
        if not writes:
            return
        self._stream.truncate(whole)
        if whole == 0:
            self._write({"journal": VERSION, "base_url": base_url, "at": _now()})


def _lock(stream: BinaryIO, path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415  # missing on some systems; only a journal needs it
    except ImportError:
        raise WrongJournal("a journal needs file locks, which this system does not have: leave --journal out") from None
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WrongJournal(
            f"another process is using the journal {path}: wait until it has ended, or give another --journal"
        ) from None


def _read(stream: BinaryIO, path: Path, base_url: str, seen_orders: SeenOrders) -> int:
    """Read all lines into `seen_orders`. Returns the place where the last whole line ends, in bytes."""
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
            f"line {number} of the journal {path} can't be read: fix it, or give another --journal;"
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
        raise ValueError("no object")  # noqa: TRY004  # callers catch it like an error of json
    return cast("dict[str, Any]", entry)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
