"""cancel_all over TCP, with every kind of client: the report agrees with the order book."""

import threading
from typing import Any

import pytest
from conftest import MakeCaller, Tell
from faults.own_time import OwnTime
from faults.rounds import QUICK
from faults.unknown_check import OTHER_OBJECTS
from support.clients import CLIENT_KINDS
from support.mock_orders import FIRST_PLACED, FOREIGN, KNOWN, OWN, live, order_methods, place
from support.tables import crossed

from autoshares_cancel import (
    AllCancelled,
    Cancelled,
    InvalidCredentials,
    OrderConflict,
    OrdersRemain,
    OrdersUnreadable,
    PasswordCredentials,
    Progress,
    RetryPolicy,
)
from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.orders import Order

SOON = RetryPolicy(attempts=5, base=0.01, cap=0.05)
PATIENCE_SECONDS = 60


@pytest.fixture
def retry() -> RetryPolicy:
    """A policy with short waits."""
    return SOON


def seed(server: MockServer, **statuses: str) -> None:
    """Add orders by number and status, as in o5="Held"."""
    given = [Order(order_id=int(name[1:]), account_id=OWN, status=status) for name, status in statuses.items()]
    server.exchange.seed(orders=given)


def test_an_account_is_cleared_while_everything_fails(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, cell: Cell
) -> None:
    """Laws 1, 3 and 8: cancel_all clears 361 orders on four pages under 5% faults, and no outcome is a lie."""
    cell("everything", "361 orders under 5% faults", client_kind, note="AllCancelled")
    orders = KNOWN | place(mock_server, range(FIRST_PLACED, FIRST_PLACED + 350))
    others = live(mock_server, FOREIGN)
    caller.warm_up()
    tell("settings", fault_pause=60)
    # There are few lists, so random faults might not strike any of them.
    lists = [{"fault": fault, "endpoint": "list"} for fault in ("truncated-body", "close-without-reply", "garbage")]
    tell("faults", faults=lists, random={"rate": 0.05, "seed": 73552, "faults": QUICK})
    ended = caller.cancel_all(OWN)
    assert type(ended) is AllCancelled, ended
    assert (live(mock_server), live(mock_server, FOREIGN)) == (set(), others)
    assert (ended.account_id, set(ended.outcomes)) == (OWN, set(orders))
    book = mock_server.exchange.orders
    lies = [
        n for n, outcome in ended.outcomes.items() if isinstance(outcome, Cancelled) != (book[n].status == "Canceled")
    ]
    assert lies == []


@pytest.mark.parametrize(("fault", "client_kind"), crossed(QUICK, CLIENT_KINDS))
def test_a_list_that_goes_wrong_is_whole_or_none(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, fault: str, cell: Cell
) -> None:
    """Laws 1 and 3: a fault on the second of two pages gives all orders or OrdersUnreadable, never some of them."""
    # A whole object that is not a page: a second request would not help.
    is_whole = fault not in OTHER_OBJECTS
    cell("everything", f"{fault} on a page", client_kind, note="all orders" if is_whole else "OrdersUnreadable")
    orders = KNOWN | place(mock_server, range(FIRST_PLACED, FIRST_PLACED + 100))
    caller.warm_up()
    tell("settings", fault_pause=60)
    # The first fault changes nothing, and is used up by the first page.
    tell("faults", faults=[{"fault": each, "endpoint": "list"} for each in ("early-hints-first", fault)])
    listed = caller.open_orders(OWN, deadline=5.0)
    assert isinstance(listed, tuple if is_whole else OrdersUnreadable)
    if isinstance(listed, tuple):
        assert {order.order_id for order in listed} == orders
    assert len(order_methods(mock_server)) >= 2


@pytest.mark.parametrize("stuck", [{}, {"o5": "Stopped", "o6": "Suspended"}])
def test_orders_that_are_placed_during_the_call_are_cancelled(
    caller: Any, client_kind: str, mock_server: MockServer, stuck: dict[str, str], cell: Cell
) -> None:
    """Law 1: while another thread places 100 orders, cancel_all ends with none open, or names exactly the open ones."""
    cell("everything", "orders appear", client_kind, note="OrdersRemain" if stuck else "AllCancelled")
    seed(mock_server, **stuck)
    turns, trades, placed = threading.Semaphore(0), threading.Semaphore(0), set[int]()

    def trade() -> None:
        for number in range(FIRST_PLACED, FIRST_PLACED + 100):
            if turns.acquire(timeout=PATIENCE_SECONDS):
                placed.update(place(mock_server, [number]))
                trades.release()

    def go_on(_: Progress) -> None:
        # One new order for each outcome, so that the next listing has orders until all are placed.
        if len(placed) < 100:
            turns.release()
            trades.acquire(timeout=PATIENCE_SECONDS)

    thread = threading.Thread(target=trade, daemon=True)
    thread.start()
    ended = caller.cancel_all(OWN, concurrency=8, on_progress=go_on)
    thread.join(timeout=PATIENCE_SECONDS)
    assert len(placed) == 100
    assert ended.outcomes.keys() >= KNOWN | placed
    assert type(ended) is (OrdersRemain if stuck else AllCancelled), ended
    remaining = {order.order_id for order in getattr(ended, "remaining", ())}
    # The mock refuses to cancel Stopped and Suspended orders, which its book does not call live.
    assert remaining == live(mock_server) | {int(name[1:]) for name in stuck}
    assert not [n for n in remaining if str(n) not in str(ended)]


