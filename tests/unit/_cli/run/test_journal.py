"""The journal: what it records, and how it reads what a killed process has left."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoshares_cancel import Cancelled, InvalidRequest, NoReply, NotSent, OrderConflict, Outcome, TokenUnavailable
from autoshares_cancel._cli.report import as_object
from autoshares_cancel._cli.run.journal import Journal, WrongJournal
from autoshares_cancel._cli.run.seen_orders import SeenOrders, Standing

URL = "https://broker.example/api"
IDS: dict[str, Any] = {"account_id": 6303, "order_id": 1}
ORDER = (6303, 1)
CANCELLED, CONFLICT = Cancelled(**IDS, status_code=204), OrderConflict(**IDS, status_code=409)
UNKNOWN, NOT_SENT, REFUSED = NoReply(**IDS), NotSent(**IDS), InvalidRequest(**IDS)
NO_TOKEN = TokenUnavailable(detail="no")
BEGUN = None
HEAD = json.dumps({"journal": 1, "base_url": URL}).encode() + b"\n"


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
            journal.begins(ORDER, 2)
        else:
            journal.ends(as_object(*ORDER, event), 2)
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
    values = journal.outcome_at(seen_orders.of(ORDER).place)
    assert {name: values[name] for name in as_object(*ORDER, long)} == as_object(*ORDER, long)
    assert (values["event"], values["line"]) == ("outcome", 2)
    journal.close()


def test_a_line_is_written_before_anything_else_happens(tmp_path: Path, seen_orders: SeenOrders) -> None:
    """Law 4: another process sees each line at once, so no kill loses it."""
    path = tmp_path / "journal"
    journal = Journal.open(path, URL, seen_orders)
    assert path.read_bytes().count(b"\n") == 1
    journal.begins(ORDER, 2)
    assert json.loads(path.read_bytes().splitlines()[1])["event"] == "begun"
    journal.ends(as_object(*ORDER, CANCELLED), 2)
    assert json.loads(path.read_bytes().splitlines()[2])["outcome"] == "Cancelled"
    journal.close()


@pytest.mark.parametrize("left", [1, 10, -1, -20])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, seen_orders: SeenOrders, left: int) -> None:
    """Law 4: the outcome that it had is found out again, and the lines before and after it can be read."""
    path = tmp_path / "journal"
    noted(path, BEGUN, CANCELLED)
    *whole, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole) + last.rstrip(b"\n")[:left])
    journal = Journal.open(path, URL, seen_orders)
    assert seen_orders.of(ORDER).standing is Standing.BEGUN
    journal.ends(as_object(*ORDER, CONFLICT), 2)
    journal.close()
    again = SeenOrders()
    Journal.open(path, URL, again).close()
    assert again.of(ORDER).standing is Standing.FINAL
    again.close()


@pytest.mark.parametrize("torn", [b"", HEAD[:1], HEAD[:9], HEAD[:-1]], ids=repr)
def test_a_torn_head_is_written_anew(tmp_path: Path, seen_orders: SeenOrders, torn: bytes) -> None:
    """The head is written again, as in an empty file."""
    path = tmp_path / "journal"
    path.write_bytes(torn)
    Journal.open(path, URL, seen_orders).close()
    assert json.loads(path.read_bytes())["base_url"] == URL


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"\xff",
        b"",
        b"\0\0",
        b"[" * 100_000,
        b'{"event": "begun", "account_id": 6303}',
        b'{"event": "begun", "account_id": 6303, "order_id": "1"}',
        b'{"event": "began", "account_id": 6303, "order_id": 1}',
        b'{"event": "outcome", "account_id": 6303, "order_id": 1}',
        b'{"event": "outcome", "account_id": 6303, "order_id": 1, "outcome": "NoReply"}',
        b'{"event": "outcome", "account_id": 6303, "order_id": 1, "outcome": [], "exit_code": 5}',
    ],
    ids=lambda line: repr(line)[-60:],
)
def test_any_other_line_that_can_not_be_read_is_an_error(tmp_path: Path, seen_orders: SeenOrders, line: bytes) -> None:
    """The message has the line number, and the file is unchanged: such a journal can't be trusted."""
    path = tmp_path / "journal"
    noted(path, BEGUN)
    path.write_bytes(path.read_bytes() + line + b'\n{"event": "beg')
    before = path.read_bytes()
    with pytest.raises(WrongJournal, match=r"^line 3 of the journal"):
        Journal.open(path, URL, seen_orders)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"account_id,order_id\n6303,1", "is no journal of autoshares-cancel"),
        (b"account_id,order_id", "is no journal of autoshares-cancel"),
        (b"{}\n", "is no journal"),
        (b"[" * 100_000 + b"\n", "is no journal"),
        (HEAD.replace(b"1", b"2"), "another version"),
        (HEAD.replace(b"broker", b"other"), "belongs to https://other.example/api, and AUTOSHARES_BASE_URL is"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_file_that_is_no_journal_of_this_url_is_left_alone(
    tmp_path: Path, seen_orders: SeenOrders, text: bytes, why: str
) -> None:
    """The file of another broker or program is refused and unchanged."""
    (tmp_path / "journal").write_bytes(text)
    with pytest.raises(WrongJournal, match=why):
        Journal.open(tmp_path / "journal", URL, seen_orders)
    assert (tmp_path / "journal").read_bytes() == text


def test_one_at_a_time_has_it(tmp_path: Path, seen_orders: SeenOrders) -> None:
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
    path.write_bytes(path.read_bytes() + b'{"event": "ou')
    before = path.read_bytes()
    Journal.open(path, URL, seen_orders, writes=False).close()
    assert path.read_bytes() == before
    assert seen_orders.in_doubt() == 1


class Full:
    """A disk that takes a few more bytes, and then none."""

    def __init__(self, room: int) -> None:
        self.room, self.text = room, b""

    def write(self, line: bytes) -> int:
        if not self.room:
            raise OSError(28, os.strerror(28))
        self.text, self.room = self.text + line[: self.room], self.room - len(line[: self.room])
        return len(line) if self.room else len(line) - 1


@pytest.mark.parametrize("room", [0, 7])
def test_after_half_a_line_nothing_more_is_written(room: int) -> None:
    """A line behind half a line would make both unreadable; half a line alone is removed later."""
    disk: Any = Full(room)
    journal = Journal(disk)
    with pytest.raises(OSError, match=r"part of a line|No space left"):
        journal.begins(ORDER, 2)
    disk.room = 1000
    journal.begins(ORDER, 3)
    assert len(disk.text) == room
