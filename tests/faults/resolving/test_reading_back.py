"""Lost replies and slow cancels: the client reads the order back, over TCP, with every kind of client."""

from decimal import Decimal
from typing import Any

import pytest
from conftest import MakeCaller, Tell
from faults.expected import DOUBTFUL
from faults.own_time import OwnTime
from support.ports import nowhere
from support.raw_server import raw_server, says

from autoshares_cancel import (
    Cancelled,
    NoReply,
    NotSent,
    Order,
    OrderConflict,
    OrderUnreadable,
    OutcomeUnknown,
    PasswordCredentials,
    RateLimited,
    RetryPolicy,
    ServerFailed,
)
from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.faults.catalogue import BY_NAME

SOON = RetryPolicy(attempts=3, base=0.01, cap=0.02)
OPEN = 73552


@pytest.fixture
def retry() -> RetryPolicy:
    """A policy with short waits."""
    return SOON


def lost(when: str, fault: str = "reset-after-request", method: str = "DELETE", times: int = 1) -> dict[str, object]:
    return {"fault": fault, "order_id": OPEN, "when": when, "method": method, "times": times}


def whats(outcome: Any) -> list[str]:
    return [attempt.what for attempt in outcome.attempts]


@pytest.mark.parametrize("fault", ["reset-after-request", "close-without-reply", "stall", "garbage"])
def test_a_lost_reply_is_resolved_by_a_read(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, fault: str, cell: Cell
) -> None:
    """Law 1: after a lost reply, a reading shows that the order is cancelled, and it is cancelled only once."""
    cell("resolution", f"{fault} after the cancel", client_kind, note="Cancelled, confirmed")
    tell("faults", faults=[lost("after", fault)])
    outcome = caller.cancel(6303, OPEN)
    assert type(outcome) is Cancelled
    assert (outcome.confirmed, outcome.status_code, whats(outcome)) == (True, None, ["cancel", "read"])
    assert [event.status for event in mock_server.exchange.ledger] == ["Canceled"]


@pytest.mark.parametrize("fault", sorted(DOUBTFUL - {"drip-body"}))
def test_a_200_that_proves_nothing_is_resolved_by_a_read(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, fault: str, cell: Cell
) -> None:
    """Law 1: after a 200 that proves nothing, a reading shows that the order is cancelled."""
    cell("resolution", f"{fault} after the cancel", client_kind, note="Cancelled, confirmed")
    tell("faults", faults=[lost("after", fault)])
    outcome = caller.cancel(6303, OPEN)
    assert type(outcome) is Cancelled
    assert (outcome.confirmed, outcome.status_code, whats(outcome)) == (True, 200, ["cancel", "read"])
    assert [event.status for event in mock_server.exchange.ledger] == ["Canceled"]


@pytest.mark.parametrize("fault", sorted(name for name in DOUBTFUL if "before" in BY_NAME[name].whens))
def test_a_200_of_something_else_is_no_cancel(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, fault: str, cell: Cell
) -> None:
    """Law 1: if a 200 came from elsewhere and the order is still open, the second cancel succeeds."""
    cell("resolution", f"{fault} before the cancel", client_kind, note="Cancelled")
    tell("faults", faults=[lost("before", fault)])
    outcome = caller.cancel(6303, OPEN)
    assert type(outcome) is Cancelled
    assert (outcome.confirmed, outcome.status_code, whats(outcome)) == (False, 204, ["cancel", "read", "cancel"])
    assert [event.status for event in mock_server.exchange.ledger] == ["Canceled"]


def test_what_was_not_acted_upon_is_cancelled_again(caller: Any, client_kind: str, tell: Tell, cell: Cell) -> None:
    """Law 1: if the request is lost, a reading shows that the order is open, and the second cancel succeeds."""
    cell("resolution", "reset before the cancel", client_kind, note="Cancelled")
    tell("faults", faults=[lost("before")])
    outcome = caller.cancel(6303, OPEN)
    assert type(outcome) is Cancelled
    assert (outcome.confirmed, outcome.status_code, whats(outcome)) == (False, 204, ["cancel", "read", "cancel"])


def test_a_fill_that_won_is_a_conflict(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, cell: Cell
) -> None:
    """Law 1: if the reply is lost and the order is filled, the conflict has the order's state."""
    cell("resolution", "reset, and a fill", client_kind, note="OrderConflict")
    tell("faults", faults=[lost("before")])
    mock_server.exchange.fill(OPEN)
    outcome = caller.cancel(6303, OPEN)
    assert type(outcome) is OrderConflict
    assert outcome.order
    assert (outcome.order.status, outcome.order.executed_quantity) == ("Filled", Decimal(100))


def test_a_conflict_after_a_lost_reply_is_no_conflict(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, cell: Cell
) -> None:
    """Laws 1 and 4: if the reply is lost and the order cannot be read, the outcome is unknown, not a conflict."""
    cell("resolution", "reset after the cancel, unreadable", client_kind, note="NoReply")
    tell("faults", faults=[lost("after"), lost("after", method="GET", times=50)])
    outcome = caller.cancel(6303, OPEN)
    assert type(outcome) is NoReply
    assert whats(outcome) == ["cancel", "read", "read", "read"]
    assert mock_server.exchange.orders[OPEN].status == "Canceled"


def test_a_failing_server_stays_unknown(caller: Any, client_kind: str, cell: Cell) -> None:
    """Law 4: a 500 for an order that cannot be read stays ServerFailed, which is an unknown outcome."""
    cell("resolution", "500, unreadable", client_kind, note="ServerFailed")
    assert type(caller.cancel(6303, 9000500)) is ServerFailed


