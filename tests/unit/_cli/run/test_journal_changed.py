"""A journal that another program changes while it is in use, and one that is forced to the disk."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, outcomes

from autoshares_cancel import Cancelled, NotSent, OrderConflict
from autoshares_cancel._cli.report import as_object
from autoshares_cancel._cli.run.journal import CHANGED, Journal, WrongJournal
from autoshares_cancel._cli.run.seen_orders import SeenOrders
from autoshares_cancel.mock import MockServer

URL = "https://broker.example/api"
ORDER, OTHER = (6303, 1), (6303, 2)
ORDERS = "order_id,account_id\n" + "".join(f"{number},6303\n" for number in range(73552, 73562))


@pytest.fixture
def seen_orders() -> Iterator[SeenOrders]:
    known = SeenOrders()
    yield known
    known.close()


def cancelled(order: tuple[int, int]) -> dict[str, Any]:
    return as_object(*order, Cancelled(account_id=order[0], order_id=order[1], status_code=204))


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def shortened(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def without_last_line(path: Path) -> None:
    os.truncate(path, path.read_bytes().rstrip(b"\n").rfind(b"\n") + 1)


def longer(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"x\n")


def overwritten(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def deleted(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("old"))


def replaced(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


CHANGES = (emptied, shortened, without_last_line, longer, overwritten, deleted, moved, replaced)


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@pytest.mark.parametrize("change", CHANGES)
def test_a_journal_that_was_changed_is_not_written_any_more(
    tmp_path: Path, seen_orders: SeenOrders, change: Callable[[Path], None]
) -> None:
    """Law 12: after another program has changed the journal, no order is begun and nothing is written to it."""
    path = tmp_path / "journal"
    journal = Journal.open(path, URL, seen_orders)
    journal.begins(ORDER)
    change(path)
    left = content(path)
    with pytest.raises(OSError, match=CHANGED):
        journal.begins(OTHER)
    journal.ends(cancelled(ORDER))
    journal.close()
    assert content(path) == left


@pytest.mark.parametrize("change", [emptied, overwritten, without_last_line])
def test_an_outcome_that_is_gone_is_not_made_up(
    tmp_path: Path, seen_orders: SeenOrders, change: Callable[[Path], None]
) -> None:
    """Law 1: an outcome is printed from the journal only if its line is still there; otherwise an error is raised."""
    path = tmp_path / "journal"
    journal = Journal.open(path, URL, seen_orders)
    journal.begins(ORDER)
    place = path.stat().st_size
    journal.ends(cancelled(ORDER))
    assert journal.outcome_at(ORDER, place)["outcome"] == "Cancelled"
    change(path)
    with pytest.raises(WrongJournal, match=f"the journal {path} can't be read: {CHANGED}"):
        journal.outcome_at(ORDER, place)
    journal.close()


def test_an_outcome_of_another_line_is_refused(tmp_path: Path, seen_orders: SeenOrders) -> None:
    """Law 1: an outcome is read only from a line that is about this order, and final."""
    path = tmp_path / "journal"
    journal = Journal.open(path, URL, seen_orders)
    places = [path.stat().st_size]
    journal.begins(ORDER)
    for outcome in (NotSent(account_id=6303, order_id=1), OrderConflict(account_id=6303, order_id=2, status_code=409)):
        places.append(path.stat().st_size)
        journal.ends(as_object(outcome.account_id, outcome.order_id, outcome))
    for place in places:
        with pytest.raises(WrongJournal, match=CHANGED):
            journal.outcome_at(ORDER, place)
    assert journal.outcome_at(OTHER, places[2])["exit_code"] == 4
    journal.close()


@pytest.mark.parametrize("change", [emptied, longer, replaced])
def test_a_run_ends_if_its_journal_is_changed(
    mock_server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    """Law 12: orders that were begun are printed, no more are begun, and stderr says why, without a traceback."""
    run, path, orders = Command(mock_server), tmp_path / "journal", tmp_path / "orders.csv"
    orders.write_text(ORDERS, encoding="utf-8")
    ends, ended = Journal.ends, list[object]()

    def changes(self: Journal, values: dict[str, Any]) -> None:
        ends(self, values)
        ended.append(values)
        if len(ended) == 3:
            change(path)

    monkeypatch.setattr(Journal, "ends", changes)
    result = run("orders", orders, "--json", "--journal", path, "--concurrency", 1)
    assert result.exit_code != 0
    assert set(outcomes(result.stdout)) == set(run.cancels) == {73552, 73553, 73554}
    assert f"{CHANGED}. The rest of the file was not begun." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_run_ends_if_the_outcomes_that_it_prints_are_gone(
    mock_server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 12: an earlier outcome that can't be read again ends the run with a message, before anything is sent."""
    run, path, orders = Command(mock_server), tmp_path / "journal", tmp_path / "orders.csv"
    orders.write_text(ORDERS, encoding="utf-8")
    run("orders", orders, "--journal", path)
    before, read = run.requests, Journal.outcome_at

    def gone(self: Journal, order: tuple[int, int], place: int) -> dict[str, Any]:
        os.truncate(path, place + 5)
        return read(self, order, place)

    monkeypatch.setattr(Journal, "outcome_at", gone)
    result = run("orders", orders, "--journal", path)
    assert (result.exit_code != 0, result.stdout, run.requests) == (True, "", before)
    assert f"the journal {path} can't be read: {CHANGED}. The rest of the file was not begun." in result.stderr