@pytest.mark.parametrize("held", [True, False])
def test_held_orders_are_cancelled_unless_excluded(
    caller: Any, client_kind: str, mock_server: MockServer, *, held: bool, cell: Cell
) -> None:
    """Law 1: a Held order is found only in a list of all orders, because no filter includes Held."""
    cell(
        "everything", "an order that is held", f"{client_kind}, held={held}", note="cancelled" if held else "left alone"
    )
    seed(mock_server, o7="Held")
    assert (7 in {order.order_id for order in caller.open_orders(OWN, held=held)}) == held
    ended = caller.cancel_all(OWN, held=held)
    assert type(ended) is AllCancelled
    assert (live(mock_server), set(ended.outcomes)) == (set() if held else {7}, KNOWN | ({7} if held else set()))


def test_cancels_take_time_and_fills_race(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, cell: Cell
) -> None:
    """Law 1: cancel_all waits for a pending cancel and does not repeat it; an order whose fill won is a conflict."""
    cell("everything", "cancels take time", client_kind, note="AllCancelled")
    tell("settings", cancel_delay=0.2)
    races = [(73552, 1000, "before"), (73553, 40, "after"), (73554, 100, "after")]
    tell("races", races=[{"order_id": number, "quantity": shares, "when": when} for number, shares, when in races])
    ended = caller.cancel_all(OWN)
    assert type(ended) is AllCancelled
    assert live(mock_server) == set()
    book = mock_server.exchange.orders
    assert [book[n].status for n in (73552, 73553, 73554)] == ["Filled", "Canceled", "Filled"]
    assert type(ended.outcomes[73552]) is OrderConflict
    assert order_methods(mock_server).count("DELETE") == len(KNOWN)
    assert ended.listings > 2


def test_orders_pending_at_the_deadline_are_named(
    make_caller: MakeCaller,
    client_kind: str,
    mock_server: MockServer,
    trader: PasswordCredentials,
    tell: Tell,
    own_time: OwnTime,
    cell: Cell,
) -> None:
    """Law 7: at the deadline, OrdersRemain has all pending orders; its message names ten and counts the others."""
    cell("everything", "pending at the deadline", client_kind, note="OrdersRemain")
    tell("settings", cancel_delay=600)
    options: dict[str, Any] = {"retry": RetryPolicy(base=1.0, cap=5.0), **own_time.settings(client_kind)}
    caller: Any = make_caller(base_url=mock_server.base_url, credentials=trader, **options)
    ended = caller.cancel_all(OWN, deadline=60.0)
    assert 55.0 <= own_time.now <= 60.0
    assert type(ended) is OrdersRemain
    assert {order.order_id for order in ended.remaining} == live(mock_server) == KNOWN
    assert {order.status for order in ended.remaining} == {"PendingCancel"}
    assert "73561 (pending) and 1 more" in str(ended)


def test_a_second_time_nothing_is_done(caller: Any, client_kind: str, mock_server: MockServer, cell: Cell) -> None:
    """A second cancel_all is safe: it lists orders twice, by status and all, and sends no cancel."""
    cell("everything", "a second time", client_kind, note="AllCancelled")
    caller.cancel_all(OWN)
    before = len(order_methods(mock_server))
    again = caller.cancel_all(OWN)
    assert (type(again), again.outcomes, again.listings) == (AllCancelled, {}, 2)
    assert order_methods(mock_server)[before:] == ["GET", "GET"]


def test_the_rate_is_kept(
    caller: Any, client_kind: str, mock_server: MockServer, own_time: OwnTime, cell: Cell
) -> None:
    """The rate limits the cancels in a second: at 30 a second, 31 cancels take just over one second."""
    cell("everything", "31 orders, 30 a second", client_kind, note="a second")
    place(mock_server, range(FIRST_PLACED, FIRST_PLACED + 20))
    ended = caller.cancel_all(OWN, rate=30.0, concurrency=1)  # more threads would disturb the clock
    assert type(ended) is AllCancelled
    assert 1.0 <= own_time.now <= 1.0 + ended.listings * SOON.cap


@pytest.mark.parametrize("endpoint", ["list", "orders"])
def test_a_server_that_asks_for_patience_gets_it(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, own_time: OwnTime, endpoint: str, cell: Cell
) -> None:
    """Law 7: a Retry-After on a list or a cancel delays all orders; a batch then resumes with nine a second."""
    cell("everything", f"429, {endpoint}", client_kind, note="a second later")
    tell("faults", faults=[{"fault": "429-in-a-second", "endpoint": endpoint}])
    ended = caller.cancel_all(OWN, concurrency=1)
    assert type(ended) is AllCancelled
    slots = len(ended.outcomes) / 9 if endpoint == "orders" else 0.0
    assert 1.0 <= own_time.now <= 1.0 + slots + ended.listings * SOON.cap
    assert live(mock_server) == set()


def test_a_failed_log_in_is_raised(
    make_caller: MakeCaller, client_kind: str, mock_server: MockServer, cell: Cell
) -> None:
    """A failed log-in is an AuthenticationError before any order is listed or cancelled."""
    cell("everything", "a wrong password", client_kind, note="InvalidCredentials")
    wrong = PasswordCredentials(app_key="demo-app-key", username="trader", password="battery")
    caller = make_caller(base_url=mock_server.base_url, credentials=wrong)
    assert type(caller.cancel_all(OWN)) is InvalidCredentials
    assert type(caller.open_orders(OWN)) is InvalidCredentials
    assert (order_methods(mock_server), live(mock_server)) == ([], KNOWN)
