"""The command `orders` with a journal: which orders it tries again, reads first, or skips."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, objects, outcomes
from support.journals import left_by

from autoshares_cancel import NoReply, NotSent
from autoshares_cancel._cli.run.journal import Journal
from autoshares_cancel._cli.run.seen_orders import SeenOrders
from autoshares_cancel.mock import MockServer

OPEN, SECOND, FILLED, CANCELLED = 73552, 73553, 73562, 73564
ORDERS = "".join(f"{number},6303\n" for number in ("order_id,account_id\n", OPEN, SECOND, FILLED)).replace(
    "\n,6303", ""
)


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """Run the command against the mock."""
    return Command(mock_server)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A file of three orders, of which one is filled."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The path of the journal, which does not exist yet."""
    return tmp_path / "journal"


def test_what_is_final_is_not_repeated(run: Command, orders: Path, journal: Path) -> None:
    """A final order is printed and counted from the journal, without a request; the exit code is the same."""
    first = run("orders", orders, "--journal", journal, "--json", "--quiet")
    sent = len(run.requests)
    again = run("orders", orders, "--journal", journal, "--json", "--quiet")
    assert len(run.requests) == sent
    assert (first.exit_code, again.exit_code) == (4, 4)
    assert outcomes(again.stdout) == outcomes(first.stdout)
    assert {item["from_journal"] for item in objects(first.stdout)} == {False}
    assert {item["from_journal"] for item in objects(again.stdout)} == {True}
    assert "(3 orders in " in again.stderr
    assert ", 3 of them from the journal)" in again.stderr
    lines = run("orders", orders, "--journal", journal).stdout.splitlines()
    assert lines[0] == f"6303  {OPEN}  cancelled (from the journal), not tried again"


@pytest.mark.parametrize("kind", [None, NoReply], ids=["no outcome", "unknown"])
def test_what_is_in_doubt_is_read_before_all_others(run: Command, orders: Path, journal: Path, kind: Any) -> None:
    """Law 4: an order in doubt is read first; one that a killed run had cancelled is Cancelled, and no conflict."""
    orders.write_text(f"{ORDERS}{CANCELLED},6303\n", encoding="utf-8")
    left_by(run.server, journal, (CANCELLED, kind))
    result = run("orders", orders, "--journal", journal, "--json", "--concurrency", 1)
    assert outcomes(result.stdout) == {
        CANCELLED: "Cancelled",
        OPEN: "Cancelled",
        SECOND: "Cancelled",
        FILLED: "OrderConflict",
    }
    assert objects(result.stdout)[0]["order_id"] == CANCELLED
    about_orders = [(seen.method, seen.path.rpartition("/")[2]) for seen in run.requests if "orders/" in seen.path]
    assert about_orders[0] == ("GET", str(CANCELLED))
    assert ("DELETE", str(CANCELLED)) not in about_orders


def test_what_is_in_doubt_and_still_works_is_cancelled(run: Command, orders: Path, journal: Path) -> None:
    """An order in doubt that is still open is cancelled once, also if a pipe has it twice."""
    left_by(run.server, journal, (SECOND, None))
    result = run("orders", "-", "--journal", journal, "--json", given=f"{ORDERS}{SECOND},6303\n")
    printed = [item["outcome"] for item in objects(result.stdout) if item["order_id"] == SECOND]
    assert sorted(printed) == ["Cancelled", "Repeated"]
    assert run.cancels.count(SECOND) == 1


@pytest.mark.parametrize("kind", [NotSent], ids=["not sent"])
def test_what_was_left_as_it_was_is_tried_again(run: Command, orders: Path, journal: Path, kind: Any) -> None:
    """An order that was not sent is cancelled without reading it first."""
    left_by(run.server, journal, (OPEN, kind))
    assert outcomes(run("orders", orders, "--journal", journal, "--json").stdout)[OPEN] == "Cancelled"
    assert [seen.method for seen in run.requests if seen.path.endswith(f"orders/{OPEN}")] == ["DELETE"]


