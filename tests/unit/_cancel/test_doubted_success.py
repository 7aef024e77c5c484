"""After a 200 whose body contradicts the cancel, the order is read, and its status decides."""

from typing import Any

import pytest
from support.scripted_calls import play, reads, reply

from autoshares_cancel import Cancelled, OrderConflict, OutcomeUnknown, RetryPolicy
from autoshares_cancel._values.evidence import Reply

PAGE = Reply(status_code=200, body=b"<html>Maintenance</html>")
CUT = Reply(status_code=200, body=b"{}", is_whole=False)
OTHER = Reply(status_code=200, body=b'{"Id": 3, "Status": "Canceled"}')
FILLED = Reply(status_code=200, body=b'{"Id": 2, "Status": "Filled"}')
FAILED = Reply(status_code=200, body=b'{"success": false, "error": "no"}')
DOUBTED = {
    "a page": (PAGE, "the body of the 200 is not a JSON object"),
    "cut off": (CUT, "the body of the 200 was cut off"),
    "another order": (OTHER, "the body of the 200 names another order"),
    "filled": (FILLED, "the body of the 200 gives the status Filled"),
    "a failure": (FAILED, "the body of the 200 denies the success"),
}
ONCE = RetryPolicy(attempts=1, base=1.0, cap=4.0)


@pytest.fixture(params=DOUBTED)
def doubted(request: pytest.FixtureRequest) -> tuple[Reply, str]:
    """Each 200 that proves nothing, with the reason."""
    return DOUBTED[request.param]


def test_reading_shows_that_it_was_cancelled(doubted: tuple[Reply, str]) -> None:
    """Law 1: an order that reads Canceled is Cancelled, and confirmed."""
    done = play([doubted[0], reads("Canceled")])
    assert done.steps == "token; cancel old; read old"
    assert isinstance(done.outcome, Cancelled)
    assert (done.outcome.confirmed, done.outcome.status_code) == (True, 200)


def test_reading_shows_that_it_was_filled(doubted: tuple[Reply, str]) -> None:
    """Law 1: an order that reads Filled is OrderConflict, and the outcome has the order."""
    over = play([doubted[0], reads("Filled")])
    assert isinstance(over.outcome, OrderConflict)
    assert over.outcome.order is not None


def test_an_order_that_still_works_is_cancelled_again(doubted: tuple[Reply, str]) -> None:
    """Law 1: an order that still works was not cancelled, whatever the 200 means."""
    again = play([doubted[0], reads("New"), reply(204)])
    assert again.steps == "token; cancel old; read old; 0.5 s; cancel old"
    assert isinstance(again.outcome, Cancelled)
    assert (again.outcome.confirmed, again.outcome.status_code) == (False, 204)


@pytest.mark.parametrize("terms", [{"resolve": False}, {"policy": ONCE}], ids=["not resolved", "unreadable"])
def test_what_can_not_be_resolved_is_unknown_with_the_reason(doubted: tuple[Reply, str], terms: Any) -> None:
    """Laws 1 and 4: the outcome is OutcomeUnknown itself, with status 200 and the reason of the doubt."""
    lost = play([doubted[0]] if "resolve" in terms else [doubted[0], reply(500)], **terms)
    assert type(lost.outcome) is OutcomeUnknown
    assert lost.outcome.status_code == 200
    assert lost.outcome.detail is not None
    assert doubted[1] in lost.outcome.detail


def test_a_doubt_ends_with_a_success() -> None:
    """After a later plain success, the outcome has no detail about the doubtful 200."""
    done = play([PAGE, reads("New"), reply(204)])
    assert isinstance(done.outcome, Cancelled)
    assert done.outcome.detail is None


def test_only_the_deciding_attempt_has_the_doubt_as_its_reason() -> None:
    """The detail of a later failure does not repeat the doubt about the earlier 200."""
    lost = play([PAGE, reads("New"), reply(500)], forever=reply(500), policy=RetryPolicy(attempts=2, base=1.0, cap=4.0))
    assert isinstance(lost.outcome, OutcomeUnknown)
    assert "the body of the 200" not in (lost.outcome.detail or "")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"Id": 2, "Status": "Canceled"}', b'{"Message": "done"}'])
def test_a_plain_success_is_not_read_back(body: bytes) -> None:
    """A plain success takes one request."""
    done = play([Reply(status_code=200, body=body)])
    assert done.steps == "token; cancel old"
    assert isinstance(done.outcome, Cancelled)
