"""The outcome of each evidence."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoshares_cancel import (
    AppKeyRejected,
    Attempt,
    AutosharesError,
    CancelError,
    Cancelled,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    Order,
    OrderConflict,
    OrderUnreadable,
    OutcomeUnknown,
    RateLimited,
    ServerFailed,
    UndocumentedStatus,
)
from autoshares_cancel._cancel.attempts import attempt_of
from autoshares_cancel._cancel.outcomes import outcome_of, unreadable
from autoshares_cancel._cancel.terms import Conclusion
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.status import State
from autoshares_cancel._values.text import DETAIL_LIMIT
from autoshares_openapi.api.orders import cancel_order

SECRETS = (Secret("s3cr3t-token"),)
EXPECTED: dict[int, type] = {
    200: Cancelled,
    204: Cancelled,
    401: NotAuthorized,
    403: AppKeyRejected,
    409: OrderConflict,
    422: InvalidRequest,
    429: RateLimited,
    500: ServerFailed,
}


ATTEMPTS = (Attempt(status_code=None, evidence="", seconds=0.0),)


def outcome(evidence: Evidence, **conclusion: Any) -> Cancelled | CancelError:
    ended = Conclusion(evidence=evidence, attempts=ATTEMPTS, **conclusion)
    return outcome_of(ended, account_id=1, order_id=2, secrets=SECRETS)


def test_every_status_has_exactly_its_outcome() -> None:
    """Laws 1 and 2: each documented status has its class; every other status is kept as UndocumentedStatus."""
    for status_code in range(1000):
        result = outcome(Reply(status_code=status_code))
        assert type(result) is EXPECTED.get(status_code, UndocumentedStatus)
        assert vars_of(result) == {"account_id": 1, "order_id": 2, "status_code": status_code, "detail": None}
        assert result.attempts is ATTEMPTS


def vars_of(result: Cancelled | AutosharesError) -> dict[str, object]:
    return {name: getattr(result, name) for name in ("account_id", "order_id", "status_code", "detail")}


def test_the_table_of_this_test_is_complete() -> None:
    """Law 2: a status that is added to the specification or removed from it must be added or removed here."""
    assert set(EXPECTED) == {429, *cancel_order.STATUSES}


def test_only_what_was_not_written_is_not_sent() -> None:
    """Law 4: NotSent needs NotWritten; a missing reply is NoReply."""
    assert type(outcome(NotWritten(reason="refused"))) is NotSent
    assert type(outcome(NoResponse(reason="reset"))) is NoReply
    assert vars_of(outcome(NoResponse(reason="reset"))) == {
        "account_id": 1,
        "order_id": 2,
        "status_code": None,
        "detail": "reset",
    }


@given(st.integers(0, 999), st.binary())
@example(204, b'{"State": "Failed"}')
@example(409, b"204 No Content")
def test_the_body_never_changes_the_class(status_code: int, body: bytes) -> None:
    """Law 1: only the status decides, whatever the body says."""
    result = outcome(Reply(status_code=status_code, body=body))
    assert type(result) is EXPECTED.get(status_code, UndocumentedStatus)
    detail = vars_of(result)["detail"]
    assert detail is None or (isinstance(detail, str) and detail.isprintable() and 0 < len(detail) <= DETAIL_LIMIT)


EVIDENCE = [*(Reply(status_code=code) for code in (200, 204, 401, 409, 429, 500)), NoResponse(reason="reset")]


@pytest.mark.parametrize("evidence", EVIDENCE, ids=str)
def test_what_reading_has_found_decides(evidence: Evidence) -> None:
    """Law 1: Cancelled or OrderConflict follows from the order's status, whatever the reply was."""
    gone = Order(account_id=1, order_id=2, status="Canceled")
    cancelled = outcome(evidence, order=gone, found=State.CANCELLED)
    assert isinstance(cancelled, Cancelled)
    assert (cancelled.confirmed, cancelled.order, cancelled.attempts) == (True, gone, ATTEMPTS)
    filled = Order(account_id=1, order_id=2, status="Filled")
    over = outcome(evidence, order=filled, found=State.OVER)
    assert isinstance(over, OrderConflict)
    assert (over.order, over.attempts) == (filled, ATTEMPTS)
    assert str(over.detail).startswith("the order reads Filled")


def test_a_replaced_order_may_live_on() -> None:
    """Law 1: a replaced order is over, and the detail says why the account may still be exposed."""
    replaced = outcome(
        NoResponse(reason="reset"), order=Order(account_id=1, order_id=2, status="Replaced"), found=State.OVER
    )
    assert isinstance(replaced, OrderConflict)
    assert replaced.detail == "the order reads Replaced, and may live on under another number; reset"


def test_cancelled_names_the_status_of_a_success_only() -> None:
    """Cancelled has the status and detail of a success only: those of a failure would mislead."""
    for code in (200, 204):
        made = outcome(Reply(status_code=code, body=b"done"), found=State.CANCELLED)
        assert (made.status_code, made.detail) == (code, "done")
    for evidence in (Reply(status_code=500, body=b"oops"), Reply(status_code=409), NoResponse(reason="reset")):
        made = outcome(evidence, found=State.CANCELLED)
        assert (made.status_code, made.detail) == (None, None)


@pytest.mark.parametrize("state", [State.PENDING, State.WORKING, State.UNKNOWN, None])
def test_what_is_not_final_is_not_found(state: State | None) -> None:
    """Law 1: only a cancelled or a finished order decides; for any other state the evidence decides."""
    assert type(outcome(NoResponse(reason="reset"), found=state)) is NoReply


