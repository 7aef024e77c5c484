"""A cancel that is confirmed by reading the order, and read_order."""

from decimal import Decimal

import pytest
from support.scripted_calls import KEPT, NO_TOKEN, SILENCE, play, reads, reply

from autoshares_cancel import (
    AuthenticationError,
    Cancelled,
    NotAuthorized,
    OrderConflict,
    OutcomeUnknown,
    RetryPolicy,
    TokenUnavailable,
)
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence, Reply

ONCE = RetryPolicy(attempts=1)


def test_confirmed_is_read() -> None:
    """A confirmed Cancelled has the quantity that was executed before: a partial fill is reported."""
    body = b'{"Id": 2, "Status": "Canceled", "ExecutedQuantity": 0.30, "LeavesQuantity": 0}'
    done = play([reply(204), Reply(status_code=200, body=body)], confirm=True)
    assert done.steps == "token; cancel old; read old"
    assert isinstance(done.outcome, Cancelled)
    assert (done.outcome.status_code, done.outcome.confirmed) == (204, True)
    assert (done.outcome.executed_quantity, done.outcome.leaves_quantity) == (Decimal("0.30"), Decimal(0))


@pytest.mark.parametrize("status", ["Filled", "Rejected", "Expired", "Replaced"])
def test_a_fill_that_won_is_a_conflict(status: str) -> None:
    """The 204 of the quick endpoint is not the venue's answer: the order's status decides."""
    over = play([reply(204), reads("PendingCancel"), reads(status)], confirm=True)
    assert over.steps == "token; cancel old; read old; 0.5 s; read old"
    assert isinstance(over.outcome, OrderConflict)
    assert over.outcome.order is not None
    assert over.outcome.order.status == status


@pytest.mark.parametrize("status", ["PendingCancel", "New", "PartiallyFilled", "Frozen"])
def test_what_is_not_final_is_read_again(status: str) -> None:
    """An order that is pending, working or of an unknown status is read again, and not cancelled a second time."""
    done = play([reply(204), reads(status), reads(status), reads("Canceled")], confirm=True)
    assert done.steps == "token; cancel old; read old; 0.5 s; read old; 1 s; read old"
    assert type(done.outcome) is Cancelled


@pytest.mark.parametrize("status", ["PendingCancel", "New", "Frozen"])
def test_what_is_not_final_at_the_deadline_is_unknown(status: str) -> None:
    """Running out of time is never reported as Cancelled; the outcome has the last status of the order."""
    lost = play([reply(204)], forever=reads(status), confirm=True, policy=ONCE)
    assert type(lost.outcome) is OutcomeUnknown
    assert (lost.outcome.status_code, lost.outcome.detail) == (204, f"the order reads {status}")
    assert lost.script.left < 0.04


def test_waits_become_shorter_towards_the_deadline() -> None:
    """Law 7: no wait is longer than half of the time left, so the last read is close to the deadline."""
    lost = play([reply(204)], forever=reads("New"), confirm=True, deadline=0.8)
    waits = [step for step in lost.steps.split("; ") if step.endswith(" s")]
    assert waits == ["0.4 s", "0.2 s", "0.1 s", "0.05 s", "0.025 s"]


def test_reads_are_at_least_20_milliseconds_apart() -> None:
    """A random number of 0 causes no storm of reads: at least 0.02 seconds lie between two of them."""
    lost = play([reply(204)], forever=reads("New"), confirm=True, deadline=0.11, random=0.0)
    assert (
        lost.steps
        == "token; cancel old; read old; 0.02 s; read old; 0.02 s; read old; 0.02 s; read old; 0.02 s; read old"
    )


@pytest.mark.parametrize(
    ("deadline", "steps"),
    {0.04: "token; cancel old; read old; 0.02 s; read old", 0.039: "token; cancel old; read old"}.items(),
)
def test_no_wait_without_time_for_a_read_after_it(deadline: float, steps: str) -> None:
    """Law 7: a wait begins only if twice the shortest wait is left: one for the wait and one for the read."""
    assert play([reply(204)], forever=reads("New"), confirm=True, deadline=deadline).steps == steps


