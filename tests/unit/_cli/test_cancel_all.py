"""The command `all`: what it shows, what it asks, and how it reports the orders that remain."""

import os
import pty
import signal
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from support.command import TOKEN_ONLY, Command, environment, objects, outcomes, process
from support.journals import left_by
from support.raw_server import raw_server, says

from autoshares_cancel import AppKeyRejected, Cancelled, NoReply, Order, OrdersRemain, OrdersUnreadable, Outcome
from autoshares_cancel._cli.account.client import AccountClient
from autoshares_cancel._cli.app import app
from autoshares_cancel.mock import MockServer

OPEN = {*range(73552, 73562), 73563}


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """Run the command against the mock."""
    return Command(mock_server)


def open_orders(run: Command) -> set[int]:
    return {
        number for number, order in run.server.exchange.orders.items() if order.is_live and order.account_id == 6303
    }


def test_everything_open_is_cancelled(run: Command) -> None:
    """Every open order has one outcome, no other order is touched, and none is open at the end."""
    result = run("all", 6303, "--yes", "--json")
    assert (result.exit_code, outcomes(result.stdout)) == (0, dict.fromkeys(OPEN, "Cancelled"))
    assert open_orders(run) == set()
    assert result.stderr.startswith("cancelled: 11 (11 orders in ")
    assert run("all", 6303, "--yes").stderr.startswith("nothing to cancel (0 orders")


@pytest.mark.parametrize("option", ["--json", "--no-held"])
def test_a_dry_run_shows_what_is_open_and_cancels_nothing(run: Command, option: str) -> None:
    """A dry run prints a line or a JSON object for each open order, and cancels nothing, even with --yes."""
    result = run("all", 6303, "--dry-run", "--yes", option)
    assert (result.exit_code, run.cancels, open_orders(run)) == (0, [], OPEN)
    if option == "--json":
        assert {(item["order_id"], item["status"]) for item in objects(result.stdout)} >= {(73563, "PartiallyFilled")}
    assert all(str(number) in result.stdout for number in OPEN)
    assert "11 orders would be cancelled (nothing was sent)" in result.stderr


def test_without_a_terminal_yes_is_required(run: Command) -> None:
    """Without a terminal, `all` without --yes is wrong usage, and sends no request."""
    result = run("all", 6303)
    assert (result.exit_code, run.requests) == (2, [])
    assert "give --yes" in result.stderr


class Terminal:
    """Runs the command in this process, with a terminal as its standard input."""

    def __init__(self, run: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._run, self._monkeypatch, self._capsys = run, monkeypatch, capsys

    def __call__(self, *arguments: str, answer: bytes = b"") -> tuple[int, str, str]:
        here, there = pty.openpty()
        before = signal.getsignal(signal.SIGINT)
        try:
            os.write(here, answer)
            with self._monkeypatch.context() as patch, os.fdopen(there, encoding="utf-8") as terminal:
                patch.setattr(sys, "stdin", terminal)
                for name, value in environment(self._run.server.base_url).items():
                    patch.setenv(name, value)
                with pytest.raises(SystemExit) as ended:
                    app(arguments, prog_name="autoshares-cancel")
        finally:
            os.close(here)
            signal.signal(signal.SIGINT, before)
        printed = self._capsys.readouterr()
        return cast(int, ended.value.code), printed.out, printed.err


@pytest.fixture
def terminal(run: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(run, monkeypatch, capsys)


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 6), (b"\n", 6), (b"\x04", 6)])
def test_on_a_terminal_it_asks(run: Command, terminal: Terminal, answer: bytes, code: int) -> None:
    """On a terminal, `all` shows the open orders and asks; only a yes cancels them."""
    exit_code, output, errors = terminal("all", "6303", answer=answer)
    assert "Cancel 11 orders, and any other order that is open in account 6303 by then?" in errors
    assert all(str(number) in output for number in OPEN)
    assert open_orders(run) == (set() if code == 0 else OPEN)
    assert (exit_code, "nothing was cancelled" in errors) == (code, code == 6)


def test_what_a_journal_has_in_doubt_is_asked_for_too(
    run: Command, terminal: Terminal, mock_server: MockServer, tmp_path: Path
) -> None:
    """`all` also asks about the orders in doubt of its journal, even if no order is open."""
    run("all", 6303, "--yes")
    left_by(mock_server, tmp_path / "journal", (73562, None))
    exit_code, output, errors = terminal("all", "6303", "--journal", str(tmp_path / "journal"), answer=b"y\n")
    assert "Cancel 1 order in doubt, and any other order that is open in account 6303 by then?" in errors
    assert output.startswith("73562  in doubt from an earlier run")
    assert (exit_code, output.count("\n73562  ")) == (4, 1)


