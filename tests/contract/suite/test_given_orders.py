"""The orders that one run may cancel, in place of the file's: from a variable, a command, or the account itself."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from support.command import invoke
from support.honest_stranger import KEY, Exchange, honest_stranger

from autoshares_cancel import ConfigurationError
from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract import judge as command
from autoshares_cancel.contract.given import Given
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.newest import newest_open
from autoshares_cancel.contract.server.preflight import PreflightError
from autoshares_cancel.contract.server.sacrifices import VARIABLE, read_numbers, unused_numbers
from autoshares_cancel.contract.server.scenario_table import Scenario, read_table
from autoshares_cancel.contract.server.target import Target, TargetError
from autoshares_cancel.mock import MockServer

USER = {"AUTOSHARES_APP_KEY": KEY, "AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "correct-horse"}
TABLE = ["--scenarios", str(EXAMPLE)]
ELSEWHERE = "https://broker.example/api"
NEW = list(range(80001, 80009))
PRINTS = shlex.join([sys.executable, "-c", "print('80001 80002'); print('80003,80004')"])
WAITS = shlex.join([sys.executable, "-c", "import threading; threading.Event().wait()"])
SOURCES = {
    VARIABLE: ([], {VARIABLE: "80001,80002 80003, 80004"}, NEW[:4]),
    "--orders-from": (["--orders-from", PRINTS], {}, NEW[:4]),
    "--cancel-listed": (["--cancel-listed", "3"], {}, [80008, 80007, 80006]),
}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)


def place(exchange: Exchange, *numbers: int, **changes: Any) -> None:
    """Add orders that the file does not name to the exchange."""
    order = {"AccountId": 6303, "Status": "New", "Date": "2026-01-06T14:30:00.0000000Z", **changes}
    exchange.orders |= {number: {"Id": number, **order} for number in numbers}


def prints(text: str) -> str:
    """Return a command that prints the text."""
    return shlex.join([sys.executable, "-c", f"print({text!r})"])


@pytest.mark.parametrize(("words", "variables", "numbers"), SOURCES.values(), ids=SOURCES)
def test_a_run_may_cancel_only_the_given_orders(
    monkeypatch: pytest.MonkeyPatch, words: list[str], variables: dict[str, str], numbers: list[int]
) -> None:
    """Law 1: given orders are read and printed before the suite begins, and the suite gets no order of the file."""
    begun: list[Any] = []

    def run_suite(base_url: str, **arguments: Any) -> int:
        begun.append((arguments["open_orders"], [each for each in exchange.seen if each.startswith("DELETE")]))
        return 0

    monkeypatch.setattr(command, "run_suite", run_suite)
    with honest_stranger() as (base_url, exchange):
        place(exchange, *NEW)
        ended = invoke(["contract", f"{base_url}/", *TABLE, *words], {**USER, **variables})
    assert begun == [(tuple(numbers), [])]
    assert ended.stdout.splitlines()[1] == f"orders that this run may cancel: {', '.join(map(str, numbers))}"
    assert {f"GET /api/v1/accounts/6303/orders/{number}" for number in numbers} <= {*exchange.seen}


@pytest.mark.tools
def test_what_the_account_lists_is_cancelled_and_nothing_else() -> None:
    """Law 1: --cancel-listed 7 cancels six of the newest seven open orders, and no other order; one is spared."""
    with honest_stranger() as (base_url, exchange):
        place(exchange, *NEW)
        ended = invoke(["contract", base_url, *TABLE, "--cancel-listed", "7"], USER)
    assert ended.exit_code == 0, ended.stdout
    assert (exchange.cancelled < set(NEW[1:]), len(exchange.cancelled)) == (True, len(NEW[1:]) - 1)


@pytest.mark.table
@pytest.mark.parametrize("name", [VARIABLE, "--orders-from"])
def test_a_run_cancels_the_orders_that_it_is_given(name: str) -> None:
    """Law 1: the suite cancels the given orders but one, and no order of the file."""
    words, variables, numbers = SOURCES[name]
    with honest_stranger() as (base_url, exchange):
        place(exchange, *NEW)
        ended = invoke(["contract", base_url, *TABLE, *words], {**USER, **variables})
    assert ended.exit_code == 0, ended.stdout
    assert (exchange.cancelled < set(numbers), len(exchange.cancelled)) == (True, len(numbers) - 1)


@pytest.mark.table
def test_a_plan_supposes_what_the_account_would_list() -> None:
    """Law 1: a plan sends nothing, not even the request for the list, and marks its order numbers as assumed."""
    with honest_stranger() as (base_url, exchange):
        ended = invoke(["contract", base_url, *TABLE, "--cancel-listed", "2", "--plan"], USER)
    assert (ended.exit_code, ended.stderr, exchange.seen) == (0, "", [])
    *requests, supposed, total = ended.stdout.splitlines()
    assert supposed.endswith(
        "because a plan lists no orders: the account's newest open orders are 999999999, 999999998"
    )
    assert total.endswith("orders that would be cancelled: 999999999, 999999998")
    assert [line for line in requests if "/orders?pageNumber=0&pageSize=100&filter=Status%20in%20%280%2C1%29" in line]
    assert not [line for line in requests if "DELETE" in line and "/orders/7355" in line]


WRONG: dict[str, tuple[list[str], dict[str, str], str]] = {
    "two sources": ([*TABLE, "--cancel-listed", "2"], {VARIABLE: "1"}, f"{VARIABLE} and --cancel-listed name"),
    "two options": ([*TABLE, "--cancel-listed", "2", "--orders-from", PRINTS], {}, "--orders-from and --cancel-listed"),
    "a variable without a file": ([], {VARIABLE: "1"}, f"{VARIABLE} needs --scenarios FILE"),
    "a command without a file": (["--orders-from", WAITS], {}, "--orders-from needs --scenarios FILE"),
    "a list without a file": (["--cancel-listed", "2"], {}, "--cancel-listed needs --scenarios FILE"),
    "no numbers": (TABLE, {VARIABLE: " , "}, f"{VARIABLE} must be order numbers in plain digits, and there are none"),
    "no number": (TABLE, {VARIABLE: "1,x"}, f"{VARIABLE} must be order numbers in plain digits, not 'x'"),
    "a number twice": (TABLE, {VARIABLE: "7 8 07"}, f"{VARIABLE} has order 7 twice"),
    "too many numbers": (TABLE, {VARIABLE: " ".join(map(str, range(1, 1002)))}, "must be at most 1000 order numbers"),
    "no command": ([*TABLE, "--orders-from", " "], {}, "--orders-from must be a command, and is empty"),
    "half a command": ([*TABLE, "--orders-from", "a 'b"], {}, "--orders-from must be a command: No closing quotation"),
    "an unknown command": ([*TABLE, "--orders-from", "/no/such"], {}, "can't be run: No such file or directory"),
    "a command that fails": (
        [*TABLE, "--orders-from", shlex.join([sys.executable, "-c", "exit('the book is closed')"])],
        {},
        "the command of --orders-from ended with 1: 'the book is closed'",
    ),
    "a command that prints nonsense": ([*TABLE, "--orders-from", prints("12 no")], {}, "in plain digits, not 'no'"),
    "a command that prints nothing": ([*TABLE, "--orders-from", prints("")], {}, "prints must be order numbers"),
    "a command that prints a secret": (
        [*TABLE, "--orders-from", prints("correct-horse")],
        {},
        "plain digits, not 'AUTOSHARES_PASSWORD'",
    ),
}


@pytest.mark.parametrize("plan", [[], ["--plan"]], ids=["run", "plan"])
@pytest.mark.parametrize(("words", "variables", "complaint"), WRONG.values(), ids=WRONG)
def test_bad_input_is_one_line(
    words: list[str], variables: dict[str, str], complaint: str, plan: list[str], tmp_path: Path
) -> None:
    """Bad input gives one line and exit code 2 before anything is sent."""
    ended = invoke(["contract", ELSEWHERE, *words, *plan], {**USER, **variables})
    assert (ended.exit_code, ended.stdout, len(ended.stderr.splitlines())) == (2, "", 1), ended.stderr
    assert complaint in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["0", "101", "x"])
def test_a_count_outside_1_to_100_is_wrong_usage(number: str) -> None:
    """A count outside 1 to 100 gives exit code 2 and the name of the option."""
    ended = invoke(["contract", ELSEWHERE, *TABLE, "--cancel-listed", number], USER)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "--cancel-listed" in ended.stderr


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("2147483648", "int32"),
        ("-1", "'-1'"),
        ("0", "'0'"),
        ("7.0", "'7.0'"),
        ("\u0667", "\u0667"),
        ("1\u00a02", "xa02"),
    ],
)
def test_only_plain_digits_are_numbers(text: str, complaint: str) -> None:
    """Law 9: other text is refused, also where Python would read it as a number."""
    with pytest.raises(ConfigurationError) as caught:
        read_numbers("N", text)
    assert str(caught.value).startswith("N must be ")
    assert complaint in str(caught.value)


def test_a_command_has_a_time_limit() -> None:
    """A command that does not end in time is stopped, and is a TargetError."""
    with pytest.raises(TargetError, match=r"did not end within 0\.1 seconds"):
        Given(command=WAITS).numbers(ELSEWHERE, EXAMPLE, seconds=0.1)


def test_a_command_gets_the_environment_and_no_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 5: a command gets the credentials from its environment, and its arguments are not expanded."""
    monkeypatch.setenv("AUTOSHARES_TOKEN", "4711")
    script = "import os, sys; print(len(sys.argv[1]), os.environ['AUTOSHARES_TOKEN'])"
    given = Given(command=f"{shlex.join([sys.executable, '-c', script])} $AUTOSHARES_TOKEN")
    assert given.numbers(ELSEWHERE, EXAMPLE) == [len("$AUTOSHARES_TOKEN"), 4711]


