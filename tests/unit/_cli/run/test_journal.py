"""The journal: what it records, and how it reads what a killed process has left."""

import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoshares_cancel import Cancelled, InvalidRequest, NoReply, NotSent, OrderConflict, Outcome, TokenUnavailable
from autoshares_cancel._cli.report import as_object
from autoshares_cancel._cli.run.journal import Journal, WrongJournal
from autoshares_cancel._cli.run.journal_lines import LONGEST_LINE, begun, head
from autoshares_cancel._cli.run.seen_orders import SeenOrders, Standing

URL = "https://broker.example/api"
IDS: dict[str, Any] = {"account_id": 6303, "order_id": 1}
ORDER = (6303, 1)
CANCELLED, CONFLICT = Cancelled(**IDS, status_code=204), OrderConflict(**IDS, status_code=409)
UNKNOWN, NOT_SENT, REFUSED = NoReply(**IDS), NotSent(**IDS), InvalidRequest(**IDS)
NO_TOKEN = TokenUnavailable(detail="no")
BEGUN = None
HEAD = head(URL)
OLD = json.dumps({"journal": 1, "base_url": URL, "at": "2026-01-01T00:00:00.000+00:00"}).encode() + b"\n"


@pytest.fixture
def seen_orders() -> Iterator[SeenOrders]:
    known = SeenOrders()
    yield known
    known.close()


def noted(path: Path, *events: Outcome | None) -> None:
    """Write a journal with these events of one order, as a run leaves it that ended or was killed."""
    known = SeenOrders()
    journal = Journal.open(path, URL, known)
    for event in events:
        if event is None:
            journal.begins(ORDER)
        else:
            journal.ends(as_object(*ORDER, event))
    journal.close()
    known.close()


@pytest.mark.parametrize(
    ("events", "standing"),
    [
        ([], Standing.NEW),
        ([BEGUN], Standing.BEGUN),
        ([BEGUN, CANCELLED], Standing.FINAL),
        ([BEGUN, CONFLICT], Standing.FINAL),
        ([BEGUN, UNKNOWN], Standing.DOUBT),
        ([BEGUN, NOT_SENT], Standing.OPEN),
        ([BEGUN, REFUSED], Standing.OPEN),
        ([BEGUN, NO_TOKEN], Standing.OPEN),
        ([BEGUN, NOT_SENT, BEGUN], Standing.BEGUN),
        ([BEGUN, BEGUN], Standing.DOUBT),
        ([BEGUN, BEGUN, NOT_SENT], Standing.DOUBT),
        ([BEGUN, UNKNOWN, BEGUN, NOT_SENT], Standing.DOUBT),
        ([BEGUN, UNKNOWN, BEGUN, NO_TOKEN], Standing.DOUBT),
        ([BEGUN, UNKNOWN, BEGUN, CANCELLED], Standing.FINAL),
        ([BEGUN, BEGUN, CONFLICT], Standing.FINAL),
        ([BEGUN, CANCELLED, BEGUN, NOT_SENT], Standing.FINAL),
    ],
    ids=lambda value: "-".join(type(each).__name__ for each in value) if isinstance(value, list) else value.name,
)
def test_an_order_is_as_its_lines_say(
    tmp_path: Path, seen_orders: SeenOrders, events: list[Outcome | None], standing: Standing
) -> None:
    """Law 4: an order that was begun and has no outcome is in doubt, and only a final outcome ends a doubt."""
    noted(tmp_path / "journal", *events)
    Journal.open(tmp_path / "journal", URL, seen_orders).close()
    assert seen_orders.of(ORDER).standing is standing
    assert seen_orders.of(ORDER).is_in_doubt == (standing in {Standing.BEGUN, Standing.DOUBT})
    assert seen_orders.in_doubt() == seen_orders.of(ORDER).is_in_doubt


def test_a_final_outcome_is_read_as_it_was_recorded(tmp_path: Path, seen_orders: SeenOrders) -> None:
    """An outcome is read back unchanged, whatever its length and place."""
    long = OrderConflict(**IDS, status_code=409, detail="ä" * 3000)
    noted(tmp_path / "journal", BEGUN, long)
    journal = Journal.open(tmp_path / "journal", URL, seen_orders)
    assert journal.outcome_at(ORDER, seen_orders.of(ORDER).place) == as_object(*ORDER, long)
    journal.close()


