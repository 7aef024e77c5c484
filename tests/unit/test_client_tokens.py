"""Laws 6 and 7: the token of a client, in every colour, against the mock exchange over TCP."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import MakeCaller
from control import counters, settings

from autoshares_cancel import (
    Cancelled,
    InvalidCredentials,
    NotAuthorized,
    NotSent,
    PasswordCredentials,
    SecondFactorRequired,
    TokenCredentials,
    TokenUnavailable,
)
from autoshares_cancel._auth import LIFETIME
from autoshares_cancel.mock import MockServer

KEY, PASSWORD = "demo-app-key", "correct-horse"


def login(username: str = "trader", password: str = PASSWORD, **more: Any) -> PasswordCredentials:
    return PasswordCredentials(app_key=KEY, username=username, password=password, **more)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Begin all calls at the same time, each in a thread of its own; their results in order."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_one_log_in_serves_many_calls(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: the token is kept, and so is the connection."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert [type(caller.cancel(6303, order_id)) for order_id in (73552, 73553, 73554)] == [Cancelled] * 3
    assert counters(mock_server)["token_requests"] == 1


def test_callers_at_once_on_a_cold_client_log_in_once(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: one token request in flight, however many callers, and its token serves them all."""
    settings(mock_server, token_delay=0.2)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    outcomes = at_once(*[lambda order_id=order_id: caller.cancel(6303, order_id) for order_id in range(73552, 73562)])
    assert [type(outcome) for outcome in outcomes] == [Cancelled] * 10
    assert counters(mock_server)["token_requests"] == 1


