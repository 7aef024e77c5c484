"""How the three commands end: a table of commands and endings.

Law 12: every order that reached the mock is named once, and the exit code is at least as grave as each row.
"""

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define
from support.command import COMMAND, environment, objects, process
from support.fake_backend import until
from support.held_replies import HeldReplies, held_replies
from support.mock_orders import KNOWN
from support.tables import crossed, mainly

from autoshares_cancel._cli.exit_codes import GRAVITY
from autoshares_cancel._cli.run.journal_lines import head
from autoshares_cancel.mock import MockServer

ORDERS: Final = tuple(range(73552, 73560))
HELD: Final = 73553
COMMANDS: Final = ("order", "orders", "all")


@define
class Commands:
    """Runs the commands in processes of their own, against a mock that withholds the reply to one cancel."""

    way: HeldReplies
    folder: Path

    def arguments(self, command: str, *more: str, orders: tuple[int, ...] = ORDERS) -> list[str]:
        """The arguments that cancel the open orders of the account with this command."""
        if command == "all":
            return ["all", "6303", "--yes", "--json", "--concurrency", "1", *more]
        if command == "order":
            return ["order", "6303", *map(str, orders), "--json", *more]
        file = self.folder / "orders.csv"
        file.write_text("account_id,order_id\n" + "".join(f"6303,{number}\n" for number in orders), encoding="utf-8")
        return ["orders", str(file), "--json", "--quiet", "--concurrency", "1", *more]

    def run(self, arguments: list[str], target: str, **options: Any) -> tuple[str, int]:
        """Run a command whose stdout is this file. Returns stderr and the exit code."""
        with (
            Path(target).open("w", encoding="utf-8") as output,
            process(self.way.base_url, *arguments, stdout=output, **options) as running,
        ):
            return running.communicate(timeout=60)[1], running.returncode

    def check(self, output: str, errors: str, code: int) -> dict[int, str]:
        """Law 12: every order that arrived is named once, and no row is graver than the exit code. Returns outcomes."""
        assert "Traceback" not in errors + output
        assert not any(word in errors + output for word in ("KeyboardInterrupt", "CancelledError", "Exception"))
        rows = [row for row in objects(output) if row["order_id"] is not None]
        named = [row["order_id"] for row in rows]
        assert len(named) == len(set(named))
        assert set(self.way.cancels) <= set(named)
        assert GRAVITY.index(code) >= max((GRAVITY.index(row["exit_code"]) for row in objects(output)), default=0)
        assert errors.splitlines()[-1].split(" (")[-1].startswith(f"{len(rows)} order")
        return {row["order_id"]: row["outcome"] for row in rows}


@pytest.fixture
def commands(mock_server: MockServer, tmp_path: Path) -> Iterator[Commands]:
    """The commands; the second cancel hangs."""
    with held_replies(mock_server, HELD) as way:
        yield Commands(way, tmp_path)


def read_notice(running: "subprocess.Popen[str]") -> None:
    """Wait until the command reports that it has taken the signal."""
    assert running.stderr is not None
    assert "what is under way is finished" in running.stderr.readline()


def not_begun(outcomes: dict[int, str]) -> bool:
    """Whether no order after the held one was begun."""
    return all(outcome == "NotSent" for number, outcome in outcomes.items() if number > HELD)


