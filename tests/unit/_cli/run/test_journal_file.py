"""Which files a journal may be."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, process

from autoshares_cancel._cli.run.journal import Journal, WrongJournal
from autoshares_cancel._cli.run.seen_orders import SeenOrders
from autoshares_cancel.mock import MockServer

URL = "https://broker.example/api"
ORDERS = "order_id,account_id\n73552,6303\n"


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """Run the command against the mock."""
    return Command(mock_server)


@pytest.fixture
def socket_path(tmp_path: Path) -> Iterator[Path]:
    """A Unix socket."""
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(tmp_path / "socket"))
        yield tmp_path / "socket"


@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["run", "dry run"])
@pytest.mark.parametrize(
    "name", ["/dev/full", "/dev/zero", "/dev/null", "/dev/tty", "fifo", "link", "socket", "folder"]
)
def test_only_a_regular_file_is_a_journal(
    run: Command, tmp_path: Path, socket_path: Path, name: str, options: list[str]
) -> None:
    """Law 12: a journal that is no regular file is refused in one line, at once and before anything is sent."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    assert socket_path.is_socket()
    result = run("orders", "-", "--journal", tmp_path / name, *options, given=ORDERS)
    assert (result.exit_code, result.stdout, run.requests) == (2, "", [])
    why = "Is a directory" if name == "folder" else "is no regular file, as a journal must be: give another --journal"
    assert result.stderr.count("\n") == 1
    assert str(tmp_path / name) in result.stderr
    assert why in result.stderr


def test_a_link_to_a_journal_is_one(tmp_path: Path) -> None:
    """A link to a journal is accepted, also if the journal does not exist yet."""
    (tmp_path / "link").symlink_to(tmp_path / "journal")
    seen_orders = SeenOrders()
    for _ in range(2):
        journal = Journal.open(tmp_path / "link", URL, seen_orders)
        journal.begins((6303, 1))
        journal.close()
    seen_orders.close()
    assert (tmp_path / "journal").read_bytes().count(b"\n") == 3


def test_a_file_that_can_not_be_opened_is_an_error(tmp_path: Path) -> None:
    """A journal that can't be opened raises the error of the system, and nothing is created."""
    seen_orders = SeenOrders()
    with pytest.raises(FileNotFoundError):
        Journal.open(tmp_path / "nowhere" / "journal", URL, seen_orders)
    with pytest.raises(FileNotFoundError):
        Journal.open(tmp_path / "journal", URL, seen_orders, writes=False)
    seen_orders.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["stdout", "stderr"])
def test_the_file_that_the_command_prints_to_is_no_journal(
    mock_server: MockServer, tmp_path: Path, output: str
) -> None:
    """Law 12: rows and journal in one file would overwrite each other."""
    orders, path = tmp_path / "orders.csv", tmp_path / "out"
    orders.write_text(ORDERS, encoding="utf-8")
    with path.open("wb") as stream:
        options: dict[str, Any] = {output: stream}
        with process(mock_server.base_url, "orders", orders, "--journal", path, **options) as running:
            _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    text = path.read_text(encoding="utf-8") if output == "stderr" else errors
    assert text == f"Error: {path} is also the file that this command prints to: give another --journal\n"
    assert mock_server.exchange.orders[73552].is_live


def test_a_refused_journal_can_be_opened_afterwards(tmp_path: Path) -> None:
    """A refusal leaves no lock behind."""
    seen_orders, path = SeenOrders(), tmp_path / "journal"
    path.write_bytes(b"mine")
    with pytest.raises(WrongJournal):
        Journal.open(path, URL, seen_orders)
    path.write_bytes(b"")
    Journal.open(path, URL, seen_orders).close()
    seen_orders.close()
