"""The command line against the mock over TCP: in this process, or in a new one for signals."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.clients import TLS
from support.command import COMMAND, TOKEN_ONLY, Command, environment, objects
from support.raw_server import raw_server, says

from autoshares_cancel import Client, __version__
from autoshares_cancel._cli.ending import Interrupted
from autoshares_cancel.mock import MockServer

VARIABLES = ["AUTOSHARES_BASE_URL", "AUTOSHARES_APP_KEY", "AUTOSHARES_USERNAME", "AUTOSHARES_PASSWORD"]
Run = Callable[..., Any]


@pytest.fixture
def run(mock_server: MockServer) -> Run:
    """Run the command against the mock."""
    return Command(mock_server)


def test_an_order_is_cancelled(mock_server: MockServer) -> None:
    """`order` prints one line without colours and exits with 0, and the order is cancelled at the mock."""
    result = subprocess.run(
        [*COMMAND, "order", "6303", "73552"],
        env=environment(mock_server.base_url),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("73552  cancelled (status 204) -> ")
    assert "\x1b" not in result.stdout
    assert mock_server.exchange.orders[73552].status == "Canceled"


@pytest.mark.parametrize(
    ("order_ids", "code"),
    [
        ([73552, 73562], 4),
        ([9000403], 3),
        ([73552, 9000422, 73562], 3),
        ([9000500, 73552, 9000403], 5),
        ([9000418], 5),
    ],
    ids=str,
)
def test_the_gravest_outcome_is_the_exit_code(run: Run, order_ids: list[int], code: int) -> None:
    """The exit code is the gravest; each order has one line, in the given order."""
    result = run("order", 6303, *order_ids)
    assert result.exit_code == code
    assert [int(line.split()[0]) for line in result.stdout.splitlines()] == order_ids


def test_json_lines(run: Run) -> None:
    """With --json each line is an object."""
    result = run("order", 6303, 73552, 73562, "--json")
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(item["order_id"], item["outcome"], item["exit_code"]) for item in objects] == [
        (73552, "Cancelled", 0),
        (73562, "OrderConflict", 4),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["order", 6303],
        ["order", 6303, 2**31],
        ["order", 6303, 73552, "--deadline", 0],
        ["order", 6303, 73552, "--ca-file", "nowhere.pem"],
        ["order", 6303, 73552, "--password", "x"],
        ["cancel"],
        ["mock", "--port", 70000],
        ["mock", "--rate-limit", 0],
    ],
    ids=str,
)
def test_wrong_usage_exits_with_2_and_touches_nothing(run: Run, mock_server: MockServer, arguments: list[Any]) -> None:
    """Law 9: every id is checked before the first request; the message is short, without a traceback."""
    before = mock_server.exchange.orders
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr
    assert mock_server.exchange.orders == before


@pytest.mark.parametrize(
    "written", ["abc", "73552.0", "73_553", "+73556", " 73553", "73553\n", "٧٣٥٥٢", "0x11f50", "7e4", ""]
)
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["order", 6303, 73554, "{}"], "order_id"),
        (["order", "{}", 73554], "account_id"),
        (["all", "{}"], "account_id"),
        (["show", 6303, "{}"], "order_id"),
    ],
    ids=["order", "account", "all", "show"],
)
def test_an_id_is_plain_digits(
    run: Command, mock_server: MockServer, arguments: list[Any], name: str, written: str
) -> None:
    """Law 9: a text that Python or a library reads as a number is no order id; nothing is sent."""
    result = run(*(written if each == "{}" else each for each in arguments))
    assert result.exit_code == 2
    assert f"{name} must be plain digits, not {written!r}" in result.stderr
    assert run.requests == []


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_variable_is_named(run: Run, name: str) -> None:
    """The error message names the missing variable."""
    result = run("order", 6303, 73552, **{name: ""})
    assert result.exit_code == 2
    assert name in result.stderr


def test_a_failed_log_in_stops_the_rest(run: Run, mock_server: MockServer) -> None:
    """A failed log-in exits with 7, and the other orders are reported as not sent."""
    result = run("order", 6303, 73552, 73553, "--json", AUTOSHARES_PASSWORD="wrong-horse")
    assert result.exit_code == 7
    assert [json.loads(line)["outcome"] for line in result.stdout.splitlines()] == ["InvalidCredentials", "NotSent"]
    assert "wrong-horse" not in result.stdout + result.stderr
    assert mock_server.exchange.orders[73553].status == "New"


@pytest.mark.parametrize("option", [[], ["--in-doubt"]], ids=str)
def test_an_order_that_is_given_twice_is_tried_once(run: Command, option: list[str]) -> None:
    """An order that is given twice is cancelled once, and reported as repeated; the exit code stays the same."""
    result = run("order", 6303, 73552, 73552, 73553, 73552, "--json", *option)
    outcomes = [(item["order_id"], item["outcome"]) for item in objects(result.stdout)]
    done, again = (73552, "Cancelled"), (73552, "Repeated")
    assert outcomes == [done, again, (73553, "Cancelled"), again]
    assert (result.exit_code, run.cancels) == (0, [73552, 73553])


def test_a_repeated_order_in_a_line_for_people(run: Command) -> None:
    """The line says that the order was not tried again; a conflict stays the exit code."""
    result = run("order", 6303, 73562, 73562)
    assert result.stdout.splitlines()[1] == "73562  not tried again: same order as above"
    assert result.exit_code == 4


def test_an_order_in_doubt_is_read_first(run: Command) -> None:
    """Law 1: an order in doubt is read first; a cancelled one is Cancelled without a request to cancel it."""
    result = run("order", 6303, 73564, 73552, "--in-doubt", "--json")
    assert [(item["outcome"], item["confirmed"]) for item in objects(result.stdout)] == [
        ("Cancelled", True),
        ("Cancelled", False),
    ]
    sent = [(seen.method, seen.path.rpartition("/")[2]) for seen in run.requests if seen.method != "POST"]
    assert sent == [("GET", "73564"), ("GET", "73552"), ("DELETE", "73552")]
    assert result.exit_code == 0


def test_a_failed_log_in_leaves_an_order_in_doubt_unknown(run: Command) -> None:
    """Law 4: after a failed log-in, an order in doubt is unknown, because an earlier call may have cancelled it."""
    result = run("order", 6303, 73552, 73553, "--in-doubt", "--json", AUTOSHARES_PASSWORD="wrong-horse")
    assert [item["outcome"] for item in objects(result.stdout)] == ["OutcomeUnknown", "OutcomeUnknown"]
    assert objects(result.stdout)[1]["detail"] == "not tried, because the log-in failed"
    assert (result.exit_code, [seen.method for seen in run.requests]) == (5, ["POST"])


def test_an_order_in_doubt_that_is_cut_off_stays_unknown(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 4: an order in doubt that is cut off is unknown, because an earlier call may have cancelled it."""

    def interrupted(*_: object, **__: object) -> None:
        raise Interrupted

    monkeypatch.setattr(Client, "cancel_order", interrupted)
    result = run("order", 6303, 73552, 73553, "--in-doubt", "--json")
    assert [item["outcome"] for item in objects(result.stdout)] == ["OutcomeUnknown", "OutcomeUnknown"]
    assert result.exit_code == 5