@pytest.mark.parametrize(("command", "number"), crossed(COMMANDS, [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
def test_the_first_signal_lets_what_is_under_way_end(commands: Commands, command: str, number: signal.Signals) -> None:
    """After the first signal no order is begun, and the order under way gets its true outcome."""
    with process(commands.way.base_url, *commands.arguments(command)) as running:
        commands.way.wait_for(1)
        running.send_signal(number)
        read_notice(running)
        commands.way.release.set()
        output, errors = running.communicate(timeout=60)
    outcomes = commands.check(output, errors, running.returncode)
    assert (outcomes[HELD], commands.way.cancels) == ("Cancelled", [73552, HELD])
    assert not_begun(outcomes)
    assert running.returncode == (5 if command == "all" else 6)
    assert "nothing to cancel" not in errors


@pytest.mark.parametrize(("command", "first"), crossed(COMMANDS, [signal.SIGINT, signal.SIGTERM]))
def test_a_second_signal_cuts_off(commands: Commands, command: str, first: signal.Signals) -> None:
    """After a second signal the order under way is unknown, because its request has left."""
    with process(commands.way.base_url, *commands.arguments(command)) as running:
        commands.way.wait_for(1)
        running.send_signal(first)
        read_notice(running)
        running.send_signal(signal.SIGINT)
        output, errors = running.communicate(timeout=60)
    outcomes = commands.check(output, errors, running.returncode)
    assert (outcomes[HELD], running.returncode) == ("NoReply", 5)
    assert not_begun(outcomes)


@pytest.mark.parametrize(("command", "number"), crossed(COMMANDS, [signal.SIGTERM, signal.SIGHUP]))
def test_after_the_grace_it_is_cut_off(commands: Commands, command: str, number: signal.Signals) -> None:
    """After the grace the order under way is cut off and named, before a container is killed."""
    with process(commands.way.base_url, *commands.arguments(command, "--grace", "0.2")) as running:
        commands.way.wait_for(1)
        running.send_signal(number)
        output, errors = running.communicate(timeout=60)
    outcomes = commands.check(output, errors, running.returncode)
    assert (outcomes[HELD], running.returncode) == ("NoReply", 5)


@pytest.mark.parametrize(("command", "number"), crossed(COMMANDS, [signal.SIGINT, signal.SIGHUP]))
def test_a_signal_that_was_ignored_stays_ignored(commands: Commands, command: str, number: signal.Signals) -> None:
    """A command that ignores a signal, as under nohup or in the background of a shell, runs to its end."""
    with process(
        commands.way.base_url, *commands.arguments(command), preexec_fn=lambda: signal.signal(number, signal.SIG_IGN)
    ) as running:
        commands.way.wait_for(1)
        running.send_signal(number)
        commands.way.release.set()
        output, errors = running.communicate(timeout=60)
    outcomes = {row["order_id"]: row["outcome"] for row in objects(output)}
    assert (set(outcomes.values()), running.returncode) == ({"Cancelled"}, 0)
    assert set(ORDERS) <= set(outcomes)
    assert "nterrupted" not in errors


@pytest.mark.parametrize("command", mainly("all", COMMANDS))
def test_a_reader_that_goes_away_ends_it(commands: Commands, command: str) -> None:
    """After stdout is closed, as by `| head`, no order is begun, and the missing rows are on stderr."""
    with process(commands.way.base_url, *commands.arguments(command)) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = running.stdout.readline()
        running.stdout.close()
        commands.way.wait_for(1)
        commands.way.release.set()
        errors = running.stderr.read()
        assert running.wait(60) == 1
    assert "the output can't be written: Broken pipe" in errors
    assert commands.way.cancels == [73552, HELD]
    rest = "\n".join(line for line in errors.splitlines() if line.startswith("{"))
    commands.check(first + rest, errors, 1)


def no_space() -> None:
    """Let no regular file grow, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize(("command", "where"), crossed(COMMANDS, ["/dev/full", "file"]))
def test_a_full_disk_ends_it(commands: Commands, command: str, where: str) -> None:
    """On a full disk, the first order is named on stderr, and no other one is begun."""
    commands.way.release.set()
    target = where if where.startswith("/") else str(commands.folder / "output")
    arguments = commands.arguments(command)
    errors, code = commands.run(arguments, target, preexec_fn=no_space)
    assert (code, commands.way.cancels) == (1, [73552])
    rest = "\n".join(line for line in errors.splitlines() if line.startswith("{"))
    commands.check(rest, errors, 1)


@pytest.mark.parametrize("command", mainly("order", COMMANDS))
def test_without_stdout_nothing_is_begun(commands: Commands, command: str) -> None:
    """With a stdout that is closed from the start, no order is begun."""
    with process(commands.way.base_url, *commands.arguments(command), preexec_fn=lambda: os.close(1)) as running:
        _, errors = running.communicate(timeout=60)
    assert (running.returncode, commands.way.cancels) == (1, [])
    assert "the output can't be written: it is closed." in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", mainly("all", COMMANDS))
def test_the_last_row_counts_too(commands: Commands, command: str, mock_server: MockServer) -> None:
    """A row that only stderr has is exit code 1, even if it is the last one."""
    commands.way.release.set()
    for order_id in KNOWN - {73552}:
        mock_server.exchange.cancel(6303, order_id)
    arguments = commands.arguments(command, orders=(73552,))
    errors, code = commands.run(arguments, "/dev/full")
    assert code == 1
    commands.check("\n".join(line for line in errors.splitlines() if line.startswith("{")), errors, 1)


@pytest.mark.parametrize("command", mainly("orders", COMMANDS))
def test_stderr_that_is_full_is_no_traceback(commands: Commands, command: str) -> None:
    """With a full stderr, all rows are on stdout, and the exit code says that a message was lost."""
    commands.way.release.set()
    with (
        Path("/dev/full").open("w", encoding="utf-8") as full,
        process(commands.way.base_url, *commands.arguments(command), stderr=full) as running,
    ):
        output, _ = running.communicate(timeout=60)
    outcomes = {row["order_id"]: row["outcome"] for row in objects(output)}
    assert set(commands.way.cancels) <= set(outcomes)
    assert running.returncode == (0 if command == "order" else 1)


@pytest.mark.parametrize("begun", [False, True], ids=["at its head", "later"])
def test_a_journal_on_a_full_disk_ends_the_run(commands: Commands, *, begun: bool) -> None:
    """An order that the journal can't record is not begun, and the exit code is 1."""
    commands.way.release.set()
    journal = commands.folder / "journal"
    arguments = commands.arguments("orders", "--journal", str(journal))
    if begun:
        subprocess.run([*COMMAND, *arguments, "--dry-run"], env=environment(commands.way.base_url), check=False)
        journal.write_bytes(head(commands.way.base_url))
    with process(commands.way.base_url, *arguments, preexec_fn=no_space) as running:
        output, errors = running.communicate(timeout=60)
    assert (running.returncode, output, commands.way.cancels) == (1, "", [])
    assert "journal" in errors
    assert "File too large" in errors
    assert "Traceback" not in errors


def test_a_temporary_file_on_a_full_disk_ends_the_run(commands: Commands) -> None:
    """Without space for the copy of a pipe, which --strict must read twice, nothing is begun."""
    commands.arguments("orders")
    arguments = ["orders", "-", "--strict", "--json"]
    with process(commands.way.base_url, *arguments, preexec_fn=no_space, stdin=subprocess.PIPE) as running:
        output, errors = running.communicate((commands.folder / "orders.csv").read_text(encoding="utf-8"), timeout=60)
    assert (running.returncode, output, commands.way.cancels) == (1, "", [])
    assert errors.startswith("Error: a temporary file can't be written: ")
    assert errors.endswith(" Nothing was begun.\n")


@pytest.mark.parametrize("command", mainly("all", COMMANDS))
def test_what_an_encoding_lacks_is_escaped(commands: Commands, mock_server: MockServer, command: str) -> None:
    """Characters that the encoding of stdout lacks are escaped, so every order is printed."""
    commands.way.release.set()
    arguments = [argument for argument in commands.arguments(command) if argument != "--json"]
    variables = {**environment(commands.way.base_url), "PYTHONIOENCODING": "ascii"}
    with subprocess.Popen(
        [*COMMAND, *arguments], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        output, errors = running.communicate(timeout=60)
    assert running.returncode == 0
    assert all(str(number) in output for number in commands.way.cancels)
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", mainly("order", COMMANDS))
def test_a_log_in_that_fails_midway_is_reported(commands: Commands, mock_server: MockServer, command: str) -> None:
    """After a failed log-in, orders that were cancelled keep their outcome, and the exit code is 7."""
    with process(commands.way.base_url, *commands.arguments(command)) as running:
        commands.way.wait_for(1)
        mock_server.exchange.revoke_tokens()
        commands.way.log_in_status = 401
        commands.way.release.set()
        output, errors = running.communicate(timeout=60)
    assert "Traceback" not in errors
    outcomes = {row["order_id"]: row["outcome"] for row in objects(output) if row["order_id"] is not None}
    assert set(commands.way.cancels) <= set(outcomes)
    assert (outcomes[73552], outcomes[HELD]) == ("Cancelled", "Cancelled")
    assert running.returncode == 7


@pytest.fixture
def stalled() -> Iterator[int]:
    """A full pipe without a reader."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writes, b"\n" * 4096)
    os.set_blocking(writes, True)
    yield writes
    os.close(writes)
    os.close(reads)


@pytest.mark.parametrize("command", mainly("orders", COMMANDS))
def test_a_reader_that_does_not_read_holds_up_no_end(commands: Commands, command: str, stalled: int) -> None:
    """If nothing reads stdout, its rows are on stderr after the grace, before a container is killed."""
    with process(commands.way.base_url, *commands.arguments(command, "--grace", "0.2"), stdout=stalled) as running:
        until(lambda: bool(commands.way.cancels))
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 1
    rows = [line for line in errors.splitlines() if line.startswith("{")]
    outcomes = {row["order_id"]: row["outcome"] for row in objects("\n".join(rows)) if row["order_id"] is not None}
    assert outcomes.pop(73552) == "Cancelled"
    assert {*outcomes.values()} <= {"NotSent"}
    assert "on stderr instead, because of stdout (nothing reads it): " in errors
    assert "Traceback" not in errors
    assert commands.way.cancels == [73552]