def test_a_line_is_written_before_anything_else_happens(tmp_path: Path, seen_orders: SeenOrders) -> None:
    """Law 4: each line is in the file when the call returns, so a kill does not lose it."""
    path = tmp_path / "journal"
    journal = Journal.open(path, URL, seen_orders)
    assert path.read_bytes().count(b"\n") == 1
    journal.begins(ORDER)
    assert json.loads(path.read_bytes().splitlines()[1])["begun"] == [*ORDER]
    journal.ends(as_object(*ORDER, CANCELLED))
    assert json.loads(path.read_bytes().splitlines()[2])["outcome"] == "Cancelled"
    journal.close()


@pytest.mark.parametrize("left", [1, 10, -1, -20])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, seen_orders: SeenOrders, left: int) -> None:
    """Law 4: an order whose outcome was on a torn line counts as begun, and lines written later can be read."""
    path = tmp_path / "journal"
    noted(path, BEGUN, CANCELLED)
    *whole, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole) + last.rstrip(b"\n")[:left])
    journal = Journal.open(path, URL, seen_orders)
    assert seen_orders.of(ORDER).standing is Standing.BEGUN
    journal.ends(as_object(*ORDER, CONFLICT))
    journal.close()
    again = SeenOrders()
    Journal.open(path, URL, again).close()
    assert again.of(ORDER).standing is Standing.FINAL
    again.close()


@pytest.mark.parametrize("event", [BEGUN, CANCELLED, UNKNOWN], ids=["begun", "Cancelled", "NoReply"])
def test_a_last_line_that_lacks_only_its_end_counts(
    tmp_path: Path, seen_orders: SeenOrders, event: Outcome | None
) -> None:
    """Law 4: a last line without its line end counts, for example after an editor has dropped it."""
    path = tmp_path / "journal"
    noted(path, BEGUN, event)
    whole = path.read_bytes()
    path.write_bytes(whole.rstrip(b"\n"))
    dry = SeenOrders()
    Journal.open(path, URL, dry, writes=False).close()
    assert path.read_bytes() == whole.rstrip(b"\n")
    journal = Journal.open(path, URL, seen_orders)
    assert seen_orders.of(ORDER) == dry.of(ORDER)
    assert seen_orders.of(ORDER).standing is (Standing.FINAL if event is CANCELLED else Standing.DOUBT)
    journal.begins(ORDER)
    journal.close()
    dry.close()
    assert path.read_bytes().startswith(whole)
    assert path.read_bytes().count(b"\n") == 4


@pytest.mark.parametrize("torn", [b"", HEAD[:24], HEAD[:-2], HEAD[:-1]], ids=repr)
def test_a_torn_head_is_written_anew(tmp_path: Path, seen_orders: SeenOrders, torn: bytes) -> None:
    """A torn first line is written again, as in an empty file."""
    path = tmp_path / "journal"
    path.write_bytes(torn)
    Journal.open(path, URL, seen_orders).close()
    assert path.read_bytes() == HEAD


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"",
        b"\0\0",
        b'{"begun":[6303,1],"at":5',
        b'{"ended":[6303,1],"at":5,"outcome":"NoReply"}',
        b'{"ended":[6303,1],"at":5,"outcome":"NoReply","status_code":"5"}',
        b'{"event": "begun", "account_id": 6303, "order_id": 1}',
        b'{"begun":[6303,1],"at":5}' + b" " * LONGEST_LINE,
        b"x" * LONGEST_LINE * 3,
    ],
    ids=lambda line: repr(line[:48]),
)
@pytest.mark.parametrize("behind", [b'\n{"beg', b"\n"], ids=["torn", "whole"])
def test_any_other_line_that_can_not_be_read_is_an_error(
    tmp_path: Path, seen_orders: SeenOrders, line: bytes, behind: bytes
) -> None:
    """Law 12: a journal with another unreadable line is refused unchanged; the message has the line number."""
    path = tmp_path / "journal"
    noted(path, BEGUN)
    path.write_bytes(path.read_bytes() + line + behind)
    before = path.read_bytes()
    with pytest.raises(WrongJournal, match=r"^line 3 of the journal .* can't be read: fix it, or"):
        Journal.open(path, URL, seen_orders)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "line", [b"x", b'{"begun":[6303,1],"at":5,"line":2}', b"{}", b"x" * LONGEST_LINE], ids=lambda line: repr(line)[:40]
)
def test_a_last_line_that_is_no_beginning_of_ours_is_an_error(
    tmp_path: Path, seen_orders: SeenOrders, line: bytes
) -> None:
    """A last line is removed only if a kill can have left it; any other one is an error."""
    path = tmp_path / "journal"
    path.write_bytes(HEAD + line)
    with pytest.raises(WrongJournal, match=r"^line 2 of the journal"):
        Journal.open(path, URL, seen_orders)
    assert path.read_bytes() == HEAD + line


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"account_id,order_id\n6303,1", "is no journal of autoshares-cancel"),
        (b"account_id,order_id", "is no journal of autoshares-cancel"),
        (b"{", "is no journal"),
        (HEAD[:20], "is no journal"),
        (b'{"journal": "The Lancet", "volume": 3}', "is no journal"),
        (HEAD[:24] + b'"https://other', "is no journal"),
        (b"{}\n", "is no journal"),
        (b"\n", "is no journal"),
        (b"[" * 100_000 + b"\n", "is no journal"),
        (OLD, "was written by another version of autoshares-cancel: resume it with that version, or give another"),
        (HEAD.replace(b"2", b"3"), "another version"),
        (HEAD.replace(b"2", b'"2"'), "another version"),
        (HEAD.replace(b"broker", b"other"), "belongs to https://other.example/api, and AUTOSHARES_BASE_URL is"),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("writes", [True, False])
