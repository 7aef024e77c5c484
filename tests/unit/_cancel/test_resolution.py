"""After an attempt that may have taken effect, the order is read, and its status decides the outcome."""

import pytest
from support.scripted_calls import KEPT, NO_TOKEN, NOTHING, SILENCE, play, reads, reply

from autoshares_cancel import (
    Cancelled,
    NoReply,
    NotSent,
    OrderConflict,
    OutcomeUnknown,
    RateLimited,
    RetryPolicy,
    ServerFailed,
)
from autoshares_cancel._values.evidence import Evidence, Reply

ONCE = RetryPolicy(attempts=1, base=1.0, cap=4.0)
SUSPECTS: dict[str, Evidence] = {"500": reply(500), "502": reply(502), "302": reply(302), "silence": SILENCE}
"""After each of these, the cancel may have taken effect."""


@pytest.fixture(params=SUSPECTS.values(), ids=list(SUSPECTS))
def suspect(request: pytest.FixtureRequest) -> Evidence:
    """Each evidence after which the order has to be read."""
    evidence: Evidence = request.param
    return evidence


def test_an_order_that_reads_cancelled_is_cancelled(suspect: Evidence) -> None:
    """Law 1: an order that reads Canceled is Cancelled and confirmed; no success status is invented for it."""
    done = play([suspect, reads("Canceled")])
    assert done.steps == "token; cancel old; read old"
    assert isinstance(done.outcome, Cancelled)
    assert (done.outcome.confirmed, done.outcome.status_code, done.outcome.detail) == (True, None, None)
    assert done.outcome.order is not None
    assert done.outcome.order.status == "Canceled"


@pytest.mark.parametrize("status", ["Filled", "Rejected", "Expired", "Replaced", "Error"])
def test_an_order_that_is_over_is_a_conflict_that_names_it(suspect: Evidence, status: str) -> None:
    """An order that is over can't be cancelled any more: the outcome is OrderConflict with its status."""
    over = play([suspect, reads(status)])
    assert over.steps == "token; cancel old; read old"
    assert isinstance(over.outcome, OrderConflict)
    assert over.outcome.order is not None
    assert over.outcome.order.status == status
    assert status in str(over.outcome)


def test_an_order_that_still_works_is_cancelled_again(suspect: Evidence) -> None:
    """An order that still works is cancelled again after a backoff, and a success then counts."""
    done = play([suspect, reads("New"), suspect, reads("PartiallyFilled"), reply(204)])
    assert done.steps == "token; cancel old; read old; 0.5 s; cancel old; read old; 1 s; cancel old"
    assert isinstance(done.outcome, Cancelled)
    assert (done.outcome.confirmed, done.outcome.status_code) == (False, 204)


def test_an_order_that_still_works_when_the_attempts_are_over_is_unknown() -> None:
    """Law 4: an earlier cancel may still arrive, so the outcome is unknown; it has the order as last read."""
    lost = play([reply(500), reads("New")] * 4)
    assert lost.steps.count("cancel") == 4
    assert type(lost.outcome) is ServerFailed
    assert lost.outcome.order is not None
    assert lost.outcome.detail == "the order reads New"


def test_an_order_that_still_works_when_time_is_over_is_unknown() -> None:
    """Law 7: no other cancel is sent without time for it."""
    lost = play([SILENCE, reads("New")], deadline=0.039)
    assert (lost.steps, type(lost.outcome)) == ("token; cancel old; read old", NoReply)


def test_a_pending_cancel_is_read_until_it_is_decided() -> None:
    """PendingCancel is not final: the order may become Canceled, Filled or New."""
    pending: list[Evidence] = [SILENCE, reads("PendingCancel"), reads("PendingCancel")]
    steps = "token; cancel old; read old; 0.5 s; read old; 1 s; read old"
    for status, kind in {"Canceled": Cancelled, "Filled": OrderConflict}.items():
        decided = play([*pending, reads(status)])
        assert (decided.steps, type(decided.outcome)) == (steps, kind)
    again = play([*pending, reads("New"), reply(204)])
    assert (again.steps, type(again.outcome)) == (f"{steps}; 0.5 s; cancel old", Cancelled)


def test_a_pending_cancel_is_unknown_at_the_deadline() -> None:
    """A pending cancel is read until the deadline, even with one attempt, and never reported as Cancelled."""
    lost = play([SILENCE], forever=reads("PendingCancel"), policy=ONCE)
    assert type(lost.outcome) is NoReply
    assert lost.outcome.detail == "the order reads PendingCancel; reset"
    assert lost.script.left < 0.04
    assert lost.steps.startswith("token; cancel old; read old; 0.5 s; read old; 1 s; read old; 2 s; read old; ")


@pytest.mark.parametrize("status", ["Frozen", "", "DoneForDay", "Calculated"])
def test_an_undocumented_status_is_unknown(suspect: Evidence, status: str) -> None:
    """Law 4: an order with an unclear status is neither reported as cancelled nor cancelled again."""
    lost = play([suspect, reads(status)])
    assert lost.steps == "token; cancel old; read old"
    assert isinstance(lost.outcome, OutcomeUnknown)
    assert lost.outcome.order is not None


UNREADABLE = {
    "another order": Reply(status_code=200, body=b'{"Id": 3, "AccountId": 1, "Status": "Canceled"}'),
    "another account": Reply(status_code=200, body=b'{"Id": 2, "AccountId": 7, "Status": "Canceled"}'),
    "403": reply(403),
    "422": reply(422),
}
PUT_OFF = reply(429)
PASSING: dict[str, Evidence] = {
    "silence": SILENCE,
    "nothing left": NOTHING,
    "429": PUT_OFF,
    **{str(code): reply(code) for code in (204, 302, 404, 500, 503)},
    "cut off": Reply(status_code=200, body=b'{"Status": "Canceled"'),
    "no object": Reply(status_code=200, body=b'["Canceled"]'),
    "too deep": Reply(status_code=200, body=b"[" * 100_000),
    "cancelled but 409": Reply(status_code=409, body=b'{"Id": 2, "Status": "Canceled"}'),
}


