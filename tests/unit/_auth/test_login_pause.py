"""Law 6: refused credentials are not sent again for login_pause seconds, with every kind of client."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from conftest import MakeCaller
from support.clients import Caller
from support.fake_backend import ACCOUNT, SETTINGS, FakeBackend, orders
from support.fake_clock import FakeClock

from autoshares_cancel import (
    AsyncClient,
    Cancelled,
    Client,
    ConfigurationError,
    InvalidCredentials,
    NotAuthorized,
    NotSent,
    PasswordCredentials,
    TokenCredentials,
    TokenUnavailable,
)
from autoshares_cancel._auth.token_cache import TokenCache
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply

USER = PasswordCredentials(app_key="key", username="user", password="hunter2")
REFUSED = Reply(status_code=401, body=b'{"State": "Failed", "Reason": "Invalid credentials"}')
DONE = Reply(status_code=200, body=b'{"State": "Succeeded", "Token": "access"}')
AGAIN = "not asked again for 60 s, by login_pause=60: Invalid credentials"


class Broker:
    """Answers each log-in with `log_in`, and every other request with `order`."""

    def __init__(self, log_in: Evidence = REFUSED) -> None:
        self.log_in, self.order = log_in, Reply(status_code=204)
        self.log_ins = 0

    def answer(self, request: HttpRequest) -> Evidence:
        self.log_ins += request.method == "POST"
        return self.log_in if request.method == "POST" else self.order


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def open_client(make_caller: MakeCaller, clock: FakeClock, broker: Broker) -> Callable[..., Caller]:
    """Makes a client of this kind with the broker behind it."""

    def open_it(**options: Any) -> Caller:
        caller = make_caller(**SETTINGS | {"credentials": USER, "clock": clock, **options})
        FakeBackend(caller.client, broker.answer)
        return caller

    return open_it


def test_a_loop_of_50_calls_is_one_log_in(open_client: Callable[..., Caller], broker: Broker) -> None:
    """Law 6: 50 calls with refused credentials make one log-in; the message names login_pause."""
    caller = open_client()
    outcomes = [caller.cancel(ACCOUNT, number) for number in range(50)]
    assert {type(outcome) for outcome in outcomes} == {InvalidCredentials}
    assert broker.log_ins == 1
    details = [outcome.detail for outcome in outcomes if isinstance(outcome, InvalidCredentials)]
    assert details == ["Invalid credentials"] + [AGAIN] * 49
    assert {outcome.status_code for outcome in outcomes if isinstance(outcome, InvalidCredentials)} == {401}


def test_every_method_raises_it_again(open_client: Callable[..., Caller], broker: Broker) -> None:
    """Law 6: reads, listings, batches and a warm-up raise the refusal again, without a log-in."""
    caller = open_client()
    again = [
        caller.cancel(ACCOUNT, 1),
        caller.read(ACCOUNT, 1),
        caller.open_orders(ACCOUNT),
        caller.cancel_all(ACCOUNT),
    ]
    assert [type(outcome) for outcome in again] == [InvalidCredentials] * 4
    with pytest.raises(InvalidCredentials, match="login_pause=60"):
        caller.warm_up()
    kinds = Counter(type(outcome) for _, outcome in caller.batch(orders(100), concurrency=4))
    assert set(kinds) == {InvalidCredentials, NotSent}
    assert broker.log_ins == 1


def test_after_the_pause_it_is_asked_again(
    open_client: Callable[..., Caller], clock: FakeClock, broker: Broker
) -> None:
    """The pause counts from the refusal, and a log-in that works ends it."""
    caller = open_client(login_pause=30)
    assert type(caller.cancel(ACCOUNT, 1)) is InvalidCredentials
    clock.advance(29.5)
    outcome = caller.cancel(ACCOUNT, 1)
    assert isinstance(outcome, InvalidCredentials)
    assert outcome.detail == "not asked again for 1 s, by login_pause=30: Invalid credentials"
    clock.advance(0.5)
    broker.log_in = DONE
    assert type(caller.cancel(ACCOUNT, 1)) is Cancelled
    assert broker.log_ins == 2


def test_a_login_pause_of_0_switches_the_pause_off(open_client: Callable[..., Caller], broker: Broker) -> None:
    """With login_pause=0, each call logs in again."""
    caller = open_client(login_pause=0)
    assert [type(caller.cancel(ACCOUNT, 1)) for _ in range(3)] == [InvalidCredentials] * 3
    assert broker.log_ins == 3


def test_only_a_refusal_begins_a_login_pause(open_client: Callable[..., Caller], broker: Broker) -> None:
    """Only refused credentials begin a pause; after any other failure the next call logs in again."""
    caller = open_client()
    for log_in in (Reply(status_code=500), Reply(status_code=403), Reply(status_code=200, body=b"<html>")):
        broker.log_in = log_in
        assert type(caller.cancel(ACCOUNT, 1)) is TokenUnavailable
    broker.log_in = DONE
    assert type(caller.cancel(ACCOUNT, 1)) is Cancelled
    assert broker.log_ins == 4


def test_a_401_of_an_order_begins_no_pause(open_client: Callable[..., Caller], broker: Broker) -> None:
    """A 401 for an order begins no pause, because it says nothing about the credentials."""
    caller = open_client()
    broker.log_in, broker.order = DONE, Reply(status_code=401)
    assert [type(caller.cancel(ACCOUNT, 1)) for _ in range(2)] == [NotAuthorized] * 2
    broker.order = Reply(status_code=204)
    assert type(caller.cancel(ACCOUNT, 1)) is Cancelled


def test_a_token_that_works_is_used_during_the_pause(open_client: Callable[..., Caller], broker: Broker) -> None:
    """A token that one order refused is still used for other orders after the next log-in was refused."""
    caller = open_client()
    broker.log_in = DONE
    assert type(caller.cancel(ACCOUNT, 1)) is Cancelled
    broker.log_in, broker.order = REFUSED, Reply(status_code=401)
    assert type(caller.cancel(ACCOUNT, 2)) is InvalidCredentials
    broker.order = Reply(status_code=204)
    assert type(caller.cancel(ACCOUNT, 3)) is Cancelled
    assert broker.log_ins == 2


def test_a_refusal_that_comes_at_the_deadline_counts(clock: FakeClock) -> None:
    """Law 6: a refusal that arrives at the deadline of the call begins the pause, too."""

    def answer(request: HttpRequest) -> Evidence:
        clock.advance(5)
        asked.append(request.method)
        return REFUSED

    asked = list[str]()
    with Client(base_url="http://127.0.0.1:9/api", credentials=USER, clock=clock, deadline=5) as client:
        FakeBackend(client, answer)
        for _ in range(3):
            with pytest.raises(InvalidCredentials):
                client.cancel_order(account_id=ACCOUNT, order_id=1)
    assert asked == ["POST"]


def test_a_long_reason_leaves_room_for_the_pause(clock: FakeClock) -> None:
    """A detail has at most 500 characters, and the pause comes first."""
    cache = TokenCache(USER, margin=300.0, clock=clock, pause=60.0)
    cache.fail(InvalidCredentials(detail="x" * 500, status_code=401))
    with pytest.raises(InvalidCredentials) as caught:
        cache.check_pause()
    assert caught.value.detail.startswith("not asked again for 60 s, by login_pause=60: x")
    assert len(caught.value.detail) == 500


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("bad", [-1, 86401, float("nan"), float("inf"), True, "60", None])
def test_a_wrong_pause_is_named(kind: Any, bad: object, token: TokenCredentials) -> None:
    """Law 9: a wrong login_pause is refused before any I/O; the message says what is expected."""
    with pytest.raises(ConfigurationError, match="login_pause must be a number of seconds from 0 to 86400, not "):
        kind(base_url="http://127.0.0.1:9", credentials=token, login_pause=bad)


@pytest.mark.parametrize("good", [0, 0.5, 86400])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_pause_may_be_none_and_a_day(kind: Any, good: float, token: TokenCredentials) -> None:
    """Both ends of the range are accepted: 0 and 86400 seconds."""
    assert kind(base_url="http://127.0.0.1:9", credentials=token, login_pause=good)
