"""A cancel that is only believed when the order was read, and reading alone."""

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
    """Cancelled with what was executed before: a partial fill is reported."""
    body = b'{"Id": 2, "Status": "Canceled", "ExecutedQuantity": 0.30, "LeavesQuantity": 0}'
    done = play([reply(204), Reply(status_code=200, body=body)], confirm=True)
    assert done.steps == "token; cancel old; read old"
    assert isinstance(done.outcome, Cancelled)
    assert (done.outcome.status_code, done.outcome.confirmed) == (204, True)
    assert (done.outcome.executed_quantity, done.outcome.leaves_quantity) == (Decimal("0.30"), Decimal(0))


@pytest.mark.parametrize("status", ["Filled", "Rejected", "Expired", "Replaced"])
def test_a_fill_that_won_is_a_conflict(status: str) -> None:
    """A 204 of the quick endpoint is not the venue's word: reading decides."""
    over = play([reply(204), reads("PendingCancel"), reads(status)], confirm=True)
    assert over.steps == "token; cancel old; read old; 0.5 s; read old"
    assert isinstance(over.outcome, OrderConflict)
    assert over.outcome.order is not None
    assert over.outcome.order.status == status


@pytest.mark.parametrize("status", ["PendingCancel", "New", "PartiallyFilled", "Frozen"])
def test_what_is_not_final_is_read_again(status: str) -> None:
    """PendingCancel, working or unheard of: nothing of it is an end, and nothing is cancelled a second time."""
    done = play([reply(204), reads(status), reads(status), reads("Canceled")], confirm=True)
    assert done.steps == "token; cancel old; read old; 0.5 s; read old; 1 s; read old"
    assert type(done.outcome) is Cancelled


@pytest.mark.parametrize("status", ["PendingCancel", "New", "Frozen"])
def test_what_is_not_final_at_the_deadline_is_unknown(status: str) -> None:
    """Never Cancelled because it got tired; the outcome says what the order read last."""
    lost = play([reply(204)], forever=reads(status), confirm=True, policy=ONCE)
    assert type(lost.outcome) is OutcomeUnknown
    assert (lost.outcome.status_code, lost.outcome.detail) == (204, f"the order reads {status}")
    assert lost.script.left < 0.04


def test_waits_become_shorter_towards_the_deadline() -> None:
    """Law 7: no wait is longer than half of what is left, so that the last look is a late one."""
    lost = play([reply(204)], forever=reads("New"), confirm=True, deadline=0.8)
    waits = [step for step in lost.steps.split("; ") if step.endswith(" s")]
    assert waits == ["0.4 s", "0.2 s", "0.1 s", "0.05 s", "0.025 s"]


def test_no_wait_is_so_short_that_it_hurts() -> None:
    """A random number of 0 does not make a storm of reads: at least 0.02 seconds lie between two."""
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
    """Law 7: twice the shortest wait has to be left, one for the wait and one for the read."""
    assert play([reply(204)], forever=reads("New"), confirm=True, deadline=deadline).steps == steps


@pytest.mark.parametrize("read", [reply(403), reply(422), Reply(status_code=200, body=b'{"Id": 3}')], ids=str)
def test_what_cannot_be_read_is_not_confirmed(read: Reply) -> None:
    """It was asked for a confirmation, and there is none; what was read before comes along."""
    lost = play([reply(204), reads("PendingCancel"), read], confirm=True)
    assert lost.steps == "token; cancel old; read old; 0.5 s; read old"
    assert type(lost.outcome) is OutcomeUnknown
    assert lost.outcome.order is not None
    assert play([reply(204), read], confirm=True).outcome.order is None


def test_confirming_needs_no_permission_to_resolve() -> None:
    """A confirmation is a read."""
    assert type(play([reply(204), reads("Canceled")], confirm=True, resolve=False).outcome) is Cancelled


def test_a_suspect_before_is_forgotten_when_the_cancel_succeeds() -> None:
    """What counts is the success, and then what the order reads."""
    lost = play([SILENCE, reads("New"), reply(204), reply(403)], confirm=True)
    assert (type(lost.outcome), lost.outcome.status_code) == (OutcomeUnknown, 204)


def test_what_reading_found_out_is_confirmed_already() -> None:
    """No second look at an order that was read as cancelled."""
    done = play([SILENCE, reads("Canceled")], confirm=True)
    assert done.steps == "token; cancel old; read old"
    assert isinstance(done.outcome, Cancelled)
    assert done.outcome.confirmed


def test_a_refusal_has_nothing_to_confirm() -> None:
    """Nothing was changed, so nothing is read."""
    refused = play([reply(401), reply(401)], confirm=True)
    assert "read" not in refused.steps
    assert type(refused.outcome) is NotAuthorized


def test_a_failed_log_in_while_confirming_is_unknown() -> None:
    """AuthenticationError says that no order was touched: after a 204 that would be a lie."""
    try:
        lost = play([reply(204), reply(401)], grants=[KEPT, NO_TOKEN], confirm=True)
    except AuthenticationError as error:
        raise AssertionError("a cancel that succeeded is reported as never tried") from error
    assert (type(lost.outcome), lost.outcome.status_code) == (OutcomeUnknown, 204)


def test_reading_alone() -> None:
    """read_order asks once, and the order is what the reply says, whatever it is."""
    read = play([reads("Frozen")], only_read=True)
    assert read.steps == "token; read old"
    assert read.conclusion.order is not None
    assert read.conclusion.order.status == "Frozen"


@pytest.mark.parametrize("failure", [SILENCE, reply(500), reply(302), reply(200)], ids=str)
def test_reading_alone_is_repeated_where_a_failure_may_pass(failure: Evidence) -> None:
    """As often as the policy, the budget and the deadline allow; the last evidence says why it could not be read."""
    read = play([failure, failure, reads("New")], only_read=True)
    assert read.steps == "token; read old; 0.5 s; read old; 1 s; read old"
    lost = play([failure] * 4, only_read=True)
    assert (lost.steps.count("read"), lost.conclusion.order, lost.conclusion.evidence) == (4, None, failure)
    assert play([failure], only_read=True, budget=RetryBudget(left=3)).steps == "token; read old"
    assert play([failure], only_read=True, deadline=0.01).steps == "token; read old"


@pytest.mark.parametrize("status_code", [403, 422])
def test_reading_alone_is_not_repeated_where_it_was_answered(status_code: int) -> None:
    """The same question would get the same answer."""
    lost = play([reply(status_code)], only_read=True)
    assert (lost.steps, lost.conclusion.order) == ("token; read old", None)


def test_reading_alone_gets_one_fresh_token() -> None:
    """Law 6, for read_order; a failed log-in gets out, because nothing was changed."""
    assert play([reply(401), reads("New")], only_read=True).steps == "token; read old; token, not old; read new"
    assert play([reply(401), reply(401)], only_read=True).conclusion.order is None
    with pytest.raises(TokenUnavailable):
        play([reply(401)], grants=[KEPT, NO_TOKEN], only_read=True)
