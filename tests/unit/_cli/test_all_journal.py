"""The command `all` with a journal: what it records, and how it resumes after a kill."""

import errno
import json
import signal
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, objects, outcomes, process
from support.control import settings, tell
from support.fake_backend import until
from support.journals import left_by
from support.mock_orders import FOREIGN, KNOWN, OWN, live, order_methods

from autoshares_cancel import NoReply, NotSent
from autoshares_cancel._cli.run.journal import Journal
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.orders import Order

GONE, FILLED, HELD = 73564, 73562, 7


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """Run the command against the mock."""
    return Command(mock_server)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The path of the journal, which does not exist yet."""
    return tmp_path / "journal"


def events(journal: Path) -> list[dict[str, Any]]:
    return objects(journal.read_text(encoding="utf-8"))[1:]


def test_every_order_is_recorded_before_it_is_sent_and_when_it_ends(
    run: Command, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 4: the journal has each order before its cancel is sent, and every outcome that is printed."""
    sent, begins = list[list[int]](), Journal.begins

    def watched(self: Journal, order: tuple[int, int]) -> None:
        sent.append(run.cancels)
        begins(self, order)

    monkeypatch.setattr(Journal, "begins", watched)
    result = run("all", OWN, "--yes", "--json", "--journal", journal, "--concurrency", 1)
    begun = [event["begun"][1] for event in events(journal) if "begun" in event]
    assert sent == [begun[:number] for number in range(len(KNOWN))]
    assert {*begun} == KNOWN
    ended = {event["ended"][1]: event["outcome"] for event in events(journal) if "ended" in event}
    assert ended == outcomes(result.stdout)


@pytest.mark.parametrize("kind", [None, NoReply])
def test_what_is_in_doubt_is_read_first_open_or_not(
    run: Command, journal: Path, kind: type | None, mock_server: MockServer
) -> None:
    """Law 12: the next run reads each order that a killed run has begun, even if no listing shows it."""
    mock_server.exchange.seed(orders=[Order(order_id=HELD, account_id=OWN, status="Held")])
    open_one = min(KNOWN)
    left_by(mock_server, journal, *((number, kind) for number in (GONE, open_one, HELD, FILLED)))
    result = run("all", OWN, "--yes", "--json", "--no-held", "--journal", journal)
    found = {item["order_id"]: item for item in objects(result.stdout)}
    assert found.keys() == KNOWN | {GONE, HELD, FILLED}
    assert {number: found[number]["outcome"] for number in (GONE, open_one, HELD, FILLED)} == {
        GONE: "Cancelled",
        open_one: "Cancelled",
        HELD: "Cancelled",
        FILLED: "OrderConflict",
    }
    assert {*run.cancels} == KNOWN | {HELD}
    for number in (open_one, HELD):
        methods = [seen.method for seen in run.requests if seen.path.endswith(f"/{number}")]
        assert methods[:2] == ["GET", "DELETE"]
    assert live(mock_server) == set()
    assert result.exit_code == 4


def test_what_is_final_or_was_never_sent_is_not_read(run: Command, journal: Path, mock_server: MockServer) -> None:
    """A run whose journal has no order in doubt begins with a listing, and reads no single order."""
    left_by(mock_server, journal, (FILLED, NotSent))
    run("all", OWN, "--yes", "--journal", journal)
    sent = len(run.requests)
    assert run("all", OWN, "--yes", "--journal", journal).stderr.startswith("nothing to cancel")
    paths = {seen.path.rpartition("/")[2].partition("?")[0] for seen in run.requests[sent:]}
    assert paths == {"token", "orders"}


def test_an_order_in_doubt_that_can_not_be_read_is_unknown(
    run: Command, journal: Path, mock_server: MockServer
) -> None:
    """Law 4: an order in doubt that can't be read is unknown and not cancelled, and the next run reads it."""
    left_by(mock_server, journal, (GONE, None))
    tell(mock_server, "faults", faults=[{"fault": "garbage", "order_id": GONE, "method": "GET", "times": 1000}])
    result = run("all", OWN, "--yes", "--json", "--journal", journal)
    assert outcomes(result.stdout)[GONE] == "OutcomeUnknown"
    assert (result.exit_code, GONE in run.cancels) == (5, False)
    tell(mock_server, "faults", faults=[])
    result = run("all", OWN, "--yes", "--json", "--journal", journal)
    assert (result.exit_code, outcomes(result.stdout)) == (0, {GONE: "Cancelled"})


