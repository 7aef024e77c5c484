"""What a call leaves that ended without evidence of its own, and the log-in that failed: the one place for law 4."""

from typing import Any

import pytest

from autoshares_cancel import (
    AppKeyRejected,
    Attempt,
    Cancelled,
    InvalidCredentials,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    OrderConflict,
    OutcomeUnknown,
    RateLimited,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)
from autoshares_cancel._cancel.outcomes import failed_log_in, interrupted
from autoshares_cancel._values.evidence import NoResponse, Reply

ATTEMPTS = (Attempt(status_code=None, evidence="no reply", seconds=0.5),)


@pytest.mark.parametrize(
    ("in_doubt", "may_have_left", "kind"),
    [
        (False, None, NotSent),
        (False, False, NotSent),
        (False, True, NoReply),
        (True, None, OutcomeUnknown),
        (True, False, OutcomeUnknown),
        (True, True, OutcomeUnknown),
    ],
)
def test_not_sent_needs_proof(*, in_doubt: bool, may_have_left: bool | None, kind: type) -> None:
    """Law 4: NotSent only if nothing of this call or of an earlier one may have been acted upon."""
    known: dict[str, Any] = {} if may_have_left is None else {"may_have_left": may_have_left}
    outcome = interrupted(account_id=1, order_id=2, detail="interrupted", in_doubt=in_doubt, attempts=ATTEMPTS, **known)
    assert type(outcome) is kind
    assert (outcome.account_id, outcome.order_id, outcome.detail) == (1, 2, "interrupted")
    assert outcome.attempts == ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply(status_code=401), NotAuthorized),
        (Reply(status_code=403), AppKeyRejected),
        (Reply(status_code=409), OrderConflict),
        (Reply(status_code=422), InvalidRequest),
        (Reply(status_code=429), RateLimited),
        (Reply(status_code=500), ServerFailed),
        (Reply(status_code=503), UndocumentedStatus),
        (Reply(status_code=200), OutcomeUnknown),
        (Reply(status_code=204), OutcomeUnknown),
        (NoResponse(reason="timed out"), NoReply),
    ],
)
def test_the_last_answer_counts_unless_more_was_under_way(answer: Any, kind: type) -> None:
    """Law 4: a call that is cut off after a refusal has changed nothing; law 1: no success is believed halfway."""
    ids: dict[str, Any] = {"account_id": 1, "order_id": 2, "detail": "interrupted", "answer": answer}
    outcome: Any = interrupted(**ids, in_doubt=False)
    assert outcome.status_code == getattr(answer, "status_code", None)
    assert type(outcome) is kind
    assert type(interrupted(**ids, in_doubt=True)) is OutcomeUnknown
    assert type(interrupted(**ids, in_doubt=False, may_have_left=True)) is NoReply


def test_a_failed_log_in_is_the_outcome_or_its_cause() -> None:
    """Rule 3 of a batch: either stops it. The cause of another exception does not."""
    failure, unknown = TokenUnavailable(detail="no"), OutcomeUnknown(account_id=1, order_id=2)
    assert failed_log_in(failure) is failure
    assert failed_log_in(unknown) is None
    unknown.__cause__ = failure
    assert failed_log_in(unknown) is failure
    lost = NoReply(account_id=1, order_id=2)
    lost.__cause__ = ValueError("another one")
    assert failed_log_in(lost) is None
    assert failed_log_in(InvalidCredentials(detail="no")) is not None
    assert failed_log_in(Cancelled(account_id=6303, order_id=73552, status_code=204, attempts=ATTEMPTS)) is None
