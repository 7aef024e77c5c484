"""Every documented status, as the client tells it: over TCP, both media types where there is a body, every colour."""

from typing import Any

import httpx
import pytest
from attrs import frozen
from colours import TLS
from conftest import MakeCaller

from autoshares_cancel import (
    AppKeyRejected,
    CancelError,
    Cancelled,
    InvalidCredentials,
    InvalidRequest,
    NotAuthorized,
    OrderConflict,
    PasswordCredentials,
    SecondFactorRequired,
    ServerFailed,
)
from autoshares_cancel._wire import HEADERS
from autoshares_cancel.mock import MockServer
from autoshares_openapi.api.orders import cancel_order
from autoshares_openapi.api.tokens import get_token


@frozen(kw_only=True)
class Case:
    """One documented reply of cancelOrder: how to get it, and what must be made of it."""

    status: int
    media_type: str | None = None
    order_id: int
    outcome: type
    detail: str | None = None
    attempts: int = 1

    def __str__(self) -> str:
        return f"{self.status} {self.media_type or 'no body'} {self.order_id}"


CASES = [
    Case(status=200, media_type="application/json", order_id=9000200, outcome=Cancelled),
    Case(status=200, media_type="text/json", order_id=9000200, outcome=Cancelled),
    Case(status=204, order_id=73552, outcome=Cancelled),
    Case(status=204, order_id=9000204, outcome=Cancelled),
    Case(
        status=401,
        order_id=9000401,
        outcome=NotAuthorized,
        detail="Authorization has been denied for this request.",
        attempts=2,
    ),
    Case(
        status=403,
        order_id=9000403,
        outcome=AppKeyRejected,
        detail="Application key is not defined or does not exist",
    ),
    Case(status=409, order_id=73562, outcome=OrderConflict),
    Case(status=409, order_id=9000409, outcome=OrderConflict),
    Case(
        status=422,
        order_id=9000422,
        outcome=InvalidRequest,
        detail="Validation error occured while processing entity; resource.Symbol: Symbol is required",
    ),
    Case(
        status=500,
        order_id=9000500,
        outcome=ServerFailed,
        detail="An error occurred while processing your request; Unexpected server error",
    ),
]


def test_every_documented_reply_has_a_case() -> None:
    """Law 2: the gate. A status or media type that the specification gains is missed here until it has a case."""
    documented = {
        (status, media_type)
        for status in cancel_order.STATUSES
        for media_type in cancel_order.MEDIA_TYPES[status] or (None,)
    }
    assert {(case.status, case.media_type) for case in CASES} == documented


@pytest.mark.parametrize("bodies", ["guide", "none"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_documented_reply_has_its_outcome(
    make_caller: MakeCaller, trader: PasswordCredentials, case: Case, bodies: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Laws 1, 2 and 8: exactly this class, with these fields, whether the vendor's table or its guides are right."""
    with MockServer(bodies=bodies) as server:
        caller = make_caller(base_url=server.base_url, credentials=trader)
        caller.cancel(6303, 73553)
        if case.media_type:
            monkeypatch.setitem(HEADERS, "Accept", case.media_type)
            assert content_type(server, case) == case.media_type
        outcome = caller.cancel(6303, case.order_id)
    assert type(outcome) is case.outcome
    assert isinstance(outcome, Cancelled | CancelError)
    assert (outcome.account_id, outcome.order_id, outcome.status_code) == (6303, case.order_id, case.status)
    assert outcome.detail == (case.detail if bodies == "guide" else None)
    assert [attempt.status_code for attempt in outcome.attempts] == [case.status] * case.attempts


def content_type(server: MockServer, case: Case) -> str:
    """What the server calls the body that it gives to somebody who accepts this media type."""
    token = server.exchange.log_in("trader", "correct-horse").token
    headers = {"Et-App-Key": "demo-app-key", "Authorization": f"Bearer {token}", "Accept": str(case.media_type)}
    reply = httpx.delete(f"{server.base_url}/v1/accounts/6303/orders/{case.order_id}", headers=headers, verify=TLS)
    assert reply.status_code == case.status
    return reply.headers["Content-Type"]


LOG_INS: dict[int, tuple[str, str, type]] = {
    200: ("trader", "correct-horse", Cancelled),
    202: ("two-factor", "correct-horse", SecondFactorRequired),
    401: ("trader", "wrong", InvalidCredentials),
}


def test_every_documented_log_in_has_a_case() -> None:
    """Law 2: the same gate for /token."""
    assert set(LOG_INS) == set(get_token.STATUSES)


@pytest.mark.parametrize("status", LOG_INS)
def test_every_documented_log_in_has_its_outcome(make_caller: MakeCaller, mock_server: MockServer, status: int) -> None:
    """Laws 2 and 8: a token, a second factor that is missing, or a refusal; no order is touched without a token."""
    username, password, kind = LOG_INS[status]
    credentials = PasswordCredentials(app_key="demo-app-key", username=username, password=password)
    outcome = make_caller(base_url=mock_server.base_url, credentials=credentials).cancel(6303, 73552)
    assert type(outcome) is kind
    assert mock_server.exchange.orders[73552].status == ("Canceled" if kind is Cancelled else "New")
