"""Law 6 in a crowd: 64 threads of one Client, 1,000 tasks of one AsyncClient, and the requests that /token then gets.

The log-ins go to the mock over TCP, where they are counted. The cancels are answered in this process, because httpx's
pool takes seconds for a thousand at once, but by the exchange: a token that it does not know is a 401.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from colours import AsyncCaller, Caller
from conftest import MakeCaller
from control import counters, settings

from autoshares_cancel import (
    AsyncClient,
    AutosharesError,
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
PATIENCE_SECONDS = 20
"""Nobody waits so long; who would wait for ever fails the test then."""


class Door:
    """Lets log-ins through to the mock, and answers cancels as the exchange would."""

    def __init__(self, http: Any, server: MockServer) -> None:
        self._way, self._server = http.send, server
        self.cancels = 0
        self.revoke_at: int | None = None
        vars(http)["send"] = self.send if isinstance(http, httpx.Client) else self.send_async

    def send(self, request: httpx.Request, **options: Any) -> Any:
        return self._answer(request) or self._way(request, **options)

    async def send_async(self, request: httpx.Request, **options: Any) -> Any:
        await anyio.lowlevel.checkpoint()
        return self._answer(request) or await self._way(request, **options)

    def _answer(self, request: httpx.Request) -> httpx.Response | None:
        if request.method != "DELETE":
            return None
        self.cancels += 1
        if self.cancels == self.revoke_at:
            self._server.exchange.revoke_tokens()
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return httpx.Response(204 if self._server.exchange.user_of(token) else 401, stream=httpx.ByteStream(b""))


class Crowd:
    """Everybody who shares one client, and the door that their requests go through."""

    def __init__(self, caller: Caller, server: MockServer) -> None:
        self.caller = caller
        self.door = Door(caller.client._http, server)
        self.size = 1000 if isinstance(caller, AsyncCaller) else 64
        # Until /token answers, everybody has to be there: tasks are before it is even asked, threads take their time.
        self.while_all_come = 0.03 if isinstance(caller, AsyncCaller) else 0.2

    def rush(self, **options: Any) -> list[type]:
        """All call at the same time; what became of each. Nobody's error is anybody else's."""
        options = {"account_id": 6303, "order_id": 73552, "deadline": PATIENCE_SECONDS, **options}
        if isinstance(self.caller, AsyncCaller):
            outcomes = self.caller.portal.call(self.tasks, self.caller.client, options)
        else:
            outcomes = at_once(*[lambda: self.caller.cancel(**options)] * self.size)
        assert len({id(outcome) for outcome in outcomes}) == self.size
        return [type(outcome) for outcome in outcomes]

    async def tasks(self, client: AsyncClient, options: dict[str, Any]) -> list[object]:
        outcomes = list[object]()

        async def call() -> None:
            try:
                outcomes.append(await client.cancel_order(**options))
            except AutosharesError as error:
                outcomes.append(error)

        with anyio.fail_after(2 * PATIENCE_SECONDS):
            async with anyio.create_task_group() as group:
                for _ in range(self.size):
                    group.start_soon(call)
        return outcomes


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Begin all calls at the same time, each in a thread of its own; their results in order."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait(PATIENCE_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [running.result(2 * PATIENCE_SECONDS) for running in [pool.submit(run, call) for call in calls]]


def asked(server: MockServer) -> tuple[int, int]:
    """How often /token was asked, and how often at once."""
    state = counters(server)
    return state["token_requests"], state["token_requests_in_flight_at_most"]


@pytest.fixture
def now() -> list[float]:
    """The time on the client's clock is that of this machine, and as much more as this says."""
    return [0.0]


@pytest.fixture
def crowd(make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, now: list[float]) -> Crowd:
    clock = lambda: time.monotonic() + now[0]  # noqa: E731
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
        while counters(mock_server)["token_requests"] == 0:
            pass
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
    settings(mock_server, token_delay=0.2)
    crowd.size = 10
    order: dict[str, Any] = {"account_id": 6303, "order_id": 73552}
    caller: Any = crowd.caller

    async def first() -> None:
        with anyio.move_on_after(0.1) as scope:
            await caller.client.cancel_order(**order)
        assert scope.cancelled_caught

    async def run() -> list[object]:
        outcomes: list[object] = []
        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await anyio.sleep(0.05)
            outcomes += await crowd.tasks(caller.client, order)
        return outcomes

    assert {type(outcome) for outcome in caller.portal.call(run)} == {Cancelled}
    assert counters(mock_server)["token_requests"] == 2
