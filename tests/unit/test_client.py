"""Both clients against the mock exchange, over TCP."""

import logging
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import MakeCaller
from support.clients import Caller
from support.control import counters, settings
from support.raw_server import raw_server

from autoshares_cancel import (
    AppKeyRejected,
    AutosharesError,
    Cancelled,
    Client,
    ConfigurationError,
    NotAuthorized,
    OrderConflict,
    PasswordCredentials,
    TokenCredentials,
    TokenUnavailable,
)
from autoshares_cancel.mock import MockServer

KEY, PASSWORD = "demo-app-key", "correct-horse"


def test_an_open_order_is_cancelled(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 1: the call returns Cancelled, and the order book agrees."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    outcome = caller.cancel(6303, 73552)
    assert isinstance(outcome, Cancelled)
    assert (outcome.account_id, outcome.order_id, outcome.status_code, outcome.detail) == (6303, 73552, 204, None)
    assert [attempt.status_code for attempt in outcome.attempts] == [204]
    assert mock_server.exchange.orders[73552].status == "Canceled"
    assert mock_server.exchange.orders[73553].status == "New"


@pytest.mark.parametrize("order_id", [73562, 73564, 1])
def test_what_is_not_open_conflicts(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, order_id: int
) -> None:
    """A filled, a cancelled and a missing order give 409, and the order book is unchanged."""
    before = mock_server.exchange.orders
    outcome = make_caller(base_url=mock_server.base_url, credentials=trader).cancel(6303, order_id)
    assert type(outcome) is OrderConflict
    assert outcome.status_code == 409
    assert mock_server.exchange.orders == before


def test_another_users_account_is_not_authorized(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """A 401 with a token of this call stands, and the other user's order is unchanged."""
    outcome = make_caller(base_url=mock_server.base_url, credentials=trader).cancel(6400, 73600)
    assert type(outcome) is NotAuthorized
    assert len(outcome.attempts) == 1
    assert mock_server.exchange.orders[73600].status == "New"


def test_a_wrong_key_has_an_outcome_of_its_own(make_caller: MakeCaller, mock_server: MockServer) -> None:
    """403 from the order call is AppKeyRejected; 403 from /token is TokenUnavailable."""
    given = TokenCredentials(app_key="wrong", token="unknown")
    assert type(make_caller(base_url=mock_server.base_url, credentials=given).cancel(6303, 73552)) is AppKeyRejected
    asked = PasswordCredentials(app_key="wrong", username="trader", password=PASSWORD)
    outcome = make_caller(base_url=mock_server.base_url, credentials=asked).cancel(6303, 73552)
    assert type(outcome) is TokenUnavailable
    assert outcome.status_code == 403


@pytest.mark.parametrize(("account_id", "order_id"), [(True, 1), (1, "2"), (2**31, 1), (1, None), (1.0, 1)])
def test_bad_ids_are_refused_before_any_io(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, account_id: object, order_id: object
) -> None:
    """Law 9: the client sends nothing, not even a log-in."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert type(caller.cancel(account_id, order_id)) is ConfigurationError
    assert type(caller.cancel(1, 1, deadline=0)) is ConfigurationError
    assert counters(mock_server)["token_requests"] == counters(mock_server)["order_requests"] == 0


def test_a_slow_call_blocks_no_other(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 6: no lock is held while an order call is under way."""
    reached, release = threading.Event(), threading.Event()

    def answer(connection: Any, request: bytes) -> None:
        if b"/orders/1 " in request:
            reached.set()
            release.wait(60)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(answer) as server, ThreadPoolExecutor(1) as pool:
        caller = make_caller(base_url=server.base_url, credentials=token)
        slow = pool.submit(caller.cancel, 6303, 1)
        assert reached.wait(60)
        assert type(caller.cancel(6303, 2)) is Cancelled
        assert not slow.done()
        release.set()
        assert type(slow.result(60)) is Cancelled


def provoke_everything(caller: Caller, server: MockServer) -> Iterator[Cancelled | AutosharesError]:
    """Provoke every documented status, some others, and a token reply that breaks off."""
    for status in (200, 204, 401, 403, 409, 422, 500, 100, 302, 599):
        yield caller.cancel(6303, 9000000 + status)
    server.exchange.revoke_tokens()
    yield caller.cancel(6303, 73552)
    for body in (f'{{"error": "{KEY} {PASSWORD} trader"}}', f"{KEY} {PASSWORD} trader"):
        settings(server, token_answer={"status": 500, "body": body})
        server.exchange.revoke_tokens()
        yield caller.cancel(6303, 73553)


def test_no_secret_in_outcomes_tracebacks_and_logs(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Law 5: with every logger at DEBUG and locals in tracebacks no secret appears, and no exception is chained."""
    caplog.set_level(logging.DEBUG)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    cache = caller.client._engine.tokens.cache
    secrets, outcomes = {KEY, PASSWORD}, list[Cancelled | AutosharesError]()
    for outcome in provoke_everything(caller, mock_server):
        outcomes.append(outcome)
        token = cache.usable(None)
        secrets |= {token.secret.reveal()} if token else set()
    assert len(secrets) == 5
    shown = [repr(outcome) + str(outcome) for outcome in outcomes] + [caplog.text, repr(caller), repr(cache)]
    for outcome in outcomes:
        if isinstance(outcome, AutosharesError):
            assert outcome.__context__ is None
            frames = traceback.TracebackException.from_exception(outcome, capture_locals=True)
            shown.append("".join(frames.format()))
    assert "cancel 9000204: reply 204" in caplog.text
    for secret in secrets:
        assert not [text for text in shown if secret in text]


def test_making_a_client_does_no_network_io(trader: PasswordCredentials) -> None:
    """A client can be made before the network is available."""
    with Client(base_url="https://nobody.invalid/api", credentials=trader) as client:
        assert repr(client) == "Client(base_url='https://nobody.invalid/api')"
