"""A run of `orders` that ends before its file: Ctrl-C, a closed pipe, a full disk."""

import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from support.command import TOKEN_ONLY, Command, objects, outcomes, process
from support.fake_clock import FakeClock
from support.raw_server import raw_server

from autoshares_cancel import AsyncClient
from autoshares_cancel._cli.run.journal import Journal
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
    """Law 4: orders under way are unknown, finished ones are kept, others are not begun; so it is in the journal."""
    journal = orders.with_name("journal")
    with raw_server(stuck) as server:
        options = ["--json", "--journal", journal, "--concurrency", 2]
        with process(server.base_url, "orders", orders, *options, has_token=True) as running:
            assert stuck.reached.acquire(timeout=60)
            assert stuck.reached.acquire(timeout=60)
            running.send_signal(number)
            output, errors = running.communicate(timeout=60)
        stuck.release.set()
    assert outcomes(output) == {1: "Cancelled", 2: "Cancelled", 3: "NoReply", 4: "NoReply"}
    assert running.returncode == 5
    why, last = errors.splitlines()
    assert why == "Interrupted. The rest of the file was not begun. Run the same command again to resume."
    assert last.startswith("unknown: 2; cancelled: 2 (4 orders")
    events = objects(journal.read_text(encoding="utf-8"))[1:]
    assert {event["ended"][1]: event["outcome"] for event in events if "ended" in event} == outcomes(output)


def test_a_reader_that_goes_away_stops_the_run(mock_server: MockServer, tmp_path: Path) -> None:
    """The journal has every order that was begun, no more are begun, and there is no traceback."""
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
        assert running.wait(60) == 6
    assert "the output can't be written: Broken pipe. The rest of the file was not begun" in errors
    assert "Traceback" not in errors
    events = ["begun" in event for event in objects(journal.read_text(encoding="utf-8"))[1:]]
    assert events.count(True) == events.count(False) < 400


@pytest.mark.parametrize("method", ["begins", "ends"])
def test_a_journal_that_can_not_be_written_stops_the_run(
    mock_server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Law 4: an order is not sent before the journal has it; an order that was sent is printed all the same."""
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
    assert result.exit_code == 6
    assert set(printed) == set(run.cancels) == set(range(73552, 73555 if method == "begins" else 73556))
    assert "the journal can't be written: No space left on device." in result.stderr


def test_a_second_ctrl_c_counts_what_it_cuts_off(orders: Path) -> None:
    """Law 4: its outcome is unknown, and the exit code is 5."""
    reached, release = threading.Event(), threading.Event()

    def answer(connection: Any, request: bytes) -> None:
        reached.set()
        release.wait(60)

    with raw_server(answer) as server:
        options = ["--json", "--concurrency", 1]
        with process(server.base_url, "orders", orders, *options, has_token=True) as running:
            assert reached.wait(60)
            for _ in range(2):
                running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=60)
        release.set()
    assert running.returncode == 5
    assert errors.splitlines()[-1].startswith("unknown: 1 (1 order")


def test_a_late_ctrl_c_does_not_silence_the_end(orders: Path) -> None:
    """Outcomes and exit code are the same after any number of Ctrl-C."""
    reached, release = threading.Event(), threading.Event()

    def answer(connection: Any, request: bytes) -> None:
        reached.set()
        release.wait(60)

    with raw_server(answer) as server:
        with process(server.base_url, "orders", orders, "--json", "--concurrency", 1, has_token=True) as running:
            assert reached.wait(60)
            running.send_signal(signal.SIGINT)
            assert running.stdout is not None
            printed = json.loads(running.stdout.readline())
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=60)
        release.set()
    assert (printed["outcome"], running.returncode) == ("NoReply", 5)
    assert errors.splitlines()[-1].startswith("unknown: 1 (1 order")


def test_a_batch_deadline_ends_it(mock_server: MockServer, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders that had no turn at the deadline are reported as not sent."""
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
    """Only the last line is printed on stderr."""
    orders = tmp_path / "orders.csv"
    orders.write_text("order_id,account_id\n73552,6303\n", encoding="utf-8")
    errors = Command(mock_server)("orders", orders, "--quiet").stderr
    assert errors.count("\n") == 1
    assert errors.startswith("cancelled: 1 (1 order in ")
