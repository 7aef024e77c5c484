"""The outcome of an interrupted call, and of a call whose log-in failed (law 4)."""

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
    """Law 4: the outcome is NotSent only if no request of this call or of an earlier one may have taken effect."""
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
def test_the_last_reply_counts_unless_a_request_was_under_way(answer: Any, kind: type) -> None:
    """Law 4: a refusal before the interruption stands; law 1: a success before it is not believed."""
    ids: dict[str, Any] = {"account_id": 1, "order_id": 2, "detail": "interrupted", "answer": answer}
    outcome: Any = interrupted(**ids, in_doubt=False)
    assert outcome.status_code == getattr(answer, "status_code", None)
    assert type(outcome) is kind
    assert type(interrupted(**ids, in_doubt=True)) is OutcomeUnknown
    assert type(interrupted(**ids, in_doubt=False, may_have_left=True)) is NoReply


def test_a_failed_log_in_is_the_outcome_or_its_cause() -> None:
    """Rule 3 of a batch: a failed log-in stops it, as the outcome or as its cause. Another cause does not."""
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
