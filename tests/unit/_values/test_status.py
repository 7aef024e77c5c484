"""What a status means: in every form that the vendor's pages show, and with the order's time in force."""

import json
from typing import Any

import pytest

from autoshares_cancel import Order
from autoshares_cancel._cancel.replies import order_of
from autoshares_cancel._values.evidence import Reply
from autoshares_cancel._values.status import STATES, State

DOCUMENTED = {
    "New": State.WORKING,
    "PartiallyFilled": State.WORKING,
    "Filled": State.OVER,
    "DoneForDay": State.UNKNOWN,
    "Canceled": State.CANCELLED,
    "Replaced": State.OVER,
    "PendingCancel": State.PENDING,
    "Stopped": State.WORKING,
    "Rejected": State.OVER,
    "Suspended": State.WORKING,
    "PendingNew": State.WORKING,
    "Calculated": State.UNKNOWN,
    "Expired": State.OVER,
    "AcceptedForBidding": State.WORKING,
    "PendingReplace": State.WORKING,
    "Error": State.OVER,
    "Held": State.WORKING,
}
"""The vendor's list, in its order. DoneForDay and Calculated depend on the time in force."""


def read(body: object) -> Order | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return order_of(Reply(status_code=200, body=raw), account_id=1, order_id=2)


def order(**fields: Any) -> Order:
    found = read({"Id": 2, "AccountId": 1} | fields)
    assert found is not None
    return found


def test_every_documented_status_has_its_state() -> None:
    """Law 2, for orders: every status of the vendor's list has a state, and no other status has one."""
    assert {status: order(Status=status).state for status in DOCUMENTED} == DOCUMENTED
    assert set(STATES) == set(DOCUMENTED)


@pytest.mark.parametrize(
    "status", ["Frozen", "", "Cancel", "Uncanceled", "Cancel ed!", "44", "20", "4 - Filled", "4 - "]
)
def test_an_unknown_status_is_kept_and_means_nothing(status: str) -> None:
    """Law 1: only a status of the vendor's list decides, and no number with the word of another status."""
    assert order(Status=status).status == status
    assert order(Status=status).state is State.UNKNOWN


SPELLINGS = {
    "Canceled": (
        "Canceled",
        "CANCELED",
        "cancelled",
        " Canceled\n",
        4,
        "4",
        "4 - Canceled",
        "4-cancelled",
        "4 Canceled",
    ),
    "PendingCancel": ("PendingCancel", "Pending Cancel", "pending_cancel", "Pending-Cancel", 6, "6 - Pending Cancel"),
    "Filled": ("Filled", "FILLED", 2, "2 - Filled"),
    "New": ("New", "new", 0, "0", "0 - New"),
}


@pytest.mark.parametrize(
    ("status", "given"), [(word, given) for word in SPELLINGS for given in SPELLINGS[word]], ids=repr
)
def test_a_status_is_known_in_every_form_that_the_vendors_pages_show(status: str, given: object) -> None:
    """A status may be a word in any case, with blanks, with one l or two, the number of the filters, or both."""
    assert order(Status=given).status == order(Status="New", ExecutionStatus=given).execution_status == status
    assert order(Status=given).state is STATES[status]


AFTER_THE_SESSION = {
    "Day": State.OVER,
    "AtTheOpening": State.OVER,
    "ImmediateOrCancel": State.OVER,
    "FillOrKill": State.OVER,
    "GoodTillCrossing": State.OVER,
    "GTC": State.WORKING,
    "GoodTillCancel": State.WORKING,
    "GoodTillDate": State.UNKNOWN,
    "GoodTillTime": State.UNKNOWN,
    "Forever": State.UNKNOWN,
    None: State.UNKNOWN,
}


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
def test_done_for_day_is_over_only_if_the_time_in_force_ends_today(status: str) -> None:
    """Law 1: an order that is done for the day is over only if its time in force ends with the session."""
    assert {force: order(Status=status, TimeInForce=force).state for force in AFTER_THE_SESSION} == AFTER_THE_SESSION


@pytest.mark.parametrize("status", ["DoneForDay", "Calculated"])
@pytest.mark.parametrize(
    ("until", "now", "state"),
    [
        ("2026-01-03T00:00:00Z", "Fri, 02 Jan 2026 15:00:00 GMT", State.WORKING),
        ("2026-01-02T15:00:00.0000000Z", "Fri, 02 Jan 2026 15:00:00 GMT", State.OVER),
        ("2026-01-01T00:00:00", "Fri, 02 Jan 2026 15:00:00 GMT", State.OVER),
        ("2026-01-03T00:00:00Z", "", State.UNKNOWN),
        ("2026-01-03T00:00:00Z", "yesterday", State.UNKNOWN),
        ("0001-01-01T00:00:00Z", "Fri, 02 Jan 2026 15:00:00 GMT", State.UNKNOWN),
        (None, "Fri, 02 Jan 2026 15:00:00 GMT", State.UNKNOWN),
    ],
)
def test_a_good_till_date_order_works_until_its_date(status: str, until: str | None, now: str, state: State) -> None:
    """Law 1: an order till a date works until that date, by the server's clock in the Date of the same reply."""
    fields = {"Id": 2, "Status": status, "TimeInForce": "GoodTillDate", "ExpireDate": until}
    reply = Reply(status_code=200, body=json.dumps(fields).encode(), headers={"Date": now})
    found = order_of(reply, account_id=1, order_id=2)
    assert found is not None
    assert found.state is state


def test_the_time_of_a_reading_is_kept_for_an_order_that_ends_only() -> None:
    """The time of a reply is kept only for an order till a date, because parsing a date is slow."""
    body, date = b'{"Id": 2, "Status": "New"}', "Fri, 02 Jan 2026 15:00:00 GMT"
    reply = Reply(status_code=200, body=body, headers={"Date": date})
    found = order_of(reply, account_id=1, order_id=2)
    assert found is not None
    assert found.read_at is None


@pytest.mark.parametrize("status", [None, True, 4.5, ["Canceled"], {"Status": "Canceled"}], ids=repr)
def test_a_status_of_another_type_means_nothing(status: object) -> None:
    """A status of another type is kept in `extra`, and the state is unknown."""
    found = order(Status=status)
    assert (found.status, found.state, dict(found.extra)) == (None, State.UNKNOWN, {"Status": status})


def test_a_number_that_is_not_written_as_one_is_no_status() -> None:
    """A number decides only if it is written in plain digits, as the vendor writes it."""
    found = read(b'{"Id": 2, "Status": 4e0}')
    assert found is not None
    assert (found.status, found.state) == (None, State.UNKNOWN)