@pytest.mark.parametrize("read", [reply(403), reply(422), Reply(status_code=200, body=b'{"Id": 3}')], ids=str)
def test_what_cannot_be_read_is_not_confirmed(read: Reply) -> None:
    """A confirmation that can't be read is OutcomeUnknown, with the order as it was read before."""
    lost = play([reply(204), reads("PendingCancel"), read], confirm=True)
    assert lost.steps == "token; cancel old; read old; 0.5 s; read old"
    assert type(lost.outcome) is OutcomeUnknown
    assert lost.outcome.order is not None
    assert play([reply(204), read], confirm=True).outcome.order is None


def test_confirming_needs_no_permission_to_resolve() -> None:
    """resolve=False does not prevent the read of a confirmation."""
    assert type(play([reply(204), reads("Canceled")], confirm=True, resolve=False).outcome) is Cancelled


def test_a_successful_cancel_counts_after_a_lost_reply() -> None:
    """The successful cancel and the read after it count, not the lost reply before."""
    lost = play([SILENCE, reads("New"), reply(204), reply(403)], confirm=True)
    assert (type(lost.outcome), lost.outcome.status_code) == (OutcomeUnknown, 204)


def test_a_read_that_shows_canceled_is_the_confirmation() -> None:
    """An order that was read as cancelled is not read again to confirm it."""
    done = play([SILENCE, reads("Canceled")], confirm=True)
    assert done.steps == "token; cancel old; read old"
    assert isinstance(done.outcome, Cancelled)
    assert done.outcome.confirmed


def test_a_refusal_has_nothing_to_confirm() -> None:
    """A refused cancel has changed nothing, so the order is not read."""
    refused = play([reply(401), reply(401)], confirm=True)
    assert "read" not in refused.steps
    assert type(refused.outcome) is NotAuthorized


def test_a_failed_log_in_while_confirming_is_unknown() -> None:
    """AuthenticationError means that no order was touched, which is false after a 204."""
    try:
        lost = play([reply(204), reply(401)], grants=[KEPT, NO_TOKEN], confirm=True)
    except AuthenticationError as error:
        raise AssertionError("a cancel that succeeded is reported as never tried") from error
    assert (type(lost.outcome), lost.outcome.status_code) == (OutcomeUnknown, 204)


def test_reading_alone() -> None:
    """read_order sends one request and returns the order of the reply, whatever its status is."""
    read = play([reads("Frozen")], only_read=True)
    assert read.steps == "token; read old"
    assert read.conclusion.order is not None
    assert read.conclusion.order.status == "Frozen"


@pytest.mark.parametrize("failure", [SILENCE, reply(500), reply(302), reply(200)], ids=str)
def test_reading_alone_is_repeated_where_a_failure_may_pass(failure: Evidence) -> None:
    """read_order is repeated within policy, budget and deadline; the last evidence says why it failed."""
    read = play([failure, failure, reads("New")], only_read=True)
    assert read.steps == "token; read old; 0.5 s; read old; 1 s; read old"
    lost = play([failure] * 4, only_read=True)
    assert (lost.steps.count("read"), lost.conclusion.order, lost.conclusion.evidence) == (4, None, failure)
    assert play([failure], only_read=True, budget=RetryBudget(left=3)).steps == "token; read old"
    assert play([failure], only_read=True, deadline=0.01).steps == "token; read old"


@pytest.mark.parametrize("status_code", [403, 422])
def test_reading_alone_is_not_repeated_where_it_was_answered(status_code: int) -> None:
    """read_order is not repeated after a 403 or 422: it would get the same answer."""
    lost = play([reply(status_code)], only_read=True)
    assert (lost.steps, lost.conclusion.order) == ("token; read old", None)


def test_reading_alone_gets_one_fresh_token() -> None:
    """Law 6: read_order gets one fresh token; a failed log-in is raised, because nothing was changed."""
    assert play([reply(401), reads("New")], only_read=True).steps == "token; read old; token, not old; read new"
    assert play([reply(401), reply(401)], only_read=True).conclusion.order is None
    with pytest.raises(TokenUnavailable):
        play([reply(401)], grants=[KEPT, NO_TOKEN], only_read=True)
