"""An order in doubt, by a script: what is read, and what is sent then."""

from typing import Any

import pytest
from support.scripted_calls import NOTHING, SILENCE, play, reads, reply

from autoshares_cancel import Cancelled, NoReply, OrderConflict, RetryPolicy
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
        ([reply(403)], "token; read old", NoReply),
        ([reply(401), reply(401)], "token; read old; token, not old; read new", NoReply),
        ([reads("Frozen")], "token; read old", NoReply),
        ([SILENCE, reads("Canceled")], "token; read old; 0.5 s; read old", Cancelled),
        ([reply(200)] * 4, "token; read old; 0.5 s; read old; 1 s; read old; 2 s; read old", NoReply),
        ([NOTHING] * 4, "token; read old; 0.5 s; read old; 1 s; read old; 2 s; read old", NoReply),
    ],
    ids=str,
)
def test_what_is_read_decides(evidence: Any, steps: str, kind: type) -> None:
    """Rules 2 and 3 of a cancellation: never NotSent, even if nothing of this call has left."""
    played = play(evidence, in_doubt=True)
    assert played.steps == steps
    assert type(played.outcome) is kind
    if kind is Cancelled:
        assert getattr(played.outcome, "confirmed", None) == ("cancel" not in steps or evidence[1] != reply(204))


def test_with_a_single_attempt_it_is_still_read() -> None:
    """RetryPolicy: to take an order up again is no repetition, so the one cancel is still allowed."""
    played = play([reads("New"), reply(204)], in_doubt=True, policy=RetryPolicy(attempts=1))
    assert (type(played.outcome), played.steps[-10:]) == (Cancelled, "cancel old")


def test_the_first_cancel_is_no_retry() -> None:
    """RetryBudget: it costs nothing, so that a client whose budget is spent can still take orders up again."""
    played = play([reads("New"), reply(204)], in_doubt=True, budget=RetryBudget(left=0))
    assert (type(played.outcome), played.steps) == (Cancelled, "token; read old; cancel old")