@pytest.mark.parametrize("name", [name for name in PASSING if name != "429"])
def test_a_read_that_fails_to_the_end_leaves_the_order_unknown(name: str) -> None:
    """Rule 9: the order is read as often as the policy has attempts."""
    failures: list[Evidence] = [PASSING[name]] * 4
    lost = play([SILENCE, *failures])
    assert (lost.steps.count("read"), type(lost.outcome)) == (4, NoReply)


@pytest.mark.parametrize("read", UNREADABLE.values(), ids=UNREADABLE)
def test_an_order_that_cannot_be_read_is_unknown(read: Reply) -> None:
    """Law 1: only a 200 with this very order is believed; a refusal or another order is not requested again."""
    lost = play([SILENCE, read])
    assert (lost.steps, type(lost.outcome), lost.outcome.order) == ("token; cancel old; read old", NoReply, None)


@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING)
def test_a_read_is_repeated_where_its_failure_may_pass(failure: Evidence) -> None:
    """A read changes nothing, so a failed one is repeated with backoff, as often as the policy allows."""
    waits = ("0.875", "1.75") if failure is NOTHING else ("0.75", "1.5") if failure is PUT_OFF else ("0.5", "1")
    done = play([SILENCE, failure, failure, reads("Canceled")])
    assert done.steps == f"token; cancel old; read old; {waits[0]} s; read old; {waits[1]} s; read old"
    assert type(done.outcome) is Cancelled
    assert play([SILENCE, failure], policy=ONCE).steps == "token; cancel old; read old"


def test_a_read_gets_the_calls_fresh_token() -> None:
    """Law 6: a call has one fresh token, also for its reads; without a token the order stays unknown."""
    done = play([SILENCE, reply(401), reads("Canceled")])
    assert done.steps == "token; cancel old; read old; token, not old; read new"
    assert type(done.outcome) is Cancelled
    assert type(play([SILENCE, reply(401), reply(401)]).outcome) is NoReply
    lost = play([SILENCE, reply(401)], grants=[KEPT, NO_TOKEN])
    assert (lost.steps, type(lost.outcome)) == ("token; cancel old; read old; token, not old", NoReply)


LATE_ANSWERS = {
    "401": [reply(401), reply(401)],
    "403": [reply(403)],
    "409": [reply(409)],
    "422": [reply(422)],
    "nothing left": [NOTHING] * 3,
    "429": [reply(429, "99")],
}


@pytest.mark.parametrize("late", LATE_ANSWERS.values(), ids=LATE_ANSWERS)
def test_no_late_refusal_decides_after_a_lost_reply(late: list[Evidence]) -> None:
    """Rules 5 and 8: after a lost reply no late refusal decides: the order's status does, or the outcome is unknown."""
    begun = [SILENCE, reads("New"), *late]
    for status, kind in {"Canceled": Cancelled, "Filled": OrderConflict, "Frozen": NoReply}.items():
        assert type(play([*begun, reads(status)]).outcome) is kind
    lost = play([*begun, reply(403)])
    assert type(lost.outcome) is NoReply
    assert "reset" in str(lost.outcome)


def test_a_late_success_counts() -> None:
    """Law 1: a success after a lost reply counts: the server has confirmed the cancel."""
    done = play([SILENCE, reads("New"), reply(204)])
    assert (type(done.outcome), done.outcome.status_code) == (Cancelled, 204)


def test_a_429_alone_never_becomes_cancelled() -> None:
    """Law 1: a 429 changes nothing, so the order is not read and the call is not Cancelled."""
    limited = play([reply(429, "99")])
    assert (limited.steps, type(limited.outcome)) == ("token; cancel old", RateLimited)


@pytest.mark.parametrize("status", ["New", "PendingCancel", "Frozen"])
def test_a_conclusion_has_the_state_unknown(status: str) -> None:
    """The conclusion itself is marked unknown, so that another meaning of a status can't make it a refusal."""
    for evidence in (SILENCE, reply(503, "1")):
        assert play([evidence], forever=reads(status), policy=ONCE).conclusion.unknown is True
        assert play([evidence], resolve=False).conclusion.unknown is True


def test_without_reading_a_suspect_is_unknown_at_once(suspect: Evidence) -> None:
    """With resolve=False, for tokens that may not read orders, the outcome is unknown at once."""
    lost = play([suspect], resolve=False)
    assert lost.steps == "token; cancel old"
    assert isinstance(lost.outcome, OutcomeUnknown)


@pytest.mark.parametrize("status_code", [500, 503])
def test_without_reading_nothing_that_may_have_been_acted_upon_is_repeated(status_code: int) -> None:
    """Law 4: with resolve=False a cancel is not repeated, not even after the wait that a 503 requests."""
    lost = play([reply(status_code, "1")], resolve=False)
    assert lost.steps == "token; cancel old"
    assert (isinstance(lost.outcome, OutcomeUnknown), lost.outcome.status_code) == (True, status_code)


def test_resolve_false_changes_nothing_where_no_read_is_needed() -> None:
    """resolve=False changes nothing where no read is needed."""
    assert type(play([NOTHING] * 4, resolve=False).outcome) is NotSent
    assert type(play([reply(409)], resolve=False).outcome) is OrderConflict
    assert type(play([reply(429, "1"), reply(204)], resolve=False).outcome) is Cancelled
