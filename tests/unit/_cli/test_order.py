"""The command line against the mock over TCP: in this process, or in a new one for signals."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.clients import TLS
from support.command import COMMAND, TOKEN_ONLY, Command, environment
from support.raw_server import raw_server, says

from autoshares_cancel import __version__
from autoshares_cancel.mock import MockServer

VARIABLES = ["AUTOSHARES_BASE_URL", "AUTOSHARES_APP_KEY", "AUTOSHARES_USERNAME", "AUTOSHARES_PASSWORD"]
Run = Callable[..., Any]


@pytest.fixture
def run(mock_server: MockServer) -> Run:
    """Run the command against the mock."""
    return Command(mock_server)


def test_an_order_is_cancelled(mock_server: MockServer) -> None:
    """It prints one line without colours, exits with 0, and the order book agrees."""
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
    [(["order", 6303, 73554, "{}"], "order_id"), (["order", "{}", 73554], "account_id"), (["all", "{}"], "account_id")],
    ids=["order", "account", "all"],
)
def test_an_id_is_plain_digits(
    run: Command, mock_server: MockServer, arguments: list[Any], name: str, written: str
) -> None:
    """Law 9: a text that some version of Typer reads as a number is no order id; nothing is sent."""
    result = run(*(written if each == "{}" else each for each in arguments))
    assert result.exit_code == 2
    assert f"{name} must be plain digits, not {written!r}" in result.stderr
    assert run.requests == []


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_variable_is_named(run: Run, name: str) -> None:
    """The message names the variable."""
    result = run("order", 6303, 73552, **{name: ""})
    assert result.exit_code == 2
    assert name in result.stderr


def test_a_failed_log_in_stops_the_rest(run: Run, mock_server: MockServer) -> None:
    """Exit code 7; the password is tried once, and the other orders are reported as not sent."""
    result = run("order", 6303, 73552, 73553, "--json", AUTOSHARES_PASSWORD="wrong-horse")
    assert result.exit_code == 7
    assert [json.loads(line)["outcome"] for line in result.stdout.splitlines()] == ["InvalidCredentials", "NotSent"]
    assert "wrong-horse" not in result.stdout + result.stderr
    assert mock_server.exchange.orders[73553].status == "New"


def test_a_server_that_is_not_there(run: Run, mock_server: MockServer) -> None:
    """With a token, nothing left this machine: exit code 6."""
    result = run("order", 6303, 73552, **TOKEN_ONLY, AUTOSHARES_BASE_URL="http://127.0.0.1:1")
    assert result.exit_code == 6
    assert "not sent" in result.stdout
    assert "check the network" in result.stdout


@pytest.mark.parametrize(("status", "hint"), [(404, "check AUTOSHARES_BASE_URL, because"), (500, "try again")])
def test_a_log_in_at_a_wrong_address_hints_at_it(mock_server: MockServer, status: int, hint: str) -> None:
    """404 from /token: the base URL is wrong."""
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
    """The first line has the URL; the options are settings; SIGTERM ends the mock with exit code 0."""
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
    """Two mocks can't share a port."""
    result = run("mock", "--port", mock_server.port)
    assert result.exit_code == 2
    assert str(mock_server.port) in result.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["order", "--help"], ["mock", "-h"], ["orders", "-h"], ["all", "-h"]], ids=str
)
def test_help(run: Run, arguments: list[str]) -> None:
    """Help is plain text with examples, and names the environment variables."""
    result = run(*arguments)
    assert "Usage: autoshares-cancel" in result.stdout + result.stderr
    if "order" in arguments:
        assert "autoshares-cancel order 6303 73552" in result.stdout
        assert "AUTOSHARES_TOKEN" in result.stdout
    if {"orders", "all"} & set(arguments):
        assert f"  autoshares-cancel {arguments[0]} " in result.stdout
        assert "AUTOSHARES_TOKEN        instead of user name" in result.stdout
        assert "Exit codes, from light to grave; of several the gravest:" in result.stdout


def test_version(run: Run) -> None:
    """--version prints the installed version, which is that of the User-Agent."""
    assert run("--version").stdout == f"autoshares-cancel {__version__}\n"
