"""The command `orders` against the mock: what it reads, sends and prints."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, objects, outcomes, process

from autoshares_cancel.mock import MockServer

HEADER = "desk,order_id,account_id\n"
ORDERS = f"{HEADER}a,73552,6303\nb,73553,6303\nc,73562,6303\n"
WRONG = f"{HEADER}a,73552,6303\nb,x,6303\nc,73553\nd,73554,6303\n"
LAST_LINE = "conflict: 1; cancelled: 2 (3 orders in "


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """Run the command against the mock."""
    return Command(mock_server)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A file of three orders, of which one is filled."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8-sig")
    return path


def test_every_order_of_a_file_is_reported(run: Command, orders: Path) -> None:
    """`orders` prints a line for each order and the counts last, and exits with the gravest code."""
    result = run("orders", orders, "--quiet")
    assert result.exit_code == 4
    assert {line.split("  ")[1]: line.split("  ")[2][:9] for line in result.stdout.splitlines()} == {
        "73552": "cancelled",
        "73553": "cancelled",
        "73562": "conflict:",
    }
    assert result.stderr.startswith(LAST_LINE)
    assert run.server.exchange.orders[73553].status == "Canceled"


def test_json_lines_keep_the_other_columns(run: Command, orders: Path) -> None:
    """Each object has the other columns of the file, and the line number of the order."""
    printed = {item["order_id"]: item for item in objects(run("orders", orders, "--json").stdout)}
    assert {number: (item["desk"], item["line"], item["outcome"]) for number, item in printed.items()} == {
        73552: ("a", 2, "Cancelled"),
        73553: ("b", 3, "Cancelled"),
        73562: ("c", 4, "OrderConflict"),
    }
    assert {tuple(item) for item in printed.values()} == {tuple(printed[73552])}


COLUMNS = ("line", "detail", "outcome", "exit_code", "would_be", "from_journal", "columns", "desk")


@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["run", "dry run"])
def test_columns_of_the_file_are_never_overwritten(run: Command, tmp_path: Path, options: list[str]) -> None:
    """Law 12: all columns of the file are in `columns`; a key of the outcome keeps its value, also from the journal."""
    orders, mine = tmp_path / "orders.csv", dict.fromkeys(COLUMNS, "mine")
    orders.write_text(f"orderId;{';'.join(COLUMNS)};accountId\n73552;{'mine;' * len(COLUMNS)}6303\n", encoding="utf-8")
    for _ in range(2):
        item = objects(run("orders", orders, "--json", "--journal", tmp_path / "journal", *options).stdout)[0]
        assert item["columns"] == mine
        assert (item["account_id"], item["order_id"], item["line"], item["desk"]) == (6303, 73552, 2, "mine")
        assert item.get("outcome") == ("mine" if options else "Cancelled")
        assert item.get("would_be") == ("cancelled" if options else "mine")
        again = objects(run("orders", "-", "--json", "--dry-run", given=json.dumps(item)).stdout)[0]
        assert again["columns"] == {key: item[key] for key in item if key not in {"account_id", "order_id"}}


@pytest.mark.parametrize("again", [False, True], ids=["once", "strict"])
def test_orders_come_as_json_lines_and_through_a_pipe(run: Command, *, again: bool) -> None:
    """The printed objects can be read as orders again; the keys of the outcome have the new values."""
    strict = ["--strict"] if again else []
    lines = '\n{"order_id": 73552, "account_id": 6303, "outcome": "NotSent", "n": 1}\n'
    result = run("orders", "-", "--json", *strict, given=lines)
    item = objects(result.stdout)[0]
    assert (item["order_id"], item["outcome"], item["n"], item["line"]) == (73552, "Cancelled", 1, 2)


@pytest.mark.parametrize(("delimiter", "options"), [("\t", []), (";", []), ("|", ["--delimiter", "|"])], ids=repr)
def test_a_file_may_have_another_delimiter(run: Command, tmp_path: Path, delimiter: str, options: list[str]) -> None:
    """A file with another delimiter is read with the names of its columns."""
    path = tmp_path / "orders"
    text = ORDERS.replace("order_id,account_id", "Order ID,ACCOUNT_ID").replace(",", delimiter)
    path.write_text(text, encoding="utf-8-sig")
    result = run("orders", path, "--json", *options)
    assert outcomes(result.stdout) == {73552: "Cancelled", 73553: "Cancelled", 73562: "OrderConflict"}
    assert {item["desk"] for item in objects(result.stdout)} == {*"abc"}


def test_an_order_of_a_pipe_is_cancelled_before_the_next_is_written(mock_server: MockServer) -> None:
    """An order of a pipe is cancelled as soon as its line is complete."""
    with process(mock_server.base_url, "orders", "-", "--json", stdin=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write('{"account_id": 6303, "order_id": 73552}\n{"account_id": 63')
        running.stdin.flush()
        assert objects(running.stdout.readline())[0]["order_id"] == 73552
        output, _ = running.communicate('03, "order_id": 73553}\n', timeout=60)
    assert outcomes(output).keys() == {73553}


def test_a_wrong_line_is_reported_and_does_not_stop_the_others(run: Command) -> None:
    """A wrong line is reported with its number and its problem, and the other orders are cancelled."""
    result = run("orders", "-", "--json", "--quiet", given=WRONG)
    assert outcomes(result.stdout) == {73552: "Cancelled", 73554: "Cancelled"}
    assert result.exit_code == 8
    first, second, last = result.stderr.splitlines()
    assert first == "line 3: order_id must be plain digits, not 'x'"
    assert second == "line 4: it has 2 columns, and the header has 3"
    assert last.startswith("wrong: 2; cancelled: 2 (4 orders")


@pytest.mark.parametrize("given", ["-", "file"])
def test_strict_sends_nothing_if_any_line_is_wrong(run: Command, orders: Path, given: str) -> None:
    """With --strict and a wrong line, nothing is sent, and every wrong line is reported."""
    orders.write_text(WRONG, encoding="utf-8")
    result = run("orders", orders if given == "file" else "-", "--strict", given=WRONG)
    assert (result.exit_code, result.stdout, run.requests) == (2, "", [])
    assert [line[:7] for line in result.stderr.splitlines()] == ["line 3:", "line 4:", "Error: "]


def test_strict_sends_what_is_right(run: Command, orders: Path) -> None:
    """With --strict and no wrong line, all orders are cancelled."""
    assert len(outcomes(run("orders", orders, "--strict", "--json").stdout)) == 3


def test_an_order_that_comes_twice_is_tried_once(run: Command) -> None:
    """The second line is reported with the number of the first, and is no conflict."""
    result = run("orders", "-", "--json", "--quiet", given=f"{ORDERS}d,73552,6303\n")
    again = [item for item in objects(result.stdout) if item["outcome"] == "Repeated"]
    assert [(item["order_id"], item["line"], item["detail"]) for item in again] == [
        (73552, 5, "same order as in line 2")
    ]
    assert run.cancels.count(73552) == 1
    assert result.stderr.startswith("conflict: 1; cancelled: 2; repeated: 1 (4 orders")


@pytest.mark.parametrize(
    ("text", "arguments", "why"),
    [
        ("", [], "stdin: it is empty"),
        ("order_id,note\n1,2\n", [], "the CSV header has no column account_id; it has 'order_id, note'"),
        ("x", ["--format", "xml"], "--format"),
        (ORDERS, ["--delimiter", "ab"], "it must be one character, such as ; or |, or the word tab, not 'ab'"),
        (ORDERS, ["--delimiter", ";"], "the CSV header has no column account_id; it has 'desk,order_id,account_id'"),
        (ORDERS, ["--concurrency", "0"], "--concurrency"),
        (ORDERS, ["--rate", "-1"], "rate must be"),
        (ORDERS, ["--deadline", "0"], "deadline must be"),
        (ORDERS, ["--batch-deadline", "0"], "batch_deadline must be"),
        (ORDERS, ["--journal", "."], "the journal . can't be used: Is a directory"),
        (ORDERS, ["--sync"], "--sync forces a journal to the disk: give --journal, too"),
        (ORDERS, ["--ca-file", "nowhere.pem"], "the certificates can't be read"),
    ],
    ids=str,
)
def test_wrong_usage_is_reported_before_any_request(run: Command, text: str, arguments: list[str], why: str) -> None:
    """Wrong usage exits with 2 before any request, without a traceback."""
    result = run("orders", "-", *arguments, given=text)
    assert (result.exit_code, result.stdout, run.requests) == (2, "", [])
    assert why in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(("name", "why"), [("nowhere.csv", "No such file"), (".", "Is a directory")])
def test_a_file_that_can_not_be_read_is_named(run: Command, tmp_path: Path, name: str, why: str) -> None:
    """The message has the file and the system's reason."""
    result = run("orders", tmp_path / name)
    assert result.exit_code == 2
    assert str(tmp_path / name) in result.stderr
    assert why in result.stderr


