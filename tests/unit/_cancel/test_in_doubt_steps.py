"""An order in doubt, driven by a script: the client reads it first, then decides what to send."""

from typing import Any

import pytest
from support.scripted_calls import NO_TOKEN, NOTHING, SILENCE, play, reads, reply

from autoshares_cancel import (
    Cancelled,
    NoReply,
    OrderConflict,
    OutcomeUnknown,
    RetryPolicy,
    ServerFailed,
    UndocumentedStatus,
)
from autoshares_cancel._cancel.outcomes import outcome_of
from autoshares_cancel._retry.policy import RetryBudget


@pytest.mark.parametrize(
    ("evidence", "steps", "kind"),
    [
        ([reads("Canceled")], "token; read old", Cancelled),
        ([reads("Filled")], "token; read old", OrderConflict),
        ([reads("New"), reply(204)], "token; read old; cancel old", Cancelled),
        ([reads("New"), reply(409), reads("Canceled")], "token; read old; cancel old; read old", Cancelled),
        ([reads("New"), reply(409), reads("Filled")], "token; read old; cancel old; read old", OrderConflict),
        ([reads("PendingCancel"), reads("Canceled")], "token; read old; 0.5 s; read old", Cancelled),
        ([reply(403)], "token; read old", OutcomeUnknown),
        ([reply(401), reply(401)], "token; read old; token, not old; read new", OutcomeUnknown),
        ([reads("Frozen")], "token; read old", OutcomeUnknown),
        ([SILENCE, reads("Canceled")], "token; read old; 0.5 s; read old", Cancelled),
        ([reply(200)] * 4, "token; read old; 0.5 s; read old; 1 s; read old; 2 s; read old", OutcomeUnknown),
        ([NOTHING] * 4, "token; read old; 0.875 s; read old; 1.75 s; read old; 3.5 s; read old", OutcomeUnknown),
    ],
    ids=str,
)
def test_the_status_that_is_read_decides(evidence: Any, steps: str, kind: type) -> None:
    """Rules 2 and 3 of a cancellation: the order's status decides; the outcome is never NotSent."""
    played = play(evidence, in_doubt=True)
    assert played.steps == steps
    assert type(played.outcome) is kind
    if kind is Cancelled:
        assert getattr(played.outcome, "confirmed", None) == ("cancel" not in steps or evidence[1] != reply(204))


def test_with_a_single_attempt_it_is_still_read() -> None:
    """RetryPolicy: the first cancel of an order in doubt is no repetition, so one attempt allows it."""
    played = play([reads("New"), reply(204)], in_doubt=True, policy=RetryPolicy(attempts=1))
    assert (type(played.outcome), played.steps[-10:]) == (Cancelled, "cancel old")


def test_the_first_cancel_is_no_retry() -> None:
    """RetryBudget: the first cancel costs nothing, so a client without budget can still resolve its orders."""
    played = play([reads("New"), reply(204)], in_doubt=True, budget=RetryBudget(left=0))
    assert (type(played.outcome), played.steps) == (Cancelled, "token; read old; cancel old")


EARLIER_CALLS = [
    NoReply(account_id=1, order_id=2, detail="reset"),
    ServerFailed(account_id=1, order_id=2, status_code=500, detail="out of memory"),
    UndocumentedStatus(account_id=1, order_id=2, status_code=503),
    OutcomeUnknown(account_id=1, order_id=2, status_code=200, detail="the body of the 200 was cut off"),
]


@pytest.mark.parametrize("earlier", EARLIER_CALLS, ids=lambda earlier: type(earlier).__name__)
def test_what_an_earlier_call_knew_is_not_lost(earlier: OutcomeUnknown) -> None:
    """Law 4: if this call learns nothing, the class, status and detail of the earlier outcome still hold."""
    conclusion = play([reply(404)] * 4, in_doubt=True).conclusion
    outcome = outcome_of(conclusion, account_id=1, order_id=2, secrets=(), earlier=earlier)
    assert isinstance(outcome, OutcomeUnknown)
    assert (type(outcome), outcome.status_code) == (type(earlier), earlier.status_code)
    words = "reading it brought 404; an earlier call may have cancelled it"
    assert outcome.detail == (words if earlier.detail is None else f"{words}: {earlier.detail}")


def test_what_this_call_found_out_counts_more() -> None:
    """Rule 3: a read or a cancel of this call replaces the outcome of the earlier call."""
    earlier = EARLIER_CALLS[1]
    found = play([reads("Filled")], in_doubt=True).conclusion
    assert type(outcome_of(found, account_id=1, order_id=2, secrets=(), earlier=earlier)) is OrderConflict
    lost = play([reads("New"), SILENCE, reply(403)], in_doubt=True).conclusion
    assert type(outcome_of(lost, account_id=1, order_id=2, secrets=(), earlier=earlier)) is NoReply


def test_a_log_in_that_fails_leaves_the_order_in_doubt() -> None:
    """Law 4: the failed log-in is the cause and not the outcome, because an order may have been touched."""
    lost = play([], grants=[NO_TOKEN], in_doubt=True)
    assert (lost.steps, type(lost.outcome)) == ("token", OutcomeUnknown)
    assert lost.outcome.detail == "the log-in failed: no; an earlier call may have cancelled it"
    assert isinstance(lost.outcome, OutcomeUnknown)
    assert lost.outcome.__cause__ is NO_TOKEN