@pytest.mark.parametrize("syncs", [True, False])
def test_a_journal_that_syncs_forces_each_line_to_the_disk(
    tmp_path: Path, seen_orders: SeenOrders, monkeypatch: pytest.MonkeyPatch, *, syncs: bool
) -> None:
    """Law 12: with --sync a line is on the disk before the next step, and so is the name of a new file."""
    path, forced = tmp_path / "journal", list[tuple[bool, bytes]]()
    fsync = os.fsync

    def recorded(descriptor: int) -> None:
        fsync(descriptor)
        forced.append((os.path.samestat(os.fstat(descriptor), path.stat()), path.read_bytes()))

    monkeypatch.setattr(os, "fsync", recorded)
    journal = Journal.open(path, URL, seen_orders, syncs=syncs)
    head = path.read_bytes()
    journal.begins(ORDER)
    begun = path.read_bytes()
    journal.ends(cancelled(ORDER))
    ended = path.read_bytes()
    journal.close()
    assert forced == ([(True, head), (False, head), (True, begun), (True, ended)] if syncs else [])


@pytest.mark.parametrize("options", [["--sync"], []], ids=["sync", "no sync"])
def test_a_run_forces_its_journal_to_the_disk_on_request(
    mock_server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """Law 12: with --sync the line of an order is on the disk before its cancel arrives."""
    run, path, orders = Command(mock_server), tmp_path / "journal", tmp_path / "orders.csv"
    orders.write_text(ORDERS, encoding="utf-8")
    fsync, forced = os.fsync, list[tuple[int, int]]()

    def recorded(descriptor: int) -> None:
        fsync(descriptor)
        forced.append((path.read_bytes().count(b'{"begun"'), len(run.cancels)))

    monkeypatch.setattr(os, "fsync", recorded)
    assert run("orders", orders, "--journal", path, "--concurrency", 1, *options).exit_code == 0
    assert [count for count in range(1, 11) if (count, count - 1) in forced] == (list(range(1, 11)) if options else [])


def test_a_line_that_can_not_be_forced_to_the_disk_is_an_error(
    tmp_path: Path, seen_orders: SeenOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 12: a disk that fails ends the run before the request leaves."""
    journal = Journal.open(tmp_path / "journal", URL, seen_orders, syncs=True)

    def fails(descriptor: int) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="Input/output error"):
        journal.begins(ORDER)
    journal.close()