def test_a_doubt_outlives_a_run_that_can_not_log_in(run: Command, orders: Path, journal: Path) -> None:
    """Law 4: an order in doubt stays unknown if the log-in fails, because an earlier run may have cancelled it."""
    left_by(run.server, journal, (OPEN, None))
    result = run("orders", orders, "--journal", journal, "--json", AUTOSHARES_PASSWORD="wrong-horse")
    assert outcomes(result.stdout)[OPEN] == "OutcomeUnknown"
    assert result.exit_code == 5
    assert outcomes(run("orders", orders, "--journal", journal, "--json").stdout)[OPEN] == "Cancelled"


def test_orders_in_doubt_that_the_file_does_not_have_are_counted_and_left_alone(
    run: Command, orders: Path, journal: Path
) -> None:
    """Orders in doubt that only the journal has are counted at the end, and no request is sent for them."""
    left_by(run.server, journal, (73555, None), (73556, NoReply), (OPEN, None))
    result = run("orders", orders, "--journal", journal)
    assert "Orders in doubt that the journal has and this file does not: 2." in result.stderr
    assert run.server.exchange.orders[73555].status == "New"


def test_a_dry_run_says_what_would_be_read_first(run: Command, orders: Path, journal: Path) -> None:
    """A dry run shows the orders that would be read first, and leaves the journal unchanged."""
    left_by(run.server, journal, (SECOND, None), (FILLED, None))
    before = journal.read_bytes()
    result = run("orders", orders, "--journal", journal, "--dry-run", "--json")
    assert [(item["order_id"], item["would_be"][:4]) for item in objects(result.stdout)] == [
        (SECOND, "read"),
        (FILLED, "read"),
        (OPEN, "canc"),
    ]
    assert (run.requests, journal.read_bytes(), result.exit_code) == ([], before, 0)


def test_a_journal_of_another_broker_is_refused(run: Command, orders: Path, journal: Path) -> None:
    """A journal of another base URL is refused before anything is sent; a slash at the end makes no difference."""
    left_by(run.server, journal, (OPEN, None))
    assert run("orders", orders, "--journal", journal, AUTOSHARES_BASE_URL=f"{run.server.base_url}/").exit_code == 4
    sent = len(run.requests)
    result = run("orders", orders, "--journal", journal, AUTOSHARES_BASE_URL="http://localhost:9/api")
    assert (result.exit_code, len(run.requests)) == (2, sent)
    assert "belongs to" in result.stderr


def test_a_journal_that_is_in_use_is_refused(run: Command, orders: Path, journal: Path) -> None:
    """A journal that another process uses is refused before anything is sent."""
    left_by(run.server, journal, (OPEN, None))
    seen_orders = SeenOrders()
    there = Journal.open(journal, run.server.base_url, seen_orders)
    result = run("orders", orders, "--journal", journal)
    assert (result.exit_code, run.requests) == (2, [])
    assert "another process is using the journal" in result.stderr
    there.close()
    seen_orders.close()


def test_the_file_of_orders_is_no_journal(run: Command, orders: Path) -> None:
    """A mistyped --journal does not overwrite the file of orders."""
    result = run("orders", orders, "--journal", orders)
    assert (result.exit_code, run.requests, orders.read_text(encoding="utf-8")) == (2, [], ORDERS)


def test_the_journal_has_each_order_before_its_outcome(run: Command, orders: Path, journal: Path) -> None:
    """Law 4: with one slot, the journal has each order before its outcome, and no other order in between."""
    run("orders", orders, "--journal", journal, "--concurrency", 1)
    events = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()[1:]]
    assert [event.get("begun") or event["ended"] for event in events] == [
        [6303, order_id] for order_id in (OPEN, OPEN, SECOND, SECOND, FILLED, FILLED)
    ]
    assert ["begun" in event for event in events] == [True, False] * 3
