"""Evidence → outcome."""

import json

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
    OrderConflict,
    ServerFailed,
    UndocumentedStatus,
)
from autoshares_cancel._evidence import Evidence, NothingLeft, Reply, Silence
from autoshares_cancel._outcomes import DETAIL_LIMIT, attempt_of, detail_of, outcome_of, readable
from autoshares_cancel._secret import Secret
from autoshares_openapi.api.orders import cancel_order

SECRETS = (Secret("s3cr3t-token"),)
EXPECTED: dict[int, type] = {
    200: Cancelled,
    204: Cancelled,
    401: NotAuthorized,
    403: AppKeyRejected,
    409: OrderConflict,
    422: InvalidRequest,
    500: ServerFailed,
}


ATTEMPTS = (Attempt(status_code=None, evidence="", seconds=0.0),)


def outcome(evidence: Evidence) -> Cancelled | CancelError:
    return outcome_of(evidence, account_id=1, order_id=2, attempts=ATTEMPTS, secrets=SECRETS)


def test_every_status_has_exactly_its_outcome() -> None:
    """Laws 1 and 2: each documented status has its class, and every other one is UndocumentedStatus and kept."""
    for status_code in range(1000):
        result = outcome(Reply(status_code=status_code))
        assert type(result) is EXPECTED.get(status_code, UndocumentedStatus)
        assert vars_of(result) == {"account_id": 1, "order_id": 2, "status_code": status_code, "detail": None}
        assert result.attempts is ATTEMPTS


def vars_of(result: Cancelled | AutosharesError) -> dict[str, object]:
    return {name: getattr(result, name) for name in ("account_id", "order_id", "status_code", "detail")}


def test_the_table_of_this_test_is_complete() -> None:
    """Law 2: a status that is added to the specification or removed from it must be added or removed here."""
    assert set(EXPECTED) == set(cancel_order.STATUSES)


def test_no_reply_is_told_apart_by_proof() -> None:
    """Law 4: NotSent needs NothingLeft; silence is unknown."""
    assert type(outcome(NothingLeft(reason="refused"))) is NotSent
    assert type(outcome(Silence(reason="reset"))) is NoReply
    assert vars_of(outcome(Silence(reason="reset"))) == {
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


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"error": "Application key is not defined or does not exist"},
            "Application key is not defined or does not exist",
        ),
        ({"Message": "Authorization has been denied."}, "Authorization has been denied."),
        (
            {"Message": "Validation error", "ModelState": {"resource.Symbol": ["is required", "is short"], "x": 1}},
            "Validation error; resource.Symbol: is required, is short; x: 1",
        ),
        ({"message": "An error", "error": "Unexpected"}, "An error; Unexpected"),
        ({"Reason": "Invalid credentials"}, "Invalid credentials"),
        ({"Id": 7, "Status": "Canceled"}, '{"Id": 7, "Status": "Canceled"}'),
        ({"Message": "", "message": None}, '{"Message": "", "message": null}'),
        ({"Message": {"deep": [1]}}, "{'deep': [1]}"),
        ({}, None),
        ([], "[]"),
        ([1], "[1]"),
        ("text", "text"),
        ("", None),
        (None, None),
        (True, "true"),
    ],
    ids=str,
)
def test_detail_of_json(body: object, detail: str | None) -> None:
    """The message is found under each of the vendor's spellings; what has none is shown as it is."""
    assert detail_of(json.dumps(body).encode(), ()) == detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", None),
        (b" \r\n\t", None),
        (b"<html>\n  <h1>502</h1>\n</html>", "<html> <h1>502</h1> </html>"),
        (b'{"Message": "cut o', '{"Message": "cut o'),
        (b"\xff\xfe\x00", "\ufffd\ufffd"),
        (b"a\x1b[31mb\x00\xe2\x80\xaec", "a [31mb c"),
        (b"[" * 100_000, "[" * (DETAIL_LIMIT - 1) + "…"),
        (b"x" * DETAIL_LIMIT, "x" * DETAIL_LIMIT),
        (b"x" * (DETAIL_LIMIT + 1), "x" * (DETAIL_LIMIT - 1) + "…"),
        (b"1" * 5000, "1" * (DETAIL_LIMIT - 1) + "…"),
    ],
    ids=[
        "nothing",
        "space",
        "html",
        "cut",
        "not utf-8",
        "controls",
        "deep",
        "just fits",
        "just does not",
        "huge number",
    ],
)
def test_detail_of_what_is_no_json(body: bytes, detail: str | None) -> None:
    """A broken body gives what can be read of it, on one printable line, bounded."""
    assert detail_of(body, ()) == detail


@given(st.text(max_size=20), st.sampled_from(['s3cr3t"token', "s3cr3t token", "s3cr3t\\token"]), st.text(max_size=600))
@example('"', "s3cr3t\\token", '"')
@example("", "s3cr3t  token", "")
@example("x" * (DETAIL_LIMIT - 8), "s3cr3t-token", "")
def test_no_secret_in_a_detail(before: str, secret: str, after: str) -> None:
    """Law 5: a server that sends back what it was sent does not get it into the detail, not even in part at the cut."""
    secrets = (Secret(secret),)
    echoes = [before + secret + after, json.dumps({"Message": before + secret + after}), json.dumps([secret + after])]
    for echo in echoes:
        detail = detail_of(echo.encode("utf-8", "replace"), secrets) or ""
        assert "s3cr3t" not in detail
    assert "s3cr3t" not in (readable(before + secret + after, secrets) or "")


def test_attempts_tell_what_came_back() -> None:
    """An attempt keeps the status or the words, without secrets."""
    assert attempt_of(Reply(status_code=401), 0.5, ()) == Attempt(status_code=401, evidence="reply 401", seconds=0.5)
    said = attempt_of(Silence(reason="reset by s3cr3t-token"), 0.5, SECRETS)
    assert said == Attempt(status_code=None, evidence="no reply: reset by **********", seconds=0.5)
    assert attempt_of(NothingLeft(reason="refused"), 0.5, ()).evidence == "nothing left: refused"
