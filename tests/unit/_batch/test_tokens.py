"""A batch and its tokens: a failed log-in stops it, and is not repeated."""

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import MakeCaller
from support.clients import CLIENT_KINDS, TLS
from support.control import counters, settings
from support.fake_backend import ACCOUNT, GONE, PATIENCE_SECONDS, SETTINGS, FakeBackend, once_each, orders
from support.fake_clock import FakeClock
from support.tables import crossed

from autoshares_cancel import (
    AuthenticationError,
    Cancelled,
    Client,
    InvalidCredentials,
    NotAuthorized,
    NotSent,
    PasswordCredentials,
    TokenUnavailable,
)
from autoshares_cancel._batch.state import BatchState
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, NoResponse, Reply
from autoshares_cancel.mock import MockServer

OWN, FOREIGN = 6303, (6400, 6500)
WRONG = PasswordCredentials(app_key="demo-app-key", username="trader", password="wrong")


def place(server: MockServer, count: int, account_id: int = OWN) -> list[tuple[int, int]]:
    """Place this many new orders."""
    return [(account_id, server.exchange.place(account_id).order_id) for _ in range(count)]


@pytest.mark.parametrize("concurrency", [1, 5, 64])
def test_a_refused_log_in_stops_the_batch(make_caller: MakeCaller, mock_server: MockServer, concurrency: int) -> None:
    """Rule 3: after one refused log-in, orders that waited for it have its error, and all others are NotSent."""
    caller = make_caller(base_url=mock_server.base_url, credentials=WRONG)
    given = place(mock_server, 100)
    yielded = caller.batch(given, concurrency=concurrency)
    assert once_each(given, yielded)
    kinds = [type(outcome) for _, outcome in yielded]
    assert {*kinds} <= {InvalidCredentials, NotSent}
    assert 1 <= kinds.count(InvalidCredentials) <= concurrency
    assert counters(mock_server)["token_requests"] == 1
    assert counters(mock_server)["order_requests"] == 0
    assert all("log-in" in str(outcome.detail) for _, outcome in yielded if type(outcome) is NotSent)