def test_resolving_can_be_switched_off(
    make_caller: MakeCaller,
    client_kind: str,
    mock_server: MockServer,
    trader: PasswordCredentials,
    tell: Tell,
    cell: Cell,
) -> None:
    """Law 4: a lost reply gives an unknown outcome at once, and nothing is read."""
    cell("resolution", "reset after the cancel, resolve=False", client_kind, note="NoReply")
    tell("faults", faults=[lost("after")])
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, retry=SOON, resolve=False)
    outcome: Any = caller.cancel(6303, OPEN)
    assert (type(outcome), whats(outcome)) == (NoReply, ["cancel"])


def test_a_refused_connection_is_retried_and_then_not_sent(
    make_caller: MakeCaller, client_kind: str, trader: PasswordCredentials, token: Any, cell: Cell
) -> None:
    """Law 4: refused connections are NotSent, also after all attempts of the policy."""
    cell("resolution", "refused", client_kind, note="NotSent")
    base_url = nowhere()
    outcome: Any = make_caller(base_url=base_url, credentials=token, retry=SOON, resolve=True).cancel(6303, OPEN)
    assert (type(outcome), whats(outcome)) == (NotSent, ["cancel"] * 3)
    assert [attempt.started_at for attempt in outcome.attempts] == sorted(a.started_at for a in outcome.attempts)


BUSY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: %d\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_the_server_says_how_long_to_wait(
    make_caller: MakeCaller, client_kind: str, token: Any, own_time: OwnTime, cell: Cell
) -> None:
    """Law 7: the client waits as long as Retry-After says if that fits the deadline, and ends at once if not."""
    cell("resolution", "429 with Retry-After", client_kind, note="Cancelled, or RateLimited")
    for seconds, kind in ((1, Cancelled), (100, RateLimited)):
        with raw_server(says(BUSY % seconds, GONE if seconds == 1 else BUSY % seconds)) as server:
            options: dict[str, Any] = {"retry": SOON, "resolve": False, **own_time.settings(client_kind)}
            outcome: Any = make_caller(base_url=server.base_url, credentials=token, **options).cancel(6303, OPEN)
        assert type(outcome) is kind
        assert [attempt.started_at for attempt in outcome.attempts] == ([0, 1] if seconds == 1 else [0])
        assert len(server.requests) == len(outcome.attempts)


@pytest.mark.parametrize("venue", [False, True])
def test_a_confirmed_cancel_is_final(
    caller: Any, client_kind: str, mock_server: MockServer, tell: Tell, *, venue: bool, cell: Cell
) -> None:
    """Law 1: the client waits for the end of PendingCancel, and reports the executed quantity."""
    cell("confirmation", "venue" if venue else "quick", client_kind, note="Cancelled, confirmed")
    tell("settings", **({"venue_delay": 0.1} if venue else {"cancel_delay": 0.1}))
    mock_server.exchange.fill(OPEN, 40)
    outcome = caller.cancel(6303, OPEN, confirm=True, venue=venue)
    assert type(outcome) is Cancelled
    assert (outcome.confirmed, outcome.status_code) == (True, 204)
    assert (outcome.executed_quantity, outcome.leaves_quantity) == (Decimal(40), Decimal(0))
    assert mock_server.exchange.orders[OPEN].status == "Canceled"


def test_a_cancel_that_a_fill_beats_is_a_conflict(caller: Any, client_kind: str, tell: Tell, cell: Cell) -> None:
    """Law 1: an accepted cancel of an order that is then filled at the venue is a conflict, never Cancelled."""
    cell("confirmation", "a fill wins", client_kind, note="OrderConflict")
    tell("settings", cancel_delay=5)
    tell("races", races=[{"order_id": OPEN, "quantity": 100, "when": "after"}])
    outcome = caller.cancel(6303, OPEN, confirm=True)
    assert type(outcome) is OrderConflict
    assert outcome.order
    assert outcome.order.status == "Filled"


def test_an_order_pending_at_the_deadline_is_unknown(
    make_caller: MakeCaller,
    client_kind: str,
    mock_server: MockServer,
    trader: PasswordCredentials,
    tell: Tell,
    own_time: OwnTime,
    cell: Cell,
) -> None:
    """Laws 1 and 7: an order that is still pending at the deadline is unknown, and the message has its status."""
    cell("confirmation", "pending until the deadline", client_kind, note="OutcomeUnknown")
    tell("settings", cancel_delay=600)
    caller = make_caller(
        base_url=mock_server.base_url, credentials=trader, retry=RetryPolicy(), **own_time.settings(client_kind)
    )
    outcome = caller.cancel(6303, OPEN, confirm=True, deadline=60.0)
    assert type(outcome) is OutcomeUnknown
    assert (outcome.status_code, "the order reads PendingCancel" in str(outcome)) == (204, True)
    assert 59.0 < own_time.now <= 60.0


def test_an_order_can_be_read(caller: Any, client_kind: str, cell: Cell) -> None:
    """A read order has exact numbers and UTC times; an order that cannot be read gives the reason."""
    cell("reading", "an order", client_kind, note="Order, or OrderUnreadable")
    order = caller.read(6303, 73563)
    assert isinstance(order, Order)
    assert (order.status, order.quantity, order.executed_quantity, order.leaves_quantity) == (
        "PartiallyFilled",
        Decimal(100),
        Decimal(40),
        Decimal(60),
    )
    assert order.placed_at
    assert str(order.placed_at.tzinfo) == "UTC"
    refused = caller.read(6400, 73600)
    assert isinstance(refused, OrderUnreadable)
    assert refused.status_code == 401
