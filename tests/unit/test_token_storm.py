"""Law 6 in a crowd: 64 threads of one Client, 1,000 tasks of one AsyncClient, and the requests that /token then gets.

The log-ins go to the mock over TCP, where they are counted. The cancels are answered in this process, because httpx's
pool takes seconds for a thousand at once, but by the exchange: a token that it does not know is a 401.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.to_thread
import pytest
from conftest import MakeCaller
from control import counters, settings
from unit.crowd import PATIENCE_SECONDS, Crowd, at_once

from autoshares_cancel import (
    Cancelled,
    InvalidCredentials,
    PasswordCredentials,
    SecondFactorRequired,
    TokenUnavailable,
)
from autoshares_cancel._auth import LIFETIME
from autoshares_cancel.mock import MockServer

LOOPS = ("asyncio", "trio")
REFUSED = {"status": 401, "body": '{"State": "Failed", "Reason": "Invalid credentials"}'}
NO_FACTOR = PasswordCredentials(app_key="demo-app-key", username="two-factor", password="correct-horse")


def asked(server: MockServer) -> tuple[int, int]:
    """How often /token was asked, and how often at once."""
    state = counters(server)
    return state["token_requests"], state["token_requests_in_flight_at_most"]


def wait_until_asked(server: MockServer) -> None:
    """Until a log-in has arrived."""
    assert any(asked(server) != (0, 0) for _ in range(10_000)), "nobody logs in"


@pytest.fixture
def now() -> list[float]:
    """The time on the client's clock is that of this machine, and as much more as this says."""
    return [0.0]


@pytest.fixture
def crowd(make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, now: list[float]) -> Crowd:
    clock = lambda: time.monotonic() + now[0]  # noqa: E731  # shorter than a function that is used once
    return Crowd(make_caller(base_url=mock_server.base_url, credentials=trader, clock=clock), mock_server)


def warm(crowd: Crowd, server: MockServer) -> None:
    """Log in once; from now on /token is slow, so that everybody is there before it has answered."""
    assert type(crowd.caller.cancel(6303, 73552)) is Cancelled
    settings(server, token_delay=crowd.while_all_come)


def test_a_cold_client_logs_in_once(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: however many callers, one token request, and its token serves them all."""
    settings(mock_server, token_delay=crowd.while_all_come)
    assert crowd.rush() == [Cancelled] * crowd.size
    assert asked(mock_server) == (1, 1)


def test_a_token_near_its_end_is_renewed_once(crowd: Crowd, mock_server: MockServer, now: list[float]) -> None:
    """Law 6: nobody tries the old token, and one request fetches the next."""
    warm(crowd, mock_server)
    now[0] += LIFETIME
    assert crowd.rush() == [Cancelled] * crowd.size
    assert crowd.door.cancels == 1 + crowd.size
    assert asked(mock_server) == (2, 1)


def test_a_token_that_the_server_ended_is_renewed_once(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: whoever is refused takes the newer token, if another caller has fetched one."""
    warm(crowd, mock_server)
    mock_server.exchange.advance(LIFETIME + 1)
    assert crowd.rush() == [Cancelled] * crowd.size
    assert asked(mock_server) == (2, 1)


def test_a_token_revoked_in_the_middle_is_renewed_once(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: half of the callers are done with the old token, the others share the next one."""
    warm(crowd, mock_server)
    crowd.door.revoke_at = 1 + crowd.size // 2
    assert crowd.rush() == [Cancelled] * crowd.size
    assert crowd.door.cancels > 1 + crowd.size
    assert asked(mock_server) == (2, 1)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(REFUSED, InvalidCredentials), ({"status": 500}, TokenUnavailable)],
    ids=["refused", "failing"],
)
def test_a_failed_log_in_is_shared_and_forgotten(
    crowd: Crowd, mock_server: MockServer, answer: dict[str, Any], kind: type
) -> None:
    """Law 6: /token is not hammered with what has just failed, and one failure does not poison the next call."""
    settings(mock_server, token_delay=crowd.while_all_come, token_answer=answer)
    assert crowd.rush() == [kind] * crowd.size
    assert asked(mock_server) == (1, 1)
    assert crowd.door.cancels == 0
    settings(mock_server, token_delay=0, token_answer=None)
    assert type(crowd.caller.cancel(6303, 73552)) is Cancelled
    assert asked(mock_server) == (2, 1)


def test_a_missing_second_factor_is_found_out_once(make_caller: MakeCaller, mock_server: MockServer) -> None:
    """Law 6: the 202 is shared, and its interim token gets to no order."""
    crowd = Crowd(make_caller(base_url=mock_server.base_url, credentials=NO_FACTOR), mock_server)
    settings(mock_server, token_delay=crowd.while_all_come)
    assert crowd.rush() == [SecondFactorRequired] * crowd.size
    assert asked(mock_server) == (1, 1)
    assert crowd.door.cancels == 0


def test_a_silent_log_in_holds_nobody_beyond_the_deadline(crowd: Crowd, mock_server: MockServer) -> None:
    """Laws 6 and 7: who waits for it gives up in time and asks nothing, and the next call is none the worse."""
    settings(mock_server, token_delay=30)
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(crowd.caller.cancel, 6303, 73552, deadline=1.0)
        wait_until_asked(mock_server)
        began = time.monotonic()
        assert crowd.rush(deadline=0.1) == [TokenUnavailable] * crowd.size
        assert time.monotonic() - began < 3
        assert asked(mock_server) == (1, 1)
        assert type(patient.result(PATIENCE_SECONDS)) is TokenUnavailable
    assert crowd.door.cancels == 0
    settings(mock_server, token_delay=0)
    assert type(crowd.caller.cancel(6303, 73552)) is Cancelled


def test_who_waits_for_another_log_in_keeps_the_own_deadline(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 7: the patient caller logs in; the hasty one gives up, and neither spoils it for the other."""
    settings(mock_server, token_delay=0.3)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    hasty, patient = at_once(
        lambda: caller.cancel(6303, 73552, deadline=0.15), lambda: caller.cancel(6303, 73553, deadline=20)
    )
    assert type(hasty) is TokenUnavailable
    assert type(patient) is Cancelled


@pytest.mark.parametrize("colour", LOOPS)
def test_the_next_logs_in_where_the_first_is_cancelled(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: a task that ends in the middle of its log-in leaves neither a lock nor a failure behind."""
    settings(mock_server, token_delay=30)
    crowd.size = 10
    order: dict[str, Any] = {"account_id": 6303, "order_id": 73552}
    caller: Any = crowd.caller

    async def first(scope: anyio.CancelScope) -> None:
        with scope:
            await caller.client.cancel_order(**order)

    async def run() -> list[object]:
        outcomes, scope = list[object](), anyio.CancelScope()

        async def others() -> None:
            outcomes.extend(await crowd.tasks(caller.client, order))

        async with anyio.create_task_group() as group:
            group.start_soon(first, scope)
            await anyio.to_thread.run_sync(wait_until_asked, mock_server)
            group.start_soon(others)
            await anyio.wait_all_tasks_blocked()
            settings(mock_server, token_delay=0)
            scope.cancel()
        assert scope.cancelled_caught
        return outcomes

    assert [type(outcome) for outcome in caller.portal.call(run)] == [Cancelled] * crowd.size
    assert counters(mock_server)["token_requests"] == 2