def test_no_thread_asks_again_after_a_failed_log_in(
    trader: PasswordCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 3: an order that begins before the batch has recorded the failure does not log in again either."""
    asked = list[str]()
    second_has_come, has_failed, second_is_over = (threading.Event() for _ in range(3))
    record, seconds_before = BatchState.record, BatchState.seconds_before

    async def exchange(request: HttpRequest, *_: Any) -> Evidence:
        asked.append(request.target)
        second_has_come.wait(PATIENCE_SECONDS)
        return Reply(status_code=401, body=b'{"State": "Failed"}')

    def record_late(state: BatchState, item: Any) -> None:
        has_failed.set()
        second_is_over.wait(PATIENCE_SECONDS)
        record(state, item)

    def begin_late(state: BatchState, item: Any) -> float:
        wait = seconds_before(state, item)
        if item.order == (ACCOUNT, 2):
            second_has_come.set()
            has_failed.wait(PATIENCE_SECONDS)
        return wait

    def on_outcome(event: Any) -> None:
        if event.order_id == 2:
            second_is_over.set()

    monkeypatch.setattr(BatchState, "record", record_late)
    monkeypatch.setattr(BatchState, "seconds_before", begin_late)
    with Client(base_url="http://127.0.0.1:9/api", credentials=trader, verify=TLS, on_outcome=on_outcome) as client:
        vars(client._engine.backend)["exchange"] = exchange
        kinds = [type(outcome) for _, outcome in client.cancel_orders(orders(2), concurrency=2)]
    assert kinds == [InvalidCredentials] * 2
    assert asked == ["/api/token"]


def test_an_unusable_log_in_in_the_middle_stops_the_batch(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Rule 3: a failed log-in stops the batch also after good tokens; orders cancelled before stay Cancelled."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    given = place(mock_server, 60)
    batch = caller.open_batch(given, concurrency=4)
    yielded = [*itertools.islice(batch, 20)]
    asked = counters(mock_server)["token_requests"]
    settings(mock_server, token_answer={"status": 500})
    mock_server.exchange.revoke_tokens()
    yielded += batch
    assert once_each(given, yielded)
    assert counters(mock_server)["token_requests"] == asked + 1
    for (_, order_id), outcome in yielded:
        is_cancelled = mock_server.exchange.orders[order_id].status == "Canceled"
        assert is_cancelled == (type(outcome) is Cancelled)
        assert isinstance(outcome, Cancelled | TokenUnavailable | NotSent)
    assert NotSent in {type(outcome) for _, outcome in yielded}


def test_a_new_batch_asks_again(make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials) -> None:
    """The failed log-in of one batch does not affect the next batch."""
    settings(mock_server, token_answer={"status": 500})
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    given = place(mock_server, 3)
    assert all(isinstance(outcome, AuthenticationError | NotSent) for _, outcome in caller.batch(given))
    settings(mock_server, token_answer=None)
    assert [type(outcome) for _, outcome in caller.batch(given)] == [Cancelled] * 3


@pytest.mark.parametrize(
    ("client_kind", "concurrency", "foreign"), crossed(CLIENT_KINDS, [1, 8, 64], [FOREIGN[:1], FOREIGN])
)
def test_an_account_that_refuses_every_token_gets_no_log_in_for_each_order(
    make_caller: MakeCaller,
    mock_server: MockServer,
    trader: PasswordCredentials,
    concurrency: int,
    foreign: tuple[int, ...],
) -> None:
    """Rule 3: only orders under way at the first refusal log in again; orders of other accounts are cancelled.

    Two such accounts do not refuse each other's tokens for ever.
    """
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    # More orders of each account than can be under way at the first refusal.
    given = [
        order
        for _ in range(concurrency + 36)
        for account in (OWN, *foreign)
        for order in place(mock_server, 1, account)
    ]
    outcomes = dict(caller.batch(given, concurrency=concurrency))
    assert {(account, type(outcome)) for (account, _), outcome in outcomes.items()} == {
        (OWN, Cancelled),
        *((account, NotAuthorized) for account in foreign),
    }
    assert counters(mock_server)["token_requests"] <= 1 + concurrency * len(foreign)


@pytest.mark.parametrize("times", [1, 3])
def test_tokens_that_end_in_the_middle_are_renewed_once_each(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, times: int
) -> None:
    """Law 6: one log-in for each token that ended, with any number of orders under way; all are cancelled."""
    taken, yielded, is_over = list[tuple[int, int]](), dict[tuple[int, int], Any](), list[bool]()

    def source() -> Iterator[tuple[int, int]]:
        while not is_over:
            taken.extend(place(mock_server, 1))
            yield taken[-1]

    def until_one_is_out_that_is_not_in(these: set[tuple[int, int]]) -> None:
        while yielded.keys() <= these:
            order, yielded[order] = next(batch)

    def until_all_are_out() -> None:
        these = {*taken}
        while not these <= yielded.keys():
            order, yielded[order] = next(batch)

    batch = make_caller(base_url=mock_server.base_url, credentials=trader).open_batch(source(), concurrency=16)
    until_one_is_out_that_is_not_in(set())
    until_all_are_out()  # also the order that logged in: a refusal of its fresh token would be final
    for _ in range(times):
        before = {*taken}
        mock_server.exchange.revoke_tokens()
        until_one_is_out_that_is_not_in(before)
        # This order and all later ones have the next token: no call sees two tokens end, since it may renew once.
        until_all_are_out()
    is_over.append(True)
    yielded |= dict(batch)
    assert yielded.keys() == {*taken}
    assert {type(outcome) for outcome in yielded.values()} == {Cancelled}
    assert counters(mock_server)["token_requests"] == 1 + times
    assert counters(mock_server)["token_requests_in_flight_at_most"] == 1


def test_a_log_in_that_only_lacked_time_stops_nothing(client_kind: str, make_caller: MakeCaller) -> None:
    """Rule 3: a log-in that ran out of its order's time does not stop the batch; the next order logs in again."""
    clock, replies = FakeClock(), [NoResponse(reason="silence")]

    def answer(request: HttpRequest) -> Evidence:
        if not request.target.endswith("/token"):
            return GONE
        if replies:
            clock.advance(5.0)
            return replies.pop()
        return Reply(status_code=200, body=b'{"State": "Succeeded", "Token": "access"}')

    sleep = clock.advance if client_kind == "sync" else clock.sleep
    credentials = PasswordCredentials(app_key="an-app-key", username="user", password="hunter2")
    options = {**SETTINGS, "credentials": credentials, "clock": clock, "sleep": sleep, "deadline": 5.0}
    caller = make_caller(**options)
    FakeBackend(caller.client, answer)
    outcomes = [outcome for _, outcome in caller.batch(orders(3), concurrency=1)]
    assert [type(outcome) for outcome in outcomes] == [TokenUnavailable, Cancelled, Cancelled]


def test_an_account_whose_token_works_again_is_not_denied_any_more(make_caller: MakeCaller) -> None:
    """Rule 3: an account that refused two tokens is used again once one of its orders succeeds."""
    # Order 1 is refused with its new token, order 2 succeeds, and the token of order 3 has ended.
    refusals = {1: 2, 3: 1}

    def answer(request: HttpRequest) -> Evidence:
        if request.target.endswith("/token"):
            return Reply(status_code=200, body=b'{"State": "Succeeded", "Token": "access"}')
        order_id = int(request.target.rpartition("/")[2])
        refusals[order_id] = refusals.get(order_id, 0) - 1
        return Reply(status_code=401) if refusals[order_id] >= 0 else GONE

    credentials = PasswordCredentials(app_key="an-app-key", username="user", password="hunter2")
    caller = make_caller(**SETTINGS | {"credentials": credentials})
    FakeBackend(caller.client, answer)
    assert isinstance(caller.cancel(ACCOUNT, 9), Cancelled)  # so that order 1 does not log in itself
    outcomes = [outcome for _, outcome in caller.batch(orders(3), concurrency=1)]
    assert [type(outcome) for outcome in outcomes] == [NotAuthorized, Cancelled, Cancelled]