def test_a_server_that_is_not_there(run: Run, mock_server: MockServer) -> None:
    """Without a server, an order is not sent: exit code 6, and the advice is to check the network."""
    result = run("order", 6303, 73552, **TOKEN_ONLY, AUTOSHARES_BASE_URL="http://127.0.0.1:1")
    assert result.exit_code == 6
    assert "not sent" in result.stdout
    assert "check the network" in result.stdout


@pytest.mark.parametrize(("status", "hint"), [(404, "check AUTOSHARES_BASE_URL, because"), (500, "try again")])
def test_a_log_in_at_a_wrong_address_hints_at_it(mock_server: MockServer, status: int, hint: str) -> None:
    """After a 404 from /token, the advice is to check the base URL; after a 500, to try again."""
    reply = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    with raw_server(says(reply)) as server:
        run = Command(mock_server)
        result = run("order", 6303, 73552, "--deadline", "0.2", AUTOSHARES_BASE_URL=server.base_url)
    assert (result.exit_code, result.stdout.partition(" -> ")[2].startswith(hint)) == (7, True)


def test_what_order_loads() -> None:
    """Start-up: `order` loads no event loop, no tables, no database and nothing of the other commands."""
    program = "import sys; from autoshares_cancel.__main__ import main\ntry: main()\nfinally: print(*sys.modules)"
    run = [sys.executable, "-c", program, "order", "6303", "1", "--deadline", "1"]
    there = subprocess.run(
        run, env=environment("http://127.0.0.1:1"), capture_output=True, text=True, timeout=60, check=False
    )
    loaded = set(there.stdout.split())
    assert "autoshares_cancel._cli.order" in loaded
    needless = {"asyncio", "anyio", "sqlite3", "rich.console", "rich.table", "rich.progress"}
    others = {f"autoshares_cancel.{name}" for name in ("_async_client", "_batch", "_cli.orders", "_cli.cancel_all")}
    assert loaded & (needless | others) == set()


