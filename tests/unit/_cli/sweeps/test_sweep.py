"""The commands `sweep` and `worker`."""

import json
from pathlib import Path

import pytest
from support.command import Command

from autoshares_cancel.mock import MockServer

NOWHERE = "postgresql://127.0.0.1:1/desk"
PASSWORD = "hunter2"


@pytest.fixture
def command(mock_server: MockServer) -> Command:
    return Command(mock_server)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of three open orders, a filled one, and a line that is no order."""
    path = tmp_path / "orders.csv"
    numbers = (73552, 73553, 73554, 73562, "x")
    path.write_text("account_id,order_id\n" + "".join(f"6303,{each}\n" for each in numbers), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["sweep"], "give one of --name, --status and --outcomes"),
        (["sweep", "--name", "a", "--status", "a"], "give one of --name, --status and --outcomes"),
        (["sweep", "--name", "a"], "give --database, or set AUTOSHARES_DATABASE"),
        (["sweep", "--name", "a\n", "--database", NOWHERE], "name must be"),
        (["sweep", "--name", "a", "--database", "mysql://h/d"], "the database must be a URL"),
        (["sweep", "--name", "a", "--database", "desk"], "the database must be a URL"),
        (["sweep", "--name", "a", "--database", f"postgresql://u:{PASSWORD}@h/d"], "--database has a password"),
        (["sweep", "--name", "a", "--database", f"postgresql://h/d?password={PASSWORD}"], "--database has a password"),
        (["sweep", "nowhere.csv", "--name", "a", "--database", NOWHERE], "nowhere.csv: it can't be read"),
        (["sweep", "--name", "a", "--database", NOWHERE, "--lease", "30"], "lease must be more than the deadline"),
        (["sweep", "--name", "a", "--database", NOWHERE], "the database can't be reached"),
        (["sweep", "--status", "a", "--database", NOWHERE], "the database can't be reached"),
        (["worker", "--database", NOWHERE], "the database can't be reached"),
        (["worker"], "give --database, or set AUTOSHARES_DATABASE"),
    ],
)
def test_wrong_usage_is_one_line(command: Command, words: list[str], complaint: str) -> None:
    """Wrong usage exits with 2 and one line on stderr; nothing is sent, and a password is not printed."""
    ended = command(*words)
    assert (ended.exit_code, ended.stdout, command.requests) == (2, "", [])
    assert ended.stderr.startswith("Error: ")
    assert complaint in ended.stderr
    assert PASSWORD not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.sweeps
def test_a_file_is_worked_off_and_shown(command: Command, file: Path, database: str) -> None:
    """Law 12: each order is sent and printed once, also if the same command is run again."""
    words = ["sweep", file, "--name", "today", "--json", "--quiet"]
    ended = command(*words, AUTOSHARES_DATABASE=database)
    assert ended.exit_code == 8
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {row["order_id"]: row["outcome"] for row in rows} == {
        **dict.fromkeys((73552, 73553, 73554), "Cancelled"),
        73562: "OrderConflict",
    }
    assert "line 6: order_id must be plain digits, not 'x'" in ended.stderr
    assert ended.stderr.splitlines()[-1] == "today: 4 of 4 orders; conflict: 1; cancelled: 3"
    again = command(*words, AUTOSHARES_DATABASE=database)
    assert (again.exit_code, again.stdout) == (8, "")
    assert sorted(command.cancels) == [73552, 73553, 73554, 73562]
    shown = command("sweep", "--status", "today", "--json", AUTOSHARES_DATABASE=database)
    status = json.loads(shown.stdout)
    assert (status["done"], status["orders"], status["exit_code"], shown.exit_code) == (4, 4, 4, 4)
    outcomes = command("sweep", "--outcomes", "today", AUTOSHARES_DATABASE=database)
    assert [json.loads(line)["order_id"] for line in outcomes.stdout.splitlines()] == [73552, 73553, 73554, 73562]
    unknown = command("sweep", "--status", "yesterday", AUTOSHARES_DATABASE=database)
    assert (unknown.exit_code, unknown.stderr) == (2, "Error: there is no sweep yesterday in the database\n")


@pytest.mark.sweeps
def test_a_failed_log_in_leaves_the_orders_to_others(command: Command, file: Path, database: str) -> None:
    """A failed log-in exits with 7 and ends no order; a worker with the right password ends them all."""
    ended = command("sweep", file, "--name", "a", AUTOSHARES_DATABASE=database, AUTOSHARES_PASSWORD="wrong")
    assert (ended.exit_code, ended.stdout, command.cancels) == (7, "", [])
    assert "The orders that had not begun are left to other processes." in ended.stderr
    joined = command("worker", "--once", "--json", AUTOSHARES_DATABASE=database)
    assert joined.exit_code == 4, joined.stderr
    assert sorted(json.loads(line)["order_id"] for line in joined.stdout.splitlines()) == [73552, 73553, 73554, 73562]


@pytest.mark.sweeps
def test_a_database_that_refuses_ends_with_the_rows_of_what_has_begun(
    command: Command, file: Path, database: str
) -> None:
    """Laws 3 and 12: one line says what the database refuses, and each order that was sent is printed as unknown."""
    import psycopg  # noqa: PLC0415  # an extra, which few tests need

    assert (
        command("sweep", file, "--name", "a", AUTOSHARES_DATABASE=database, AUTOSHARES_PASSWORD="wrong").exit_code == 7
    )
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE autoshares_cancel.sweep_order ADD CHECK (kind IS NULL)")
    for words in (["sweep", "--name", "a"], ["worker", "--once"]):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("UPDATE autoshares_cancel.pgqueuer SET status = 'queued', execute_after = now()")
        ended = command(*words, "--json", AUTOSHARES_DATABASE=database)
        assert "the database refuses it: new row for relation" in ended.stderr
        assert "Traceback" not in ended.stderr
        rows = [json.loads(line) for line in ended.stdout.splitlines()]
        assert {row["order_id"]: row["outcome"] for row in rows} == dict.fromkeys(
            (73552, 73553, 73554, 73562), "OutcomeUnknown"
        )
        assert ended.exit_code == 5