def test_a_file_that_is_no_journal_of_this_url_is_left_alone(
    tmp_path: Path, seen_orders: SeenOrders, text: bytes, why: str, *, writes: bool
) -> None:
    """Law 12: a file of another broker, version or program is refused and left unchanged."""
    (tmp_path / "journal").write_bytes(text)
    with pytest.raises(WrongJournal, match=why):
        Journal.open(tmp_path / "journal", URL, seen_orders, writes=writes)
    assert (tmp_path / "journal").read_bytes() == text


def test_a_journal_is_used_by_one_process_at_a_time(tmp_path: Path, seen_orders: SeenOrders) -> None:
    """A second process is refused, because both would cancel the same orders; after the first, another may open it."""
    path = tmp_path / "journal"
    first = Journal.open(path, URL, seen_orders)
    for writes in (True, False):
        with pytest.raises(WrongJournal, match=r"another process is using the journal .*: wait until it has ended"):
            Journal.open(path, URL, seen_orders, writes=writes)
    first.close()
    Journal.open(path, URL, seen_orders).close()


def test_a_dry_run_changes_nothing(tmp_path: Path, seen_orders: SeenOrders) -> None:
    """A dry run reads the journal, torn or not, and leaves it unchanged."""
    path = tmp_path / "journal"
    noted(path, BEGUN)
    path.write_bytes(path.read_bytes() + b'{"ended":[63')
    before = path.read_bytes()
    Journal.open(path, URL, seen_orders, writes=False).close()
    assert path.read_bytes() == before
    assert seen_orders.in_doubt() == 1


class Full:
    """A file on a disk that takes a few more bytes, and then no more."""

    def __init__(self, path: Path, room: int) -> None:
        self.file, self.room = path.open("a+b", buffering=0), room
        self.fileno, self.truncate = self.file.fileno, self.file.truncate

    def write(self, line: bytes) -> int:
        if not self.room:
            raise OSError(28, os.strerror(28))
        written = self.file.write(line[: self.room])
        self.room -= written
        return written


@pytest.mark.parametrize("room", [0, 7])
def test_after_half_a_line_nothing_more_is_written(tmp_path: Path, room: int) -> None:
    """Law 12: half a line is removed at once, because a line behind it would make both unreadable."""
    path = tmp_path / "journal"
    path.write_bytes(HEAD)
    disk: Any = Full(path, room)
    journal = Journal(disk, path)
    with pytest.raises(OSError, match=r"part of a line|No space left"):
        journal.begins(ORDER)
    disk.room = 1000
    journal.begins(ORDER)
    disk.file.close()
    assert path.read_bytes() == HEAD


def test_memory_does_not_grow_with_the_journal(tmp_path: Path, seen_orders: SeenOrders) -> None:
    """A journal is read line by line, and the state of its orders is in a temporary file."""
    path, orders = tmp_path / "journal", 4_000
    path.write_bytes(HEAD + b"".join(begun((6303, number), 5) for number in range(orders)))
    tracemalloc.start()
    try:
        Journal.open(path, URL, seen_orders).close()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen_orders.in_doubt() == orders
    assert peak < path.stat().st_size < 200_000
