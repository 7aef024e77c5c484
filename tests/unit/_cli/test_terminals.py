"""The commands in a terminal: narrow or wide, without colors, a dumb one, and one that hangs up."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from support.command import objects
from support.held_replies import HeldReplies, held_replies
from support.mock_orders import KNOWN
from support.tables import crossed, mainly
from support.terminal import terminal

from autoshares_cancel.mock import MockServer

HELD: Final = 73553
COMMANDS: Final = ("order", "orders", "all")
LOOKS: Final[tuple[dict[str, str], ...]] = ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"})
CTRL_C: Final = "\x03"
TYPED: Final = {"ctrl-c": CTRL_C, "the code": "123456\n"}
ESCAPE: Final = "\x1b"
COLOR: Final = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def way(mock_server: MockServer) -> Iterator[HeldReplies]:
    """A way to the mock that withholds the reply to the second cancel."""
    with held_replies(mock_server, HELD) as there:
        yield there


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A file of the open orders."""
    path = tmp_path / "orders.csv"
    lines = [f"6303,{number}\n" for number in sorted(KNOWN)]
    path.write_text("".join(["account_id,order_id\n", *lines]), encoding="utf-8")
    return path


def arguments(command: str, orders: Path) -> list[object]:
    """The arguments that cancel the open orders one after the other."""
    if command == "order":
        return [command, 6303, *sorted(KNOWN)]
    given: list[object] = [orders] if command == "orders" else [6303, "--yes"]
    return [command, *given, "--concurrency", 1]


@pytest.mark.parametrize(("command", "variables", "columns"), crossed(COMMANDS, LOOKS, [12, 300]))
def test_every_order_is_named(
    way: HeldReplies, orders: Path, command: str, columns: int, variables: dict[str, str]
) -> None:
    """Every order number is printed whole at any width, and a dumb terminal gets no escapes."""
    way.release.set()
    with terminal(way.base_url, *arguments(command, orders), columns=columns, **variables) as person:
        seen = person.read()
    assert person.running.returncode == 0
    rows = [line for line in seen.replace("\r", "").splitlines() if "cancelled (status 204)" in line]
    assert all(sum(str(number) in row for row in rows) == 1 for number in KNOWN)
    assert bool(COLOR.search(seen)) is not bool(variables)
    assert not (ESCAPE in seen and "TERM" in variables)


@pytest.mark.parametrize("columns", [12, 300])
def test_a_table_names_every_order(way: HeldReplies, columns: int) -> None:
    """The columns of `all` stand below one another, and no width cuts an order number."""
    with terminal(way.base_url, "all", 6303, columns=columns) as person:
        person.read_until("[y/N]: ")
        person.type("n\n")
        seen = person.read()
    lines = seen.replace("\r", "").splitlines()
    assert {line.split()[0] for line in lines if "Limit" in line} == {str(number) for number in KNOWN}
    assert (person.running.returncode, way.cancels) == (6, [])


@pytest.mark.parametrize("command", mainly("orders", COMMANDS))
def test_ctrl_c_in_a_terminal(way: HeldReplies, orders: Path, command: str) -> None:
    """Ctrl-C in a terminal lets the orders under way finish, and ends without a traceback."""
    with terminal(way.base_url, *arguments(command, orders)) as person:
        way.wait_for(1)
        person.type("\x03")
        person.read_until("Again: cut it off.")
        way.release.set()
        seen = person.read()
    assert way.cancels == [73552, HELD]
    assert all(str(number) in seen for number in way.cancels)
    assert (person.running.returncode, "Traceback" in seen) == (5 if command == "all" else 6, False)


@pytest.mark.parametrize("command", mainly("orders", COMMANDS))
def test_a_terminal_that_goes_away_is_no_crash(way: HeldReplies, orders: Path, command: str) -> None:
    """After the terminal hangs up, the exit code is 1, and the journal has each order that was begun."""
    journal = orders.with_name("journal")
    more = ["--journal", journal] if command == "orders" else []
    with terminal(way.base_url, *arguments(command, orders), *more) as person:
        way.wait_for(1)
        person.hang_up()  # the signal is there when this returns
        way.release.set()
        assert person.running.wait(60) == 1
    assert way.cancels == [73552, HELD]
    if more:
        events = objects(journal.read_text(encoding="utf-8"))[1:]
        ended = {event["ended"][1]: event["outcome"] for event in events if "ended" in event}
        assert ended == {73552: "Cancelled", HELD: "Cancelled"}


@pytest.mark.parametrize(("command", "typed"), crossed(COMMANDS, [*TYPED]))
def test_ctrl_c_is_an_answer_to_the_question_for_a_code(
    mock_server: MockServer, tmp_path: Path, command: str, typed: str
) -> None:
    """Ctrl-C at the question for a code ends the command, and the order stays open; a code cancels it."""
    orders = tmp_path / "orders.csv"
    orders.write_text("account_id,order_id\n6500,73650\n", encoding="utf-8")
    words: dict[str, list[object]] = {"order": [6500, 73650], "orders": [orders], "all": [6500, "--yes"]}
    given = [command, *words[command], "--deadline", 10]
    with terminal(mock_server.base_url, *given, AUTOSHARES_USERNAME="two-factor") as person:
        person.read_until("Verification code: ")  # the blank comes when the terminal hides what is typed
        person.type(TYPED[typed])
        assert person.running.wait(30) == (6 if TYPED[typed] == CTRL_C else 0)
        seen = person.read()
    assert ("123456" in seen, "Traceback" in seen) == (False, False)
    assert mock_server.exchange.orders[73650].is_live == (TYPED[typed] == CTRL_C)