def test_a_file_without_orders_is_done_at_once(run: Command) -> None:
    """A file with only a header exits with 0."""
    result = run("orders", "-", given=HEADER)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("nothing to cancel (0 orders")


def test_a_dry_run_sends_nothing(run: Command, orders: Path, tmp_path: Path) -> None:
    """A dry run prints the orders that would be cancelled and the wrong lines, and makes no journal."""
    orders.write_text(f"{ORDERS}x,y,z\n", encoding="utf-8")
    result = run("orders", orders, "--dry-run", "--journal", tmp_path / "journal", "--json")
    assert [(item["order_id"], item["would_be"]) for item in objects(result.stdout)] == [
        (73552, "cancelled"),
        (73553, "cancelled"),
        (73562, "cancelled"),
    ]
    assert (result.exit_code, run.requests, (tmp_path / "journal").exists()) == (8, [], False)
    assert result.stderr.splitlines()[-1] == "would be cancelled: 3; wrong: 1 (nothing was sent)"


def test_a_failed_log_in_stops_the_rest(run: Command, orders: Path) -> None:
    """A failed log-in exits with 7; the password is tried once, and is not printed."""
    journal = orders.with_name("journal")
    result = run("orders", orders, "--json", "--journal", journal, AUTOSHARES_PASSWORD="wrong-horse")
    assert result.exit_code == 7
    assert run.server._app.state.traffic.token_requests == 1
    assert set(outcomes(result.stdout).values()) <= {"InvalidCredentials", "NotSent"}
    for text in (result.stdout, result.stderr, journal.read_text(encoding="utf-8")):
        assert not any(secret in text for secret in ("wrong-horse", "demo-app-key"))


@pytest.mark.parametrize(
    ("option", "of_the_request"), [("--venue", "/syncorders/73552"), ("--confirm", "/orders/73552")]
)
def test_options_of_a_cancel_are_passed_on(run: Command, option: str, of_the_request: str) -> None:
    """--venue and --confirm work as in `order`."""
    result: Any = run("orders", "-", "--json", option, given=f"{HEADER}a,73552,6303\n")
    assert objects(result.stdout)[0]["confirmed"] == (option == "--confirm")
    assert run.requests[-1].path.endswith(of_the_request)
