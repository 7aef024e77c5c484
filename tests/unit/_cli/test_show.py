"""The command `show` against the mock, and against servers with scripted replies."""

import json
import signal
import socket
import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from support.command import TOKEN_ONLY, Command, objects, process
from support.raw_server import raw_server, says

from autoshares_cancel import AsyncClient, Order, OrderUnreadable, TokenUnavailable
from autoshares_cancel._cli.readings import Reading
from autoshares_cancel._cli.show import as_line, as_object
from autoshares_cancel._retry.waits import Waits
from autoshares_cancel.mock import MockServer

PENDING, CANCELED = ({"Id": 73552, "AccountId": 6303, "Status": status} for status in ("PendingCancel", "Canceled"))
READ = Order(
    account_id=6303,
    order_id=73552,
    status="PartiallyFilled",
    quantity=Decimal(100),
    executed_quantity=Decimal("40.50"),
    leaves_quantity=Decimal("59.50"),
    average_price=Decimal("10.5"),
    symbol="AAPL",
    side="Buy",
    type="Limit",
    time_in_force="GoodTillDate",
    placed_at=datetime(2026, 7, 1, 14, 30, tzinfo=UTC),
    expires_at=datetime(2026, 7, 3, tzinfo=UTC),
)
PROBLEM = OrderUnreadable(account_id=6303, order_id=73552, status_code=500, detail="reason")
REFUSED = OrderUnreadable(account_id=6303, order_id=73552, status_code=403, detail="reason")
LOG_IN = TokenUnavailable(detail="reason", status_code=503)


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """Run the command against the mock."""
    return Command(mock_server)


@pytest.fixture
def three_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for three more reads, which come at once."""
    monkeypatch.setattr(Waits, "poll", lambda _, nth, __: 0.0 if nth <= 3 else None)


def reply(document: dict[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def reading(order: Order | None = None, problem: Any = None, *, is_done: bool = True) -> Reading:
    return Reading(6303, 73552, order, problem, is_done)


def test_orders_are_shown_as_they_are(run: Command) -> None:
    """`show` prints one line for each order, in the order given: the status, what it means, and the fields."""
    result = run("show", 6303, 73564, 73552, 73562)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split("; average price")[0] for line in result.stdout.splitlines()] == [
        "73564  Canceled (final: cancelled); Buy 100 ABCD Limit; executed 0; left 0",
        "73552  New (open: it can still be executed); Buy 100 ABCD Limit; executed 0; left 100",
        "73562  Filled (final, and not cancelled); Buy 100 ABCD Limit; executed 100; left 0",
    ]


def test_it_sends_only_readings_and_a_log_in(run: Command, mock_server: MockServer, three_polls: None) -> None:
    """Law 1: `show` changes nothing, not even with --wait, and logs in once."""
    before = mock_server.exchange.orders
    run("show", 6303, 73552, 73562, "--wait", 60)
    methods = [seen.method for seen in run.requests]
    assert sorted(methods) == ["GET"] * 5 + ["POST"]
    assert mock_server.exchange.orders == before


def test_an_order_that_is_given_twice_is_shown_once(run: Command) -> None:
    """An order that is given twice is read and printed once."""
    result = run("show", 6303, 73562, 73552, 73562, "--json")
    assert [item["order_id"] for item in objects(result.stdout)] == [73562, 73552]
    assert len(run.requests) == 3


@pytest.mark.parametrize(
    ("account_id", "order_ids", "code"),
    [
        (6303, [73552, 99], 5),
        (6303, [9000500], 5),
        (6303, [9000403, 73552], 3),
        (6303, [9000401], 3),
        (6400, [73600], 3),
        (6303, [9000403, 9000500], 5),
    ],
    ids=str,
)
def test_the_gravest_reading_is_the_exit_code(run: Command, account_id: int, order_ids: list[int], code: int) -> None:
    """The exit code is 5 if an order can't be read, 3 if the server refuses it; every order is printed."""
    result = run("show", account_id, *order_ids, "--json")
    assert result.exit_code == code
    assert [item["order_id"] for item in objects(result.stdout)] == order_ids


