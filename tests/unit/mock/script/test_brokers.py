"""What brokers do with an order whose cancel they accepted."""

from __future__ import annotations

from support.http_caller import HttpCaller

from autoshares_cancel.mock import Order


def cancel(caller: HttpCaller, order: int = 73552, *, readings: int = 2) -> tuple[int, list[str]]:
    """Cancel an order, and return the status of the reply and of the reads that follow."""
    headers = caller.log_in()
    status = caller.cancel(order, headers).status_code
    return status, [caller.read(order, headers).json()["Status"] for _ in range(readings)]


def test_accepted_and_still_open(caller: HttpCaller) -> None:
    """The cancel gets 204 and the order stays open; a second cancel works."""
    caller.server.on_cancel(73552).stays_open()
    assert cancel(caller) == (204, ["New", "New"])
    assert caller.server.ledger == ()
    assert cancel(caller) == (204, ["Canceled", "Canceled"])


def test_a_success_without_effect_is_the_same(caller: HttpCaller) -> None:
    """takes_effect=False leaves the order open with another status, too."""
    caller.server.on_cancel(73552).respond(200, takes_effect=False)
    assert cancel(caller) == (200, ["New", "New"])


def test_stuck_in_pending_cancel(caller: HttpCaller) -> None:
    """The order stays PendingCancel for any time; it can't be cancelled again, but can be filled."""
    caller.server.on_cancel(73552).stays_pending()
    assert cancel(caller) == (204, ["PendingCancel", "PendingCancel"])
    caller.server.advance(10_000_000)
    assert cancel(caller) == (409, ["PendingCancel", "PendingCancel"])
    assert caller.server.fill(73552).status == "Filled"


def test_filled_while_the_cancel_is_pending(caller: HttpCaller) -> None:
    """The order is filled at once, or after as many reads as are wanted."""
    caller.server.on_cancel(73552).filled_while_pending()
    caller.server.on_cancel(73563).filled_while_pending(readings=2)
    assert cancel(caller) == (204, ["Filled", "Filled"])
    assert cancel(caller, 73563, readings=3) == (204, ["PendingCancel", "PendingCancel", "Filled"])
    assert [(event.status, event.quantity) for event in caller.server.ledger] == [
        ("PendingCancel", 0),
        ("Filled", 100),
        ("PendingCancel", 0),
        ("Filled", 60),
    ]


def test_filled_although_the_cancel_was_reported(caller: HttpCaller) -> None:
    """One read shows Canceled, and the next one Filled."""
    caller.server.on_cancel(73552).filled_after_cancelled()
    assert cancel(caller) == (204, ["Canceled", "Filled"])
    order = caller.server.order(73552)
    assert (order.status, order.executed_quantity, order.leaves_quantity) == ("Filled", 100, 0)


def test_a_cancel_at_the_venue_meets_the_same(caller: HttpCaller) -> None:
    """A step for cancels strikes both kinds of cancels."""
    caller.server.on_cancel(73552).stays_pending()
    assert caller.cancel_at_venue(73552, caller.log_in()).status_code == 204
    assert caller.server.order(73552).status == "PendingCancel"


def test_what_can_not_be_cancelled_is_a_conflict(caller: HttpCaller) -> None:
    """No broker accepts the cancel of a filled order."""
    caller.server.on_cancel().stays_open(times=4)
    assert [cancel(caller, order, readings=0)[0] for order in (73562, 73564, 1, 73552)] == [409, 409, 409, 204]


def test_a_reset_forgets_the_fill_that_was_to_come(caller: HttpCaller) -> None:
    """After a reset, the next cancel of the order is an ordinary one."""
    caller.server.on_cancel(73552).filled_after_cancelled()
    assert cancel(caller, readings=0)[0] == 204
    caller.server.reset()
    assert cancel(caller) == (204, ["Canceled", "Canceled"])


def test_a_seeded_order_has_no_fill_to_come(caller: HttpCaller) -> None:
    """A seeded order is another order with the same number."""
    caller.server.on_cancel(73552).filled_after_cancelled()
    assert cancel(caller, readings=0)[0] == 204
    caller.server.seed(Order(order_id=73552, account_id=6303, status="Canceled"))
    assert cancel(caller) == (409, ["Canceled", "Canceled"])