def aim_at(base_url: str) -> Aim:
    """The stranger, with a file that uses one of its orders for a scenario."""
    table = read_table(EXAMPLE)
    own = Scenario(name="a partly filled order", status=204, outcome="Cancelled", order=80008)
    return Aim(base_url, evolve(table, scenarios=[*table.scenarios, own]), USER, controlled=False)


def test_newest_open_leaves_out_orders_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 1: of all pages, only the account's New or PartiallyFilled orders count that the file does not name."""
    with honest_stranger() as (base_url, exchange):
        place(exchange, *range(70001, 70121), *NEW)
        place(exchange, 80007, Status="PartiallyFilled")
        place(exchange, 80006, Status="PendingCancel")
        place(exchange, 90001, AccountId=6400)
        monkeypatch.setattr(Exchange, "listing", everything)
        assert newest_open(aim_at(base_url), 3) == [80007, 80005, 80004]
        assert len(newest_open(aim_at(base_url), 100)) == 100
    assert not [request for request in exchange.seen if request.startswith("DELETE")]


def everything(exchange: Exchange, account: int, query: str) -> tuple[int, Any]:
    """A list of all orders of the server that ignores every parameter but the page."""
    number = int(query.partition("pageNumber=")[2].partition("&")[0])
    return 200, {"Result": [*exchange.orders.values()][100 * number : 100 * (number + 1)]}


