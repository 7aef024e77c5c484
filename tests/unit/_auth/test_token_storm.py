"""Law 6 under load: 64 threads of one Client or 250 tasks of one AsyncClient, and their requests to /token.

The mock counts the log-ins, which use TCP. The cancels are answered in this process, to be fast, but by the mock's
exchange: an unknown token is a 401. A log-in waits at the gate until all callers wait for it or are done.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from conftest import MakeCaller
from support.clients import CLIENT_KINDS
from support.control import counters, settings
from support.crowd import Crowd
from support.fake_backend import PATIENCE_SECONDS, until
from support.fake_clock import FakeClock

from autoshares_cancel import (
    Cancelled,
    InvalidCredentials,
    PasswordCredentials,
    SecondFactorRequired,
    TokenUnavailable,
)
from autoshares_cancel._auth.token_cache import LIFETIME
from autoshares_cancel._values.evidence import NoResponse
from autoshares_cancel.mock import MockServer

REFUSED = {"status": 401, "body": '{"State": "Failed", "Reason": "Invalid credentials"}'}
NO_FACTOR = PasswordCredentials(app_key="demo-app-key", username="two-factor", password="correct-horse")
LATE = NoResponse(reason="late")
ORDER: dict[str, Any] = {"account_id": 6303, "order_id": 73552}


def asked(server: MockServer) -> tuple[int, int]:
    """The number of requests to /token, and the most at the same time."""
    state = counters(server)
    return state["token_requests"], state["token_requests_in_flight_at_most"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def crowd(make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, clock: FakeClock) -> Crowd:
    return Crowd(make_caller(base_url=mock_server.base_url, credentials=trader, clock=clock), mock_server)


def warm(crowd: Crowd) -> None:
    """Log in once; the next log-in waits for all callers."""
    assert type(crowd.caller.cancel(**ORDER)) is Cancelled
    crowd.open_when_here(crowd.size)


def test_a_cold_client_logs_in_once(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: all callers share the token of one request."""
    crowd.open_when_here(crowd.size)
    assert crowd.rush() == [Cancelled] * crowd.size
    assert asked(mock_server) == (1, 1)


def test_a_token_near_its_end_is_renewed_once(crowd: Crowd, mock_server: MockServer, clock: FakeClock) -> None:
    """Law 6: no call uses the old token, and one request fetches the next."""
    warm(crowd)
    clock.advance(LIFETIME)
    assert crowd.rush() == [Cancelled] * crowd.size
    assert crowd.gate.cancels == 1 + crowd.size
    assert asked(mock_server) == (2, 1)


def test_a_token_that_the_server_ended_is_renewed_once(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: a call whose token is refused takes the newer token of another caller."""
    warm(crowd)
    mock_server.exchange.advance(LIFETIME + 1)
    assert crowd.rush() == [Cancelled] * crowd.size
    assert crowd.gate.cancels == 1 + 2 * crowd.size
    assert asked(mock_server) == (2, 1)


def test_a_token_revoked_in_the_middle_is_renewed_once(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: half of the calls end with the old token, the others share the next one."""
    warm(crowd)
    done = crowd.size // 2
    crowd.gate.revoke_at = 1 + done + 1
    assert crowd.rush() == [Cancelled] * crowd.size
    assert crowd.gate.cancels == 1 + done + 2 * (crowd.size - done)
    assert asked(mock_server) == (2, 1)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(REFUSED, InvalidCredentials), ({"status": 500}, TokenUnavailable)],
    ids=["refused", "failing"],
)
def test_a_failed_log_in_is_shared_and_forgotten(
    crowd: Crowd, mock_server: MockServer, clock: FakeClock, answer: dict[str, Any], kind: type
) -> None:
    """Law 6: a failed log-in is not repeated by every caller, and does not affect a call after login_pause."""
    settings(mock_server, token_answer=answer)
    crowd.open_when_here(crowd.size)
    assert crowd.rush() == [kind] * crowd.size
    assert asked(mock_server) == (1, 1)
    assert crowd.gate.cancels == 0
    settings(mock_server, token_answer=None)
    clock.advance(60)
    assert type(crowd.caller.cancel(**ORDER)) is Cancelled
    assert asked(mock_server) == (2, 1)


def test_a_missing_second_factor_is_found_out_once(make_caller: MakeCaller, mock_server: MockServer) -> None:
    """Law 6: the 202 is shared, and its interim token is used in no call about an order."""
    crowd = Crowd(make_caller(base_url=mock_server.base_url, credentials=NO_FACTOR), mock_server)
    crowd.open_when_here(crowd.size)
    assert crowd.rush() == [SecondFactorRequired] * crowd.size
    assert asked(mock_server) == (1, 1)
    assert crowd.gate.cancels == 0