def test_ctrl_c_is_a_no(run: Command) -> None:
    """Ctrl-C at the question cancels nothing."""
    here, there = pty.openpty()
    with process(run.server.base_url, "all", 6303, stdin=there) as running:
        assert running.stderr is not None
        asked = ""
        while "?" not in asked:
            asked += running.stderr.read(1) or "? it did not ask"
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=60)
    os.close(there)
    os.close(here)
    assert (running.returncode, open_orders(run)) == (6, OPEN)
    assert errors.endswith("nothing was cancelled\n")


def test_an_account_without_open_orders_needs_no_answer(run: Command, terminal: Terminal) -> None:
    """Without open orders the command does not ask."""
    run("all", 6303, "--yes")
    exit_code, _, errors = terminal("all", "6303")
    assert (exit_code, errors) == (0, "account 6303: nothing is open\n")


@pytest.mark.parametrize("arguments", [["--yes"], ["--dry-run"]], ids=str)
def test_a_failed_log_in_is_reported(run: Command, arguments: list[str]) -> None:
    """A failed log-in exits with 7, and the password is not printed."""
    result = run("all", 6303, *arguments, AUTOSHARES_PASSWORD="wrong-horse")
    assert result.exit_code == 7
    assert "the log-in was refused" in result.stderr
    assert "wrong-horse" not in result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [[6303, "--deadline", 0], ["x"], [2**31], [6303, "--rate", 0]], ids=str)
def test_wrong_usage_exits_with_2(run: Command, arguments: list[Any]) -> None:
    """Wrong usage exits with 2, and no order is cancelled."""
    result = run("all", *arguments, "--yes")
    assert (result.exit_code, run.cancels) == (2, [])
    assert "Traceback" not in result.stderr


def test_an_account_of_another_user_is_refused(run: Command) -> None:
    """The listing of another user's account is refused: exit code 3, and no cancel is sent."""
    result = run("all", 6400, "--dry-run")
    assert (result.exit_code, run.cancels) == (3, [])