def test_orders_of_other_accounts_are_left_alone(run: Command, journal: Path, mock_server: MockServer) -> None:
    """Orders in doubt of other accounts are counted, and neither read nor cancelled."""
    (other,) = (number for number, order in mock_server.exchange.orders.items() if order.account_id == FOREIGN)
    left_by(mock_server, journal, (other, None), account_id=FOREIGN)
    result = run("all", OWN, "--yes", "--json", "--journal", journal)
    assert other not in outcomes(result.stdout)
    assert "Orders in doubt that the journal has in other accounts: 1." in result.stderr


def test_a_dry_run_shows_what_is_in_doubt_and_changes_nothing(
    run: Command, journal: Path, mock_server: MockServer
) -> None:
    """A dry run shows the orders in doubt, and neither makes a journal nor writes to one."""
    open_one = min(KNOWN)
    assert run("all", OWN, "--dry-run", "--journal", journal).exit_code == 0
    assert not journal.exists()
    left_by(mock_server, journal, (GONE, None), (open_one, None))
    before = journal.read_bytes()
    result = run("all", OWN, "--dry-run", "--json", "--journal", journal)
    would = {item["order_id"]: item["would_be"] for item in objects(result.stdout)}
    assert {number for number, what in would.items() if what.startswith("read first")} == {GONE, open_one}
    assert would.keys() == KNOWN | {GONE}
    assert "11 orders and 1 order in doubt would be cancelled (nothing was sent)" in result.stderr
    text = run("all", OWN, "--dry-run", "--journal", journal).stdout
    assert f"{GONE}  in doubt from an earlier run: would be read first, and cancelled if it still works\n" in text
    assert (journal.read_bytes(), {*order_methods(mock_server)}) == (before, {"GET"})


@pytest.mark.parametrize("method", ["begins", "ends"])
def test_a_journal_that_can_not_be_written_stops_the_run(
    run: Command, journal: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Law 4: an order is sent only after the journal has it, and every order that was sent is printed."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, method, fail)
    result = run("all", OWN, "--yes", "--json", "--journal", journal, "--concurrency", 2)
    *orders, account = objects(result.stdout)
    assert [item["order_id"] for item in orders] == run.cancels
    assert len(orders) == (0 if method == "begins" else 2)
    assert account["detail"] == "the journal can't be written: No space left on device."
    assert "account 6303 may not be clear: the journal can't be written" in result.stderr
    assert result.exit_code == 1


def test_bad_journals_are_refused_before_any_request(run: Command, journal: Path, tmp_path: Path) -> None:
    """A journal of another broker, a folder, and --sync without a journal are refused before any request."""
    journal.write_text(json.dumps({"journal": 2, "base_url": "https://elsewhere.example/api"}) + "\n", encoding="utf-8")
    for path, problem in ((journal, "belongs to https://elsewhere.example/api"), (tmp_path, "Is a directory")):
        result = run("all", OWN, "--yes", "--journal", path)
        assert (result.exit_code, problem in " ".join(result.stderr.split())) == (2, True), result.stderr
    result = run("all", OWN, "--yes", "--sync")
    assert (result.exit_code, "give --journal, too" in result.stderr) == (2, True)
    assert run.requests == []


def test_after_a_signal_the_journal_has_every_outcome(run: Command, journal: Path, mock_server: MockServer) -> None:
    """Law 12: after a signal, each order that was begun has its outcome in the journal and on stdout."""
    settings(mock_server, venue_delay=0.2)
    options = ["--yes", "--json", "--quiet", "--venue", "--concurrency", 2, "--journal", journal, "--sync"]
    with process(mock_server.base_url, "all", OWN, *options) as running:
        until(lambda: bool(run.cancels))
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=60)
    *orders, account = objects(output)
    begun = [event["begun"][1] for event in events(journal) if "begun" in event]
    ended = {event["ended"][1]: event["outcome"] for event in events(journal) if "ended" in event}
    assert ended == {item["order_id"]: item["outcome"] for item in orders}
    assert sorted(ended) == sorted(begun)
    assert account["outcome"] == "OrdersRemain"
    assert running.returncode == 5