def test_unknown_is_unknown() -> None:
    """Law 4: with unknown=True, a class that is no OutcomeUnknown becomes OutcomeUnknown."""
    for status_code in range(1000):
        kind = EXPECTED.get(status_code, UndocumentedStatus)
        expected = kind if issubclass(kind, OutcomeUnknown) else OutcomeUnknown
        lost = outcome(Reply(status_code=status_code), unknown=True)
        assert (type(lost), lost.status_code) == (expected, status_code)


def test_unknown_without_a_reply_keeps_its_reason() -> None:
    """NoReply stays, because it is an OutcomeUnknown; NotSent would claim too much."""
    assert type(outcome(NoResponse(reason="reset"), unknown=True)) is NoReply
    assert type(outcome(NotWritten(reason="refused"), unknown=True)) is OutcomeUnknown


def test_an_outcome_tells_what_the_order_read() -> None:
    """The outcome has the order, and its detail begins with the order's status, or says that there is none."""
    lost = outcome(NoResponse(reason="reset"), unknown=True, order=Order(account_id=1, order_id=2, status="New"))
    assert (lost.detail, lost.order) == ("the order reads New; reset", Order(account_id=1, order_id=2, status="New"))
    bare = outcome(Reply(status_code=204), unknown=True, order=Order(account_id=1, order_id=2))
    assert (type(bare), bare.detail) == (OutcomeUnknown, "the order reads without a status")


def test_no_secret_in_what_the_order_read() -> None:
    """Law 5: a token that the server returns as a status is masked in the detail."""
    order = Order(account_id=1, order_id=2, status="s3cr3t-token")
    assert outcome(NoResponse(reason="s3cr3t-token"), order=order).detail == "the order reads **********; **********"


@pytest.mark.parametrize("secret", ["celed", "order", "the", "reads", "reset"])
def test_a_documented_status_is_never_masked(secret: str) -> None:
    """Law 5: neither a documented status nor the words before it are masked, only the rest of the reply."""
    ended = Conclusion(
        evidence=NoResponse(reason="Canceled: reset"),
        attempts=ATTEMPTS,
        order=Order(account_id=1, order_id=2, status="Canceled"),
    )
    detail = str(outcome_of(ended, account_id=1, order_id=2, secrets=(Secret(secret),)).detail)
    assert detail.startswith("the order reads Canceled; ")
    assert secret not in detail.partition("; ")[2]


def test_cancelled_tells_the_quantities_of_its_order() -> None:
    """Cancelled has the quantities of its order if the order was read; otherwise they are None."""
    order = Order(account_id=1, order_id=2, executed_quantity=Decimal("0.3"), leaves_quantity=Decimal(0))
    read = Cancelled(account_id=1, order_id=2, status_code=204, order=order)
    assert (read.executed_quantity, read.leaves_quantity) == (Decimal("0.3"), Decimal(0))
    unread = Cancelled(account_id=1, order_id=2, status_code=204)
    assert (unread.executed_quantity, unread.leaves_quantity) == (None, None)


@pytest.mark.parametrize(
    ("evidence", "status_code", "detail"),
    {
        "reply": (Reply(status_code=403, body=b"s3cr3t-token?"), 403, "**********?"),
        "silence": (NoResponse(reason="reset"), None, "reset"),
        "nothing left": (NotWritten(reason="refused"), None, "refused"),
    }.values(),
)
def test_why_an_order_could_not_be_read(evidence: Evidence, status_code: int | None, detail: str) -> None:
    """OrderUnreadable has the status, the detail and the attempts, without secrets."""
    why = unreadable(evidence, ATTEMPTS, account_id=1, order_id=2, secrets=SECRETS)
    assert type(why) is OrderUnreadable
    assert vars_of(why) == {"account_id": 1, "order_id": 2, "status_code": status_code, "detail": detail}
    assert (why.attempts, why.order) == (ATTEMPTS, None)


def test_attempts_tell_what_came_back() -> None:
    """An attempt has its kind, start and duration, and the status or the reason, without secrets."""
    refused = attempt_of("read", Reply(status_code=401), started_at=1.5, seconds=0.5, secrets=())
    expected = Attempt(status_code=401, evidence="reply 401", what="read", started_at=1.5, seconds=0.5)
    assert refused == expected
    lost = attempt_of(
        "cancel", NoResponse(reason="reset by s3cr3t-token"), started_at=0.0, seconds=0.5, secrets=SECRETS
    )
    assert lost == Attempt(status_code=None, evidence="no reply: reset by **********", seconds=0.5)
    unsent = attempt_of("cancel", NotWritten(reason="refused"), started_at=0.0, seconds=0.5, secrets=())
    assert unsent == Attempt(status_code=None, evidence="nothing left: refused", seconds=0.5)


@pytest.mark.parametrize("reason", ["", " \n", "\x00"], ids=repr)
def test_an_attempt_without_a_reason_is_described(reason: str) -> None:
    """An attempt without a visible reason still has the words for no reply, or for nothing left."""
    for evidence, words in ((NoResponse(reason=reason), "no reply"), (NotWritten(reason=reason), "nothing left")):
        attempt = attempt_of("cancel", evidence, started_at=0.0, seconds=0.5, secrets=())
        assert attempt == Attempt(status_code=None, evidence=words, seconds=0.5)