@pytest.mark.parametrize("client_kind", CLIENT_KINDS[:1])
def test_a_thread_that_comes_during_a_log_in_shares_its_failure(
    crowd: Crowd, mock_server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 6: a thread shares a log-in that fails after it found no token and before it waits for the lock."""
    settings(mock_server, token_answer={"status": 500})
    cache, outcomes = crowd.caller.client._engine.tokens.cache, list[object]()
    usable, found = cache.usable, type(cache).usable

    def found_late(refused: Any) -> Any:
        token = usable(refused)
        monkeypatch.setattr(type(cache), "usable", found)
        with ThreadPoolExecutor(1) as other:
            outcomes.append(other.submit(lambda: crowd.caller.cancel(**ORDER)).result(PATIENCE_SECONDS))
        return token

    monkeypatch.setattr(type(cache), "usable", lambda _, refused: found_late(refused))
    outcomes.append(crowd.caller.cancel(**ORDER))
    assert [type(outcome) for outcome in outcomes] == [TokenUnavailable] * 2
    assert asked(mock_server) == (1, 1)


def test_a_silent_log_in_holds_no_call_beyond_its_deadline(
    crowd: Crowd, mock_server: MockServer, clock: FakeClock
) -> None:
    """Laws 6 and 7: waiting calls end in time and send nothing, and the next call succeeds."""
    crowd.gate.is_open.clear()
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(crowd.caller.cancel, **ORDER, deadline=1.0)
        until(lambda: crowd.gate.log_ins)
        crowd.longest_wait = 0.0
        assert crowd.rush(deadline=0.1) == [TokenUnavailable] * crowd.size
        assert crowd.longest_wait < 0.2
        assert crowd.gate.log_ins == 1
        clock.advance(1.0)
        crowd.gate.instead.append(LATE)
        crowd.gate.is_open.set()
        assert type(patient.result(PATIENCE_SECONDS)) is TokenUnavailable
    assert crowd.gate.cancels == 0
    assert type(crowd.caller.cancel(**ORDER)) is Cancelled
    assert asked(mock_server) == (1, 1)


@pytest.mark.parametrize("first", ["hasty", "patient"])
def test_a_call_that_waits_for_a_log_in_keeps_its_deadline(crowd: Crowd, clock: FakeClock, first: str) -> None:
    """Law 7: whichever call logs in, the one with the short deadline ends, and the other one succeeds."""
    deadlines = {"hasty": 0.1, "patient": PATIENCE_SECONDS}
    second = next(name for name in deadlines if name != first)
    crowd.gate.is_open.clear()
    with ThreadPoolExecutor(2) as pool:
        calls = {first: pool.submit(crowd.caller.cancel, **ORDER, deadline=deadlines[first])}
        until(lambda: crowd.gate.log_ins)
        calls[second] = pool.submit(crowd.caller.cancel, **ORDER, deadline=deadlines[second])
        until(lambda: crowd.here == 2)
        if first == "hasty":
            clock.advance(0.1)
            crowd.gate.instead.append(LATE)
            crowd.gate.is_open.set()
        assert type(calls["hasty"].result(PATIENCE_SECONDS)) is TokenUnavailable
        crowd.gate.is_open.set()
        assert type(calls["patient"].result(PATIENCE_SECONDS)) is Cancelled


@pytest.mark.parametrize("client_kind", CLIENT_KINDS[1:])
def test_the_next_caller_logs_in_if_the_first_is_cancelled(crowd: Crowd, mock_server: MockServer) -> None:
    """Law 6: a task that ends in the middle of its log-in leaves neither a lock nor a failure behind."""
    settings(mock_server, token_delay=30)
    crowd.size = 10
    caller: Any = crowd.caller

    async def first(scope: anyio.CancelScope) -> None:
        with scope:
            await caller.client.cancel_order(**ORDER)

    async def run() -> list[object]:
        outcomes, scope = list[object](), anyio.CancelScope()

        async def others() -> None:
            outcomes.extend(await crowd.tasks(caller.client, ORDER))

        async with anyio.create_task_group() as group:
            group.start_soon(first, scope)
            await anyio.to_thread.run_sync(until, lambda: asked(mock_server) != (0, 0))
            group.start_soon(others)
            while crowd.here < 1 + crowd.size:
                await anyio.lowlevel.checkpoint()
            settings(mock_server, token_delay=0)
            scope.cancel()
        assert scope.cancelled_caught
        return outcomes

    assert [type(outcome) for outcome in caller.portal.call(run)] == [Cancelled] * crowd.size
    assert counters(mock_server)["token_requests"] == 2