def test_a_failed_log_in_is_the_result_of_every_order(run: Command) -> None:
    """A failed log-in exits with 7; the password is tried once and not printed."""
    result = run("show", 6303, 73552, 73553, "--json", AUTOSHARES_PASSWORD="wrong-horse")
    assert [item["outcome"] for item in objects(result.stdout)] == ["InvalidCredentials"] * 2
    assert (result.exit_code, [seen.method for seen in run.requests]) == (7, ["POST"])
    assert "wrong-horse" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [6303],
        [6303, "73552.0"],
        [6303, 2**31],
        [6303, 73552, "--wait", 0],
        [6303, 73552, "--wait", "soon"],
        [6303, 73552, "--wait", 86401],
        [6303, 73552, "--deadline", 0],
    ],
    ids=str,
)
def test_wrong_usage_exits_with_2(run: Command, arguments: list[Any]) -> None:
    """Law 9: wrong usage exits with 2, before anything is sent, without a traceback."""
    result = run("show", *arguments)
    assert (result.exit_code, run.requests, result.stdout) == (2, [], "")
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr


def test_it_waits_until_an_order_is_final(run: Command) -> None:
    """With --wait, an order is read again until it is final; then the exit code is 0."""
    with raw_server(says(reply(PENDING), reply(PENDING), reply(CANCELED))) as server:
        result = run("show", 6303, 73552, "--wait", 60, "--json", **TOKEN_ONLY, AUTOSHARES_BASE_URL=server.base_url)
    (shown,) = objects(result.stdout)
    assert (result.exit_code, shown["status"], shown["final"], shown["outcome"]) == (0, "Canceled", True, "Read")
    assert len(server.requests) == 3


def test_an_order_that_is_not_final_in_time_is_no_success(run: Command, three_polls: None) -> None:
    """Law 1: an order that is not final in time exits with 5, with the status as it was read last."""
    with raw_server(says(reply(PENDING))) as server:
        variables = {**TOKEN_ONLY, "AUTOSHARES_BASE_URL": server.base_url}
        result = run("show", 6303, 73552, "--wait", 60, **variables)
        without = run("show", 6303, 73552, **variables)
    assert result.exit_code == 5
    assert result.stdout == (
        "73552  PendingCancel (open: a cancel was accepted, and the venue has not answered); "
        "not final: no time was left -> run the same command again\n"
    )
    assert without.exit_code == 0


@pytest.mark.parametrize("has_waited", [False, True])
def test_ctrl_c_ends_it_with_what_is_known(*, has_waited: bool) -> None:
    """After Ctrl-C every order is named once, as read or as not read, and the exit code is 5."""
    reached, release = threading.Event(), threading.Event()

    def answer(connection: socket.socket, request: bytes) -> None:
        if b"/orders/2 " in request:
            reached.set()
            release.wait(60)
        connection.sendall(reply({"Id": 1, "AccountId": 6303, "Status": "Filled"}))

    options = ["--wait", 60] if has_waited else []
    with raw_server(answer) as server:
        with process(server.base_url, "show", 6303, 1, 2, "--json", *options, has_token=True) as running:
            assert running.stdout is not None
            first = running.stdout.readline()
            assert reached.wait(60)
            running.send_signal(signal.SIGINT)
            output, errors = running.communicate(timeout=60)
        release.set()
    shown = objects(first + output)
    assert [(item["order_id"], item["outcome"], item["detail"]) for item in shown] == [
        (1, "Read", None),
        (2, "NotRead", "interrupted"),
    ]
    assert (running.returncode, errors) == (5, "")


@pytest.mark.parametrize(
    ("known", "has_waited", "outcome", "code"),
    [
        (reading(READ), False, "Read", 0),
        (reading(READ), True, "NotFinal", 5),
        (reading(READ, is_done=False), True, "NotFinal", 5),
        (reading(READ, PROBLEM), True, "NotFinal", 5),
        (reading(READ, REFUSED), True, "OrderUnreadable", 3),
        (reading(READ, LOG_IN), True, "TokenUnavailable", 7),
        (reading(None, PROBLEM), True, "OrderUnreadable", 5),
        (reading(None, PROBLEM), False, "OrderUnreadable", 5),
        (reading(None, LOG_IN), False, "TokenUnavailable", 7),
        (reading(None), True, "NotRead", 5),
        (reading(None, is_done=False), False, "NotRead", 5),
    ],
)
def test_only_what_was_read_as_wanted_exits_with_0(
    known: Reading, *, has_waited: bool, outcome: str, code: int
) -> None:
    """Law 1, for scripts: the exit code is 0 only if the order was read, and with --wait only if it is final."""
    values = as_object(known, has_waited=has_waited)
    assert (values["outcome"], values["exit_code"]) == (outcome, code)
    assert (values["advice"] is None) == (code == 0)
    assert " -> " in as_line(known, values) or code == 0


