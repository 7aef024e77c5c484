"""A run of `orders` that ends before its file: Ctrl-C, a closed pipe, a full disk."""

import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from support.command import TOKEN_ONLY, Command, objects, outcomes, process
from support.fake_backend import until
from support.fake_clock import FakeClock
from support.raw_server import raw_server

from autoshares_cancel import AsyncClient
from autoshares_cancel._batch.state import STOPPED
from autoshares_cancel._cli.run.journal import Journal
from autoshares_cancel._cli.run.seen_orders import Known, SeenOrders
from autoshares_cancel.mock import MockServer

ORDERS = "order_id,account_id\n" + "".join(f"{number},6303\n" for number in range(1, 9))


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A file of eight orders."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


class Stuck:
    """A server that answers all orders except some, which it keeps waiting."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers
        self.reached, self.release = threading.Semaphore(0), threading.Event()

    def __call__(self, connection: Any, request: bytes) -> None:
        if any(f"/orders/{number} ".encode() in request for number in self._numbers):
            self.reached.release()
            self.release.wait(60)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    """A server that is stuck at orders 3 and 4."""
    server = Stuck(3, 4)
    yield server
    server.release.set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_reports_what_was_under_way(stuck: Stuck, orders: Path, number: signal.Signals) -> None:
    """Law 4: on a signal, orders under way are finished and others are not begun; the journal has the same outcomes."""
    journal = orders.with_name("journal")
    with raw_server(stuck) as server:
        options = ["--json", "--journal", journal, "--concurrency", 2]
        with process(server.base_url, "orders", orders, *options, has_token=True) as running:
            assert running.stderr is not None
            assert stuck.reached.acquire(timeout=60)
            assert stuck.reached.acquire(timeout=60)
            running.send_signal(number)
            assert running.stderr.readline().startswith("Interrupted: what is under way is finished")
            stuck.release.set()
            output, errors = running.communicate(timeout=60)
    assert outcomes(output) == dict.fromkeys(range(1, 5), "Cancelled")
    assert running.returncode == 6
    why, last = errors.splitlines()
    assert why == "Interrupted. The rest of the file was not begun. Run the same command again to resume."
    assert last.startswith("cancelled: 4 (4 orders")
    events = objects(journal.read_text(encoding="utf-8"))[1:]
    assert {event["ended"][1]: event["outcome"] for event in events if "ended" in event} == outcomes(output)


def test_an_interruption_does_not_wait_for_the_next_line() -> None:
    """After a signal, a run ends even if its pipe stays open."""
    server = Stuck(1, 2)
    with raw_server(server) as there:
        options = ["--json", "--quiet", "--concurrency", 3]
        with process(there.base_url, "orders", "-", *options, has_token=True, stdin=subprocess.PIPE) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write("account_id,order_id\n6303,1\n6303,2\n")
            running.stdin.flush()
            for _ in range(2):  # after the second request, the third slot waits for a line
                assert server.reached.acquire(timeout=60)
            running.send_signal(signal.SIGINT)
            server.release.set()
            assert running.wait(60) == 6
            output = running.stdout.read()
    assert outcomes(output) == {1: "Cancelled", 2: "Cancelled"}


def test_orders_that_wait_for_the_rate_are_not_sent(orders: Path) -> None:
    """Law 4: after the first signal no request leaves for an order that waits for its turn."""
    server, journal = Stuck(1), orders.with_name("journal")
    with raw_server(server) as there:
        options = ["--json", "--quiet", "--concurrency", 8, "--rate", "0.0001", "--journal", journal]
        with process(there.base_url, "orders", orders, *options, has_token=True) as running:
            assert server.reached.acquire(timeout=60)
            until(lambda: journal.read_text(encoding="utf-8").count("begun") == 8)
            running.send_signal(signal.SIGTERM)
            assert running.stderr is not None
            running.stderr.readline()
            server.release.set()
            output, _ = running.communicate(timeout=60)
        assert len(there.requests) == 1
    assert outcomes(output) == {1: "Cancelled", **dict.fromkeys(range(2, 9), "NotSent")}
    assert {item["detail"] for item in objects(output) if item["order_id"] > 1} == {STOPPED}
    assert running.returncode == 6


def test_a_reader_that_goes_away_stops_the_run(mock_server: MockServer, tmp_path: Path) -> None:
    """After stdout is closed, no more orders are begun, and each one that was begun has its outcome in the journal."""
    orders, journal = tmp_path / "orders.csv", tmp_path / "journal"
    lines = [f"{number},6303" for number in range(100_000, 100_400)]
    orders.write_text("\n".join(["order_id,account_id", *lines]), encoding="utf-8")
    options = ["--json", "--journal", journal, "--concurrency", 4]
    with process(mock_server.base_url, "orders", orders, *options) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        errors = running.stderr.read()
        assert running.wait(60) == 1
    assert "the output can't be written: Broken pipe. The rest of the file was not begun" in errors
    assert "Traceback" not in errors
    events = ["begun" in event for event in objects(journal.read_text(encoding="utf-8"))[1:]]
    assert events.count(True) == events.count(False) < 400


@pytest.mark.parametrize("method", ["begins", "ends"])
def test_a_journal_that_can_not_be_written_stops_the_run(
    mock_server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Law 4: an order is sent only after the journal has it, and every order that was sent is printed."""
    run, orders = Command(mock_server), tmp_path / "orders.csv"
    lines = [f"{number},6303" for number in range(73552, 73562)]
    orders.write_text("\n".join(["order_id,account_id", *lines]), encoding="utf-8")
    write, calls = getattr(Journal, method), list[object]()

    def fails(self: Journal, *arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) > 3:
            raise OSError(28, "No space left on device")
        write(self, *arguments)

    monkeypatch.setattr(Journal, method, fails)
    result = run("orders", orders, "--json", "--journal", tmp_path / "journal", "--concurrency", 1)
    printed = outcomes(result.stdout)
    assert result.exit_code == 1
    assert set(printed) == set(run.cancels) == set(range(73552, 73555 if method == "begins" else 73556))
    assert "the journal can't be written: No space left on device." in result.stderr


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database or disk is full")])
def test_a_temporary_file_that_can_not_be_written_stops_the_run(
    mock_server: MockServer, orders: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Law 12: orders that were begun are reported, no other is begun, and the exit code is 1."""
    orders.write_text("account_id,order_id\n6303,73552\n6303,73553\n", encoding="utf-8")
    see = SeenOrders.see

    def fails(self: SeenOrders, order: tuple[int, int], line: int) -> Known:
        if order[1] != 73552:
            raise error
        return see(self, order, line)

    monkeypatch.setattr(SeenOrders, "see", fails)
    run = Command(mock_server)
    result = run("orders", orders, "--json", "--quiet", "--concurrency", 1)
    assert (result.exit_code, outcomes(result.stdout), run.cancels) == (1, {73552: "Cancelled"}, [73552])
    assert "a temporary file can't be written: database or disk is full. The rest of the file" in result.stderr


def test_a_batch_deadline_ends_it(mock_server: MockServer, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders that have not begun at the batch deadline are reported as not sent."""
    clock, stuck = FakeClock(), list[bytes]()
    monkeypatch.setitem(cast(dict[str, Any], AsyncClient.__init__.__kwdefaults__), "clock", clock)

    def answer(connection: Any, request: bytes) -> None:
        if b"/orders/1 " in request or b"/orders/2 " in request:
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            return
        stuck.append(request)
        if len(stuck) == 2:
            clock.advance(60)
            for each in server.connections:
                each.shutdown(socket.SHUT_RDWR)

    with raw_server(answer) as server:
        options = ["--json", "--concurrency", 2, "--batch-deadline", 30, "--no-resolve"]
        changes = {**TOKEN_ONLY, "AUTOSHARES_BASE_URL": server.base_url}
        result = Command(mock_server)("orders", orders, *options, **changes)
    printed = outcomes(result.stdout)
    assert [printed[number] for number in range(1, 9)] == [*["Cancelled"] * 2, *["NoReply"] * 2, *["NotSent"] * 4]
    assert result.exit_code == 5


def test_no_progress_when_asked_for_quiet(mock_server: MockServer, tmp_path: Path) -> None:
    """With --quiet, only the last line is printed on stderr."""
    orders = tmp_path / "orders.csv"
    orders.write_text("order_id,account_id\n73552,6303\n", encoding="utf-8")
    errors = Command(mock_server)("orders", orders, "--quiet").stderr
    assert errors.count("\n") == 1
    assert errors.startswith("cancelled: 1 (1 order in ")