@pytest.mark.parametrize(("status_code", "code"), [(401, 3), (403, 3), (422, 3), (500, 6), (None, 6)])
def test_orders_that_can_not_be_listed_are_reported(
    run: Command, monkeypatch: pytest.MonkeyPatch, status_code: int | None, code: int
) -> None:
    """A failed listing exits with 3 if the server refuses it, and otherwise with 6, because nothing was changed."""

    async def fails(*_: object, **__: object) -> None:
        raise OrdersUnreadable(account_id=6303, status_code=status_code, detail="no list")

    monkeypatch.setattr(AccountClient, "open_orders", fails)
    result = run("all", 6303, "--dry-run", "--json")
    assert result.exit_code == code
    assert "no list" in result.stderr
    (item,) = objects(result.stdout)
    assert (item["outcome"], item["account_id"], item["order_id"]) == ("OrdersUnreadable", 6303, None)
    assert (item["status_code"], item["exit_code"]) == (status_code, code)


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_a_refused_listing_is_exit_code_3(run: Command, option: str) -> None:
    """A 401 for the listing exits with 3, and is never reported as nothing to cancel."""
    with raw_server(says(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")) as server:
        result = run("all", 6303, option, "--json", **TOKEN_ONLY, AUTOSHARES_BASE_URL=server.base_url)
    (item,) = objects(result.stdout)
    assert (result.exit_code, item["exit_code"], item["status_code"], item["account_id"]) == (3, 3, 401, 6303)
    assert "nothing to cancel" not in result.stderr


def remaining(order_id: int) -> Order:
    return Order(account_id=6303, order_id=order_id, status="PendingCancel")


REFUSED = AppKeyRejected(account_id=6303, order_id=1, status_code=403)
DONE, LOST = Cancelled(account_id=6303, order_id=1, status_code=204), NoReply(account_id=6303, order_id=1)


@pytest.mark.parametrize(
    ("given", "remain", "named", "code"),
    [
        ({1: DONE}, (2,), {1: "Cancelled", 2: "Remains"}, 6),
        ({1: LOST}, (1,), {1: "Remains"}, 5),
        ({1: REFUSED}, (1,), {1: "Remains"}, 3),
        ({1: DONE}, (), {1: "Cancelled"}, 5),
        ({}, (), {}, 5),
    ],
    ids=["never sent", "unknown", "refused", "listing failed", "nothing known"],
)
def test_what_remains_is_named(
    run: Command,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[int, Outcome],
    remain: tuple[int, ...],
    named: dict[int, str],
    code: int,
) -> None:
    """Law 12: every order is named once; law 4: an account that can't be listed any more is unknown."""
    remains_after(monkeypatch, given, remain)
    result = run("all", 6303, "--yes", "--json")
    *orders, account = objects(result.stdout)
    assert ({item["order_id"]: item["outcome"] for item in orders}, len(orders)) == (named, len(named))
    assert (account["outcome"], account["account_id"], account["detail"]) == ("OrdersRemain", 6303, "the time is over")
    assert result.exit_code == code
    assert "account 6303 may not be clear: the time is over" in result.stderr
    assert "nothing to cancel" not in result.stderr
    lines = run("all", 6303, "--yes").stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines] == [str(number) for number in named]


def test_an_order_that_was_accepted_and_is_still_open_is_unknown(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 1: an order that is still open after an accepted cancel gets a second row, and counts as unknown."""
    remains_after(monkeypatch, {1: DONE}, (1,))
    result = run("all", 6303, "--yes", "--json")
    rows = [(item["outcome"], item["exit_code"]) for item in objects(result.stdout)[:2]]
    assert rows == [("Cancelled", 0), ("Remains", 5)]
    assert (result.exit_code, result.stderr.splitlines()[-1][:21]) == (5, "unknown: 1 (1 order i")


def remains_after(monkeypatch: pytest.MonkeyPatch, given: dict[int, Outcome], remain: tuple[int, ...]) -> None:
    """Let a sweep end with these outcomes, and these orders still open."""

    async def fails(self: AccountClient, *arguments: Any, **_: object) -> None:
        monkeypatch.setattr("autoshares_cancel._cli.account.run.open_async_batch", lambda *_: Batch(given))
        terms, cancel = arguments[-2:]
        await cancel(None, [(6303, number) for number in given], terms)
        orders = tuple(map(remaining, remain))
        raise OrdersRemain(account_id=6303, detail="the time is over", remaining=orders, outcomes=given, listings=1)

    monkeypatch.setattr(AccountClient, "sweep", fails)


class Batch:
    """Yields these outcomes."""

    def __init__(self, given: dict[int, Outcome]) -> None:
        self._given = iter(given.items())

    def __aiter__(self) -> "Batch":
        return self

    async def __anext__(self) -> tuple[tuple[int, int], Outcome]:
        for order_id, outcome in self._given:
            return (6303, order_id), outcome
        raise StopAsyncIteration


def test_it_shows_progress_unless_it_is_quiet(run: Command) -> None:
    """With --quiet only the last line is on stderr."""
    result = run("all", 6303, "--yes", "--quiet")
    assert (result.exit_code, result.stderr.count("\n")) == (0, 1)


def test_without_a_terminal_there_are_lines(run: Command) -> None:
    """Without a terminal, the output has one line for each order, which begins with its number."""
    lines = run("all", 6303, "--dry-run").stdout.splitlines()
    assert {int(line.split("  ")[0]) for line in lines} == OPEN


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_filters_choose_orders(run: Command, option: str) -> None:
    """Only the orders that match are cancelled or shown, and the others stay open."""
    result = run("all", 6303, option, "--json", "--symbol", "NONE", "--symbol", "MORE", "--older-than", 1)
    assert (result.exit_code, result.stdout, open_orders(run)) == (0, "", OPEN)
    assert len(objects(run("all", 6303, option, "--json", "--symbol", "abcd", "--side", "Buy").stdout)) == len(OPEN)
    assert open_orders(run) == (set() if option == "--yes" else OPEN)


@pytest.mark.parametrize("arguments", [["--side", "up"], ["--symbol", ""], ["--older-than", "nan"]], ids=str)
def test_a_wrong_filter_sends_nothing(run: Command, arguments: list[str]) -> None:
    """A wrong filter exits with 2 before any request."""
    result = run("all", 6303, "--yes", *arguments)
    assert (result.exit_code, run.requests) == (2, [])
    assert "Traceback" not in result.stderr