def test_callers_at_once_on_a_revoked_token_log_in_once(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: whoever is refused takes the newer token, if another caller has fetched one."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert type(caller.cancel(6303, 73552)) is Cancelled
    mock_server.exchange.revoke_tokens()
    settings(mock_server, token_delay=0.2)
    outcomes = at_once(*[lambda order_id=order_id: caller.cancel(6303, order_id) for order_id in range(73553, 73561)])
    assert [type(outcome) for outcome in outcomes] == [Cancelled] * 8
    state = counters(mock_server)
    assert state["token_requests"] == 2
    assert state["token_requests_in_flight_at_most"] == 1


def test_a_refused_log_in_is_shared_by_who_waits_and_forgotten_after(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: /token is not hammered with what it has refused, and one failure does not poison the next call."""
    answer = {"status": 401, "body": '{"State": "Failed", "Reason": "Invalid credentials"}'}
    settings(mock_server, token_delay=0.8, token_answer=answer)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    outcomes = at_once(*[lambda: caller.cancel(6303, 73552)] * 8)
    assert [type(outcome) for outcome in outcomes] == [InvalidCredentials] * 8
    assert len({id(outcome) for outcome in outcomes}) == 8
    state = counters(mock_server)
    assert (state["token_requests"], state["token_requests_in_flight_at_most"], state["order_requests"]) == (1, 1, 0)
    settings(mock_server, token_delay=0, token_answer=None)
    assert type(caller.cancel(6303, 73552)) is Cancelled


def test_a_token_that_the_server_ended_early_is_renewed_once(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: a 401 with an old token is answered with a fresh one; both attempts are remembered."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert type(caller.cancel(6303, 73552)) is Cancelled
    mock_server.exchange.advance(LIFETIME + 1)
    outcome = caller.cancel(6303, 73553)
    assert isinstance(outcome, Cancelled)
    assert [attempt.status_code for attempt in outcome.attempts] == [401, 204]
    refused = caller.cancel(6303, 9000401)
    assert type(refused) is NotAuthorized
    assert [attempt.status_code for attempt in refused.attempts] == [401, 401]
    assert counters(mock_server)["token_requests"] == 3


def test_a_token_is_renewed_before_its_end(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """A token near its end is not tried: no 401 is needed."""
    now = [1000.0]
    margin = 600.0
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, token_margin=margin, clock=lambda: now[0])
    assert type(caller.cancel(6303, 73552)) is Cancelled
    now[0] += LIFETIME - margin - 1
    assert type(caller.cancel(6303, 73553)) is Cancelled
    assert counters(mock_server)["token_requests"] == 1
    now[0] += 1
    outcome = caller.cancel(6303, 73554)
    assert isinstance(outcome, Cancelled)
    assert len(outcome.attempts) == 1
    assert counters(mock_server)["token_requests"] == 2


def test_a_given_token_is_not_renewed(make_caller: MakeCaller, mock_server: MockServer) -> None:
    """TokenCredentials never ask /token."""
    given = TokenCredentials(app_key=KEY, token="unknown")
    outcome = make_caller(base_url=mock_server.base_url, credentials=given).cancel(6303, 73552)
    assert type(outcome) is NotAuthorized
    assert counters(mock_server)["token_requests"] == 0


@pytest.mark.parametrize(
    ("credentials", "account_id", "order_id"),
    [
        (login("two-factor", second_factor=lambda: "123456"), 6500, 73650),
        (login("pin", pin_code="4711"), 6600, 73660),
        (login("both", second_factor=lambda: "123456", pin_code="4711"), 6700, 73670),
    ],
)
def test_second_factors(
    make_caller: MakeCaller, mock_server: MockServer, credentials: PasswordCredentials, account_id: int, order_id: int
) -> None:
    """A code, a PIN, or both after each other."""
    outcome = make_caller(base_url=mock_server.base_url, credentials=credentials).cancel(account_id, order_id)
    assert type(outcome) is Cancelled


@pytest.mark.parametrize(
    ("credentials", "kind"),
    [
        (login("two-factor"), SecondFactorRequired),
        (login("two-factor", pin_code="4711"), SecondFactorRequired),
        (login("pin", second_factor=lambda: "4711"), SecondFactorRequired),
        (login("two-factor", second_factor=lambda: "000000"), InvalidCredentials),
        (login("pin", pin_code="0000"), InvalidCredentials),
        (login(password="wrong"), InvalidCredentials),
        (login("nobody"), InvalidCredentials),
    ],
)
def test_failed_log_ins_touch_no_order(
    make_caller: MakeCaller, mock_server: MockServer, credentials: PasswordCredentials, kind: type
) -> None:
    """Law 6: an interim token never reaches an order call."""
    outcome = make_caller(base_url=mock_server.base_url, credentials=credentials).cancel(6303, 73552)
    assert type(outcome) is kind
    assert counters(mock_server)["order_requests"] == 0


def test_the_deadline_bounds_the_log_in_too(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 7: a slow /token is not waited for beyond the deadline, and no order is touched."""
    settings(mock_server, token_delay=20)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert type(caller.cancel(6303, 73552, deadline=0.3)) is TokenUnavailable
    assert counters(mock_server)["order_requests"] == 0


def test_who_waits_for_another_log_in_keeps_the_own_deadline(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 7: the patient caller logs in; the hasty one gives up, and neither spoils it for the other."""
    settings(mock_server, token_delay=0.6)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    hasty, patient = at_once(
        lambda: caller.cancel(6303, 73552, deadline=0.3), lambda: caller.cancel(6303, 73553, deadline=20)
    )
    assert type(hasty) is TokenUnavailable
    assert type(patient) is Cancelled


def test_a_slow_second_factor_is_bounded(colour: str, make_caller: MakeCaller, mock_server: MockServer) -> None:
    """Law 7: its time counts; AsyncClient leaves it behind, Client finds the deadline over afterwards."""
    release = threading.Event()

    def code() -> str:
        release.wait(0.5)
        return "123456"

    slow = login("two-factor", second_factor=code)
    outcome = make_caller(base_url=mock_server.base_url, credentials=slow).cancel(6500, 73650, deadline=0.2)
    release.set()
    assert isinstance(outcome, TokenUnavailable | NotSent)
    assert mock_server.exchange.orders[73650].status == "New"