def test_mock_serves_until_it_is_stopped() -> None:
    """The first line of `mock` has its URL, the options are its settings, and SIGTERM ends it with exit code 0."""
    options = ["--port", "0", "--bodies", "none", "--rate-limit", "9", "--retry-after", "2", "--single-session"]
    with subprocess.Popen([*COMMAND, "mock", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().split()[1]
        result = httpx.get(f"{base_url.removesuffix('/api')}/_mock/state", verify=TLS, timeout=60)
        process.terminate()
        assert process.wait(60) == 0
    assert result.status_code == 200
    given = {"bodies": "none", "rate_limit": 9, "retry_after": 2, "single_session": True}
    assert result.json()["settings"].items() >= given.items()


def test_mock_names_a_port_in_use(run: Run, mock_server: MockServer) -> None:
    """`mock` at a port in use exits with 2, and the message names the port."""
    result = run("mock", "--port", mock_server.port)
    assert result.exit_code == 2
    assert str(mock_server.port) in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [[], ["--help"], ["order", "--help"], ["mock", "-h"], ["orders", "-h"], ["all", "-h"], ["show", "-h"]],
    ids=str,
)
def test_help(run: Run, arguments: list[str]) -> None:
    """Help is plain text with examples, and names the environment variables."""
    result = run(*arguments)
    assert "Usage: autoshares-cancel" in result.stdout + result.stderr
    if "order" in arguments:
        assert "autoshares-cancel order 6303 73552" in result.stdout
        assert "AUTOSHARES_TOKEN" in result.stdout
    if "show" in arguments:
        assert "0  all were read, and are final if --wait is given" in result.stdout
    if {"orders", "all", "show"} & set(arguments):
        assert f"  autoshares-cancel {arguments[0]} " in result.stdout
        assert "AUTOSHARES_TOKEN        instead of user name" in result.stdout
    if {"orders", "all"} & set(arguments):
        assert "Exit codes, from light to grave; of several the gravest:" in result.stdout


@pytest.mark.parametrize("arguments", [["order"], ["orders"], ["all"], ["show"], ["mock"]], ids=str)
def test_help_is_in_words_for_people(run: Run, arguments: list[str]) -> None:
    """An argument is ACCOUNT_ID, and a value SECONDS: no type of Python's, in any version of click."""
    text = run(*arguments, "--help").stdout
    assert re.findall(r"<[a-z].*|\{.*|list\[.*|FLOAT|INTEGER|ORDER_IDS", text) == []


def test_help_names_arguments_as_usage_does(run: Run) -> None:
    """Usage and the list of arguments have the same words."""
    text = run("order", "--help").stdout
    assert text.startswith("Usage: autoshares-cancel order [OPTIONS] ACCOUNT_ID ORDER_ID...\n")
    assert "  ACCOUNT_ID   The trading account." in text
    assert "  ORDER_ID...  The orders, one or more." in text
    assert "  --deadline SECONDS " in text


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(run: Run, option: str) -> None:
    """--version and -V print the installed version, which is that of the User-Agent."""
    assert run(option).stdout == f"autoshares-cancel {__version__}\n"


@pytest.mark.parametrize(
    ("words", "place", "expected"),
    [("or", 1, ["order", "orders"]), ("order 6303 --conf", 3, ["--confirm"])],
    ids=["command", "option"],
)
def test_a_shell_completes_commands_and_options(words: str, place: int, expected: list[str]) -> None:
    """A shell gets the commands and options that begin with its word, without any configuration."""
    asked = {"COMP_WORDS": f"autoshares-cancel {words}", "COMP_CWORD": str(place)}
    variables = environment("", _AUTOSHARES_CANCEL_COMPLETE="bash_complete", **asked)
    result = subprocess.run(COMMAND, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.removeprefix("plain,") for line in result.stdout.splitlines()] == expected
