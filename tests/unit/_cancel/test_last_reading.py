"""The last read of an order: its result in the detail, the time kept for it, and its use for a conflict."""

import pytest
from support.scripted_calls import NOTHING, SILENCE, play, reads, reply

from autoshares_cancel import OrderConflict, OutcomeUnknown, RetryPolicy
from autoshares_cancel._values.evidence import Evidence, Reply

ONCE = RetryPolicy(attempts=1, base=1.0, cap=4.0)
ANOTHER_ORDER = Reply(status_code=200, body=b'{"Id": 3, "AccountId": 1, "Status": "Canceled"}')
LAST_READINGS = {
    "401": ([reply(401), reply(401)], "reading it brought 401"),
    "404": ([reply(404)] * 4, "reading it brought 404"),
    "500": ([reply(500)] * 4, "reading it brought 500"),
    "another order": ([ANOTHER_ORDER], "reading it brought 200 without this order"),
    "cut off": ([Reply(status_code=200, body=b"{", is_whole=False)] * 4, "reading it brought 200"),
    "silence": ([SILENCE] * 4, "reading it brought no reply"),
    "not sent": ([NOTHING] * 4, "the read could not be sent"),
    "429 to the end": ([reply(429, "99")], "reading it brought 429"),
}


@pytest.mark.parametrize(("readings", "words"), LAST_READINGS.values(), ids=LAST_READINGS)
def test_an_unknown_outcome_names_what_the_last_reading_brought(readings: list[Evidence], words: str) -> None:
    """The detail has the result of the last read, then that of the cancel: a desk sees whether to read again."""
    assert play([SILENCE, *readings]).outcome.detail == f"{words}; reset"
    confirmed = play([reply(204), *readings], confirm=True).outcome
    assert (type(confirmed), confirmed.detail) == (OutcomeUnknown, words)


def test_a_call_without_time_to_read_says_so() -> None:
    """Law 7: a read that was not sent is not reported as a read without a result."""
    assert play([SILENCE], deadline=0.0).outcome.detail == "no time was left to read it; reset"


def test_an_attempt_leaves_time_to_find_out() -> None:
    """Law 7: while the order may have to be read, an attempt gets only a part of the time left."""
    for deadline in (1.0, 5.0, 30.0):
        lost = play([SILENCE, SILENCE, reads("Canceled")], deadline=deadline, policy=RetryPolicy(base=0.04))
        assert lost.script.limits[0] == pytest.approx(deadline * 0.6)
        assert lost.script.limits[1] == pytest.approx(deadline * 0.6)
    assert play([SILENCE], resolve=False).script.limits == [10.0]
    assert play([SILENCE, SILENCE], policy=ONCE).script.limits == [6.0, 10.0]
    twice = RetryPolicy(attempts=2, base=0.04, cap=0.04)
    assert play([SILENCE, SILENCE, reads("Canceled")], policy=twice).script.limits[1] == 6.0
    assert play([reads("New")], only_read=True).script.limits == [6.0]


@pytest.mark.parametrize("status", ["Filled", "Canceled", "New", "PendingCancel", "Frozen"])
def test_a_plain_conflict_is_explained_by_one_reading(status: str) -> None:
    """Rule 5: the 409 stands even if the order reads Canceled: this call did not cancel it."""
    conflict = play([reply(409), reads(status)])
    assert conflict.steps == "token; cancel old; read old"
    assert isinstance(conflict.outcome, OrderConflict)
    assert (conflict.outcome.status_code, conflict.outcome.detail) == (409, f"the order reads {status}")
    assert conflict.outcome.order is not None


@pytest.mark.parametrize("read", [SILENCE, NOTHING, reply(401), reply(404), reply(429, "1"), reply(500)], ids=str)
def test_a_conflict_that_can_not_be_explained_stands(read: Evidence) -> None:
    """Rule 5: there is one read, without a wait or a new token; the detail has its result."""
    conflict = play([reply(409), read])
    assert conflict.steps == "token; cancel old; read old"
    assert (type(conflict.outcome), conflict.outcome.order) == (OrderConflict, None)
    assert str(conflict.outcome.detail).startswith(("reading it brought", "the read could not be sent"))


def test_a_reading_that_names_no_order_explains_nothing() -> None:
    """Law 1: an object without this order's id proves nothing, even if it has a status."""
    conflict = play([reply(409), Reply(status_code=200, body=b'{"Status": "Rejected"}')])
    assert (type(conflict.outcome), conflict.outcome.order) == (OrderConflict, None)
    assert conflict.outcome.detail == "reading it brought 200 without this order"