@pytest.mark.parametrize(
    ("key", "status", "complaint"),
    [
        (KEY, "Filled", "account 6303 lists no open order that may be cancelled"),
        (f"not-{KEY}", "New", "/token answered 403"),
    ],
)
def test_an_account_without_open_orders_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str, status: str, complaint: str
) -> None:
    """Without an open order, or with a refused key, the run gives one line and exit code 2."""
    with honest_stranger() as (base_url, exchange):
        for order in exchange.orders.values():
            order["Status"] = status
        words = ["contract", base_url, *TABLE, "--cancel-listed", "5"]
        ended = invoke(words, {**USER, "AUTOSHARES_APP_KEY": key})
    assert (ended.exit_code, ended.stdout, len(ended.stderr.splitlines())) == (2, "", 1)
    assert complaint in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_refused_or_endless_list_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is refused, or that has no end, is a PreflightError."""
    with honest_stranger() as (base_url, exchange):
        place(exchange, *NEW)
        strange = Aim(base_url, read_table(EXAMPLE), {**USER, "AUTOSHARES_TOKEN": "expired"}, controlled=False)
        with pytest.raises(PreflightError, match=r"a list of open orders was answered with 401"):
            newest_open(strange, 1)
        monkeypatch.setattr(Exchange, "listing", lambda *_: (200, {"Result": [{"Id": 1}] * 100}))
        with pytest.raises(PreflightError, match=r"more than 5000 open orders"):
            newest_open(aim_at(base_url), 1)


def test_a_given_order_that_is_not_open_is_one_line() -> None:
    """Law 1: a variable that is out of date is reported before the first cancel."""
    with honest_stranger() as (base_url, exchange):
        ended = invoke(["contract", base_url, *TABLE], {**USER, VARIABLE: "73552,73562"})
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "order 73562 is Filled, not open" in ended.stderr
    assert not [request for request in exchange.seen if request.startswith("DELETE")]


def test_a_mock_is_given_no_orders(mock_server: MockServer) -> None:
    """A mock refuses given orders, because it is reset for each test and has orders of its own."""
    ended = invoke(["contract", mock_server.base_url, *TABLE], {**USER, VARIABLE: "73552"})
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "a mock has its own orders to cancel" in ended.stderr


def test_a_plan_supposes_numbers_that_the_file_does_not_use() -> None:
    """A plan assumes only order numbers that the file does not use."""
    table = evolve(read_table(EXAMPLE), orders={"filled": [999_999_998]})
    assert unused_numbers(table, 2) == [999_999_999, 999_999_997]


def test_the_orders_of_the_file_are_left_to_it() -> None:
    """Without a source of orders, those of the file are used."""
    assert Given().numbers(ELSEWHERE, EXAMPLE) == []
    target = Target(base_url=ELSEWHERE, table=read_table(EXAMPLE), controlled=False, environment={})
    assert target.open_orders == ()
    assert target.sacrificing([5]).table.orders == {**target.table.orders, "open": [5]}
