"""Repeated log-ins after trouble at /token, in calls and batches of every kind of client."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field
from conftest import MakeCaller
from support.clients import Caller
from support.fake_backend import ACCOUNT, SETTINGS, FakeBackend, orders
from support.fake_clock import FakeClock
from support.scripted_log_ins import SUCCEEDED, WANTS_CODE, credentials, reply

from autoshares_cancel import (
    Cancelled,
    PasswordCredentials,
    RetryPolicy,
    SecondFactorRequired,
    TokenUnavailable,
)
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence, NoResponse, Reply

# With a random number of 0.5 the waits are 0.5, 1, 2 seconds ...
POLICY = RetryPolicy(attempts=3, base=1.0, cap=4.0)
BUSY, DONE = Reply(status_code=503), reply(200, SUCCEEDED)


@define
class Broker:
    """Answers log-ins with these replies, the last one again and again, and cancels every order."""

    log_ins: list[Evidence]
    asked: Counter[str] = field(factory=Counter[str])
    backend: FakeBackend | None = None

    def answer(self, request: HttpRequest) -> Evidence:
        self.asked[request.method] += 1
        if request.method != "POST":
            return Reply(status_code=204)
        return self.log_ins.pop(0) if len(self.log_ins) > 1 else self.log_ins[0]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def open_client(client_kind: str, make_caller: MakeCaller, clock: FakeClock) -> Callable[..., tuple[Caller, Broker]]:
    """Makes a client of this kind with a broker behind it; waits move the clock."""

    def open_it(*log_ins: Evidence, user: PasswordCredentials | None = None, **options: Any) -> tuple[Caller, Broker]:
        sleep = clock.advance if client_kind == "sync" else clock.sleep
        settings = {"clock": clock, "sleep": sleep, "random": lambda: 0.5, "retry": POLICY, **options}
        caller = make_caller(**SETTINGS | settings | {"credentials": user or credentials()})
        broker = Broker([*log_ins])
        broker.backend = FakeBackend(caller.client, broker.answer)
        return caller, broker

    return open_it


def test_one_503_costs_a_batch_a_moment(open_client: Callable[..., tuple[Caller, Broker]], clock: FakeClock) -> None:
    """Law 6: after one 503 at /token, the orders that wait share the second log-in, and all 1,000 are cancelled."""
    caller, broker = open_client(BUSY, DONE)
    outcomes = caller.batch(orders(1000), concurrency=8)
    assert Counter(type(outcome) for _, outcome in outcomes) == {Cancelled: 1000}
    assert broker.asked == {"POST": 2, "DELETE": 1000}
    assert clock.now == 1000.5


def test_a_log_in_that_fails_to_the_end_stops_a_batch(open_client: Callable[..., tuple[Caller, Broker]]) -> None:
    """Law 6: all orders of a batch share the attempts of one log-in, and no order is sent."""
    caller, broker = open_client(BUSY)
    caller.batch(orders(100), concurrency=8)
    assert broker.asked == {"POST": 3}


def test_the_waits_use_what_the_client_was_given(
    open_client: Callable[..., tuple[Caller, Broker]], clock: FakeClock
) -> None:
    """Law 8: a log-in uses the sleep, random, clock and retry of its client, and the deadline of the call."""
    caller, broker = open_client(BUSY)
    assert isinstance(caller.cancel(ACCOUNT, 1), TokenUnavailable)
    assert (clock.now, broker.asked["POST"]) == (1001.5, 3)
    assert isinstance(caller.cancel(ACCOUNT, 1, deadline=1.0), TokenUnavailable)
    assert (clock.now, broker.asked["POST"]) == (1002.25, 6)


def test_a_log_in_without_a_reply_leaves_time_for_another_one(
    open_client: Callable[..., tuple[Caller, Broker]],
) -> None:
    """Law 7: a log-in without a reply takes only a part of the call's time, whatever the read time-out is."""
    caller, broker = open_client(NoResponse(reason="silence"), DONE)
    assert isinstance(caller.cancel(ACCOUNT, 1, deadline=5.0), Cancelled)
    assert broker.backend is not None
    assert broker.backend.limits[0] == pytest.approx(3.0)


def test_a_call_may_switch_the_retries_of_its_log_in_off(open_client: Callable[..., tuple[Caller, Broker]]) -> None:
    """The retry policy of a call also holds for its log-in."""
    caller, broker = open_client(BUSY, DONE)
    assert isinstance(caller.cancel(ACCOUNT, 1, retry=RetryPolicy(attempts=1)), TokenUnavailable)
    assert broker.asked == {"POST": 1}


def test_a_log_in_and_its_cancels_share_one_budget(open_client: Callable[..., tuple[Caller, Broker]]) -> None:
    """A repeated log-in spends from the retry budget of the client, and a successful one adds to it."""
    caller, _ = open_client(BUSY, DONE)
    budget = caller.client._engine.budget
    assert isinstance(caller.cancel(ACCOUNT, 1), Cancelled)
    assert budget.left == RetryBudget.CAPACITY - RetryBudget.COST + 2


def test_a_token_lives_from_the_request_that_brought_it(
    open_client: Callable[..., tuple[Caller, Broker]], clock: FakeClock
) -> None:
    """The lifetime of a token begins at the request that returned it, not at the first attempt."""
    caller, _ = open_client(BUSY, DONE, token_margin=0)
    assert isinstance(caller.cancel(ACCOUNT, 1), Cancelled)
    token = caller.client._engine.tokens.cache.usable(None)
    assert token is not None
    assert token.expires_at == clock.now + 24 * 60 * 60


def test_a_second_factor_is_not_given_twice_to_one_dialog(
    open_client: Callable[..., tuple[Caller, Broker]],
) -> None:
    """Law 6: each dialog asks the caller's second_factor once."""
    asked = list[int]()

    def code() -> str:
        asked.append(1)
        return "123456"

    user = credentials(second_factor=code)
    caller, _ = open_client(reply(202, WANTS_CODE), BUSY, reply(202, WANTS_CODE), DONE, user=user)
    assert isinstance(caller.cancel(ACCOUNT, 1), Cancelled)
    assert len(asked) == 2
    caller, _ = open_client(reply(202, WANTS_CODE), user=user)
    assert isinstance(caller.cancel(ACCOUNT, 1), SecondFactorRequired)
    assert len(asked) == 3