def test_every_object_has_the_same_keys() -> None:
    """A program finds every key in every object; a field that is not known is null."""
    whole, bare = (as_object(each, has_waited=False) for each in (reading(READ), reading(None)))
    assert list(whole) == list(bare)
    assert json.loads(json.dumps(whole)) == whole
    ids = {"account_id": 6303, "order_id": 73552}
    known = {"state": "unknown", "legs": [], "final": False, "outcome": "NotRead", "exit_code": 5}
    words = {"detail": "no time was left", "advice": "run the same command again"}
    assert bare == {**dict.fromkeys(whole), **ids, **known, **words}


def test_a_line_has_what_the_order_has() -> None:
    """A line has only the fields that the server sent; quantities keep their digits, and times are UTC."""
    read = reading(READ)
    assert as_line(read, as_object(read, has_waited=False)) == (
        "73552  PartiallyFilled (open: it can still be executed); Buy 100 AAPL Limit GoodTillDate; executed 40.50; "
        "left 59.50; average price 10.5; placed 2026-07-01 14:30:00 UTC; expires 2026-07-03 00:00:00 UTC"
    )
    bare = reading(Order(account_id=6303, order_id=73552, status="Baked"))
    assert as_line(bare, as_object(bare, has_waited=False)) == (
        "73552  Baked (the status does not say whether it is open)"
    )


def test_a_line_names_the_legs() -> None:
    """A line has each leg with its status, at any depth, because a final order may have legs that still work."""
    deepest = Order(account_id=6303, order_id=3, status="New")
    leg = Order(account_id=6303, order_id=2, status="Filled", legs=(deepest,))
    read = reading(Order(account_id=6303, order_id=73552, status="Filled", legs=(leg,)))
    values = as_object(read, has_waited=True)
    assert as_line(read, values) == "73552  Filled (final, and not cancelled); legs 2 Filled, 3 New"
    assert [(each["order_id"], each["state"]) for each in values["legs"]] == [(2, "over"), (3, "working")]


def test_a_line_about_a_failed_reading() -> None:
    """The line of a failed read has the reason, and the status of an earlier read, which is no result."""
    failed, late = reading(None, PROBLEM), reading(READ, REFUSED)
    assert as_line(failed, as_object(failed, has_waited=False)) == (
        "73552  the order can't be read (status 500): reason -> look at status and detail, then try again"
    )
    assert as_line(late, as_object(late, has_waited=True)) == (
        "73552  the order can't be read (status 403): reason; when it was read before: PartiallyFilled (open: it can "
        "still be executed) -> look at status and detail, then try again"
    )
    trouble = reading(READ, PROBLEM)
    assert "; not final: no time was left; the last read failed (status 500): reason -> " in as_line(
        trouble, as_object(trouble, has_waited=True)
    )


def test_what_the_advice_names_can_be_run(run: Command) -> None:
    """The advice of an unknown outcome names a `show` command with the ids of that order, which can be run."""
    words = objects(run("order", 6303, 9000500, "--json", "--no-resolve").stdout)[0]["advice"].rpartition(": ")[2]
    assert words == "autoshares-cancel show 6303 9000500"
    assert run(*words.split()[1:]).exit_code == 5
    assert run("show", "--", -5, 3).exit_code in {3, 5}


def test_a_wrong_argument_sends_nothing(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong --wait is refused before the first read."""

    def fails(*_: object, **__: object) -> None:
        raise AssertionError("a read was sent")

    monkeypatch.setattr(AsyncClient, "read_order", fails)
    assert "wait must be" in run("show", 6303, 73552, "--wait", -1).stderr
