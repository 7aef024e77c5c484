"""The throttle of a batch, on a clock that only waiting moves, with every kind of client."""

import sys
import threading
from typing import Any

import anyio.lowlevel
import pytest
from conftest import MakeCaller, Tell
from support.clients import CLIENT_KINDS
from support.fake_backend import ACCOUNT, GONE, SETTINGS, FakeBackend, once_each, orders
from support.mock_orders import FIRST_PLACED, OWN, live, place
from support.rates import most_in_any
from support.tables import mainly

from autoshares_cancel import (
    Cancelled,
    ConfigurationError,
    NoReply,
    NotSent,
    PasswordCredentials,
    RateLimited,
    RetryPolicy,
)
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, NoResponse, Reply
from autoshares_cancel.mock import MockServer

AT_ONCE = {client_kind: 1 if client_kind == "sync" else 8 for client_kind in CLIENT_KINDS}
"""One order at a time with threads: several would read the clock while others move it."""
TOKEN = Reply(status_code=200, body=b'{"State": "Succeeded", "Token": "an-access-token"}')
PATIENT: dict[str, Any] = {"retry": RetryPolicy(attempts=5), "resolve": True, "deadline": 3600}


class Time:
    """A clock, and a blocking and an awaited wait on it."""

    def __init__(self, client_kind: str) -> None:
        self.now = 1000.0
        self._lock = threading.Lock()
        self.settings = {
            "clock": lambda: self.now,
            "sleep": self.pass_by if client_kind == "sync" else self.pass_by_async,
        }

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds

    async def pass_by_async(self, seconds: float) -> None:
        until = self.now + seconds
        await anyio.lowlevel.checkpoint()
        self.now = max(self.now, until)


class Server:
    """A server with these replies, whose log-ins take time."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.replies = dict[int, list[Evidence]]()
        self.log_in_seconds = 0.0

    def __call__(self, request: HttpRequest) -> Evidence:
        if request.method == "POST":
            self.time.pass_by(self.log_in_seconds)
            return TOKEN
        order_id = int(request.target.rpartition("/")[2])
        waiting = self.replies.get(order_id, [])
        return waiting.pop(0) if waiting else GONE


@pytest.fixture
def time(client_kind: str) -> Time:
    return Time(client_kind)


@pytest.fixture
def server(time: Time) -> Server:
    return Server(time)


def working(order_id: int) -> Reply:
    """The reply to a read of the order."""
    body = b'{"Id": %d, "AccountId": %d, "Status": "New"}' % (order_id, ACCOUNT)
    return Reply(status_code=200, body=body)


@pytest.mark.parametrize("rate", [2, 10, 12.5])
def test_all_requests_of_a_batch_keep_its_rate(
    make_caller: MakeCaller, client_kind: str, time: Time, server: Server, rate: float
) -> None:
    """Rule 4: the rate holds in every second, for cancels, reads and repeated cancels together."""
    caller = make_caller(**SETTINGS, **time.settings, **PATIENT)
    backend = FakeBackend(caller.client, server)
    for order_id in range(1, 60, 3):
        server.replies[order_id] = [NoResponse(reason="reset"), working(order_id)]
    yielded = caller.batch(orders(60), concurrency=AT_ONCE[client_kind], rate=rate)
    assert {type(outcome) for _, outcome in yielded} == {Cancelled}
    assert len(backend.times) == 60 + 20 * 2
    assert most_in_any(backend.times, 1.0) <= rate
    assert backend.times[-1] - backend.times[0] < 1.2 * 100 / rate + 5


def test_an_order_that_waited_for_a_log_in_counts_when_it_is_sent(
    make_caller: MakeCaller, client_kind: str, time: Time, server: Server, trader: PasswordCredentials
) -> None:
    """Rule 4: orders that wait for the same log-in are not all sent right after it."""
    caller = make_caller(**SETTINGS | {"credentials": trader}, **time.settings, **PATIENT)
    backend = FakeBackend(caller.client, server)
    server.log_in_seconds = 30.0
    yielded = caller.batch(orders(30), concurrency=AT_ONCE[client_kind], rate=3)
    assert {type(outcome) for _, outcome in yielded} == {Cancelled}
    assert most_in_any(backend.times, 1.0) <= 3


@pytest.mark.parametrize(("held_up", "sent_after"), [(0.09, 0.09), (0.11, 10.0)])
def test_an_order_that_is_held_up_for_a_moment_keeps_its_turn(
    make_caller: MakeCaller, time: Time, server: Server, trader: PasswordCredentials, held_up: float, sent_after: float
) -> None:
    """Law 7: up to a hundredth of the time between two requests is no reason to wait for another turn."""
    caller = make_caller(**SETTINGS | {"credentials": trader}, **time.settings, **PATIENT)
    backend, began_at = FakeBackend(caller.client, server), time.now
    server.log_in_seconds = held_up
    assert [type(outcome) for _, outcome in caller.batch(orders(1), rate=0.1)] == [Cancelled]
    assert [at - began_at for at in backend.times] == [pytest.approx(sent_after, abs=0.001)]


@pytest.mark.parametrize("status_code", [429, 503])
def test_a_required_wait_is_kept_by_all_orders(
    make_caller: MakeCaller, client_kind: str, time: Time, server: Server, status_code: int
) -> None:
    """Rule 4: no order is sent before the required wait is over; then all are cancelled."""
    caller = make_caller(**SETTINGS, **time.settings, **PATIENT)
    backend = FakeBackend(caller.client, server)
    then = GONE if status_code == 429 else working(10)
    server.replies[10] = [Reply(status_code=status_code, headers={"Retry-After": "60"}), then]
    yielded = caller.batch(orders(40), concurrency=AT_ONCE[client_kind])
    assert once_each(orders(40), yielded)
    assert {type(outcome) for _, outcome in yielded} == {Cancelled}
    pauses = [late - early for early, late in zip(backend.times, backend.times[1:], strict=False)]
    assert [pause >= 60 for pause in pauses].count(True) == 1
    # Requests that were sent together with order 10 had left already.
    assert next(nth for nth, pause in enumerate(pauses) if pause >= 60) <= 9 + AT_ONCE[client_kind]


def test_after_a_wait_beyond_the_deadline_nothing_more_is_sent(
    make_caller: MakeCaller, client_kind: str, time: Time, server: Server
) -> None:
    """Laws 4 and 7: an order that got a 429 is RateLimited, one without a reply unknown, the others are not sent."""
    caller = make_caller(**SETTINGS, **time.settings, **PATIENT)
    backend = FakeBackend(caller.client, server)
    server.replies[1] = [Reply(status_code=429, headers={"Retry-After": "3000"})]
    server.replies[2] = [NoResponse(reason="reset"), working(2)]
    yielded = caller.batch(orders(20), concurrency=min(2, AT_ONCE[client_kind]), deadline=10, batch_deadline=100)
    outcomes = {order_id: type(outcome) for (_, order_id), outcome in yielded}
    assert once_each(orders(20), yielded)
    assert outcomes[1] is RateLimited
    assert outcomes[2] is (NotSent if client_kind == "sync" else NoReply)
    assert {outcomes[order_id] for order_id in range(3, 21)} == {NotSent}
    assert len(backend.times) <= {"sync": 1}.get(client_kind, 3)  # a read, if it came before the 429


def test_a_wait_that_outlives_an_order_ends_it_at_its_deadline(
    make_caller: MakeCaller, client_kind: str, time: Time, server: Server
) -> None:
    """Rule 5: Retry-After: 86400 holds no order longer than its deadline, and the outcome says why."""
    caller = make_caller(**SETTINGS, **time.settings, **PATIENT)
    backend = FakeBackend(caller.client, server)
    server.replies[1] = [Reply(status_code=429, headers={"Retry-After": "86400"})]
    began = time.now
    yielded = caller.batch(orders(5), concurrency=1, deadline=30, batch_deadline=600)
    outcomes = [outcome for _, outcome in yielded]
    assert [type(outcome) for outcome in outcomes] == [RateLimited, *[NotSent] * 4]
    assert time.now - began == pytest.approx(4 * 30, abs=1)
    expected = "the server asked to wait 86400 s; the deadline of the order was over before its turn"
    assert {outcome.detail for outcome in outcomes[1:]} == {expected}
    assert len(backend.times) == 1


def test_a_wait_that_ends_within_the_deadline_leaves_all_of_it_to_the_call(
    make_caller: MakeCaller, time: Time, server: Server
) -> None:
    """Rule 5: an order that waited 20 s of its 30 s may wait 20 s more once it has begun."""
    caller = make_caller(**SETTINGS, **time.settings, **PATIENT)
    backend = FakeBackend(caller.client, server)
    server.replies[1] = [Reply(status_code=429, headers={"Retry-After": "40"})]
    server.replies[3] = [Reply(status_code=429, headers={"Retry-After": "20"})]
    yielded = caller.batch(orders(3), concurrency=1, deadline=30)
    assert [type(outcome) for _, outcome in yielded] == [RateLimited, NotSent, Cancelled]
    assert backend.sent == [1, 3, 3]


def test_a_read_that_the_rate_leaves_no_time_for_is_not_made(
    make_caller: MakeCaller, time: Time, server: Server
) -> None:
    """Laws 4 and 7: an order without a reply is unknown if the rate leaves no time to read it before its deadline."""
    caller = make_caller(**SETTINGS, **time.settings, **PATIENT)
    backend = FakeBackend(caller.client, server)
    server.replies[1] = [NoResponse(reason="reset"), working(1)]
    ((_, outcome),) = caller.batch(orders(1), concurrency=1, rate=0.1, deadline=5)
    assert type(outcome) is NoReply
    assert len(backend.times) == 1
    assert time.now < 1006


@pytest.mark.parametrize("client_kind", mainly("sync", CLIENT_KINDS))
def test_a_busy_server_gets_every_cancel(
    make_caller: MakeCaller, mock_server: MockServer, tell: Tell, trader: PasswordCredentials
) -> None:
    """At a server that asks to wait, all orders are cancelled, and none of them is open any more."""
    placed = place(mock_server, range(FIRST_PLACED, FIRST_PLACED + 3))
    tell("faults", faults=[{"fault": f"429-{when}", "method": "DELETE"} for when in ("at-once", "in-a-second")])
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, retry=RetryPolicy(), resolve=True)
    yielded = caller.batch([(OWN, order_id) for order_id in placed], concurrency=8)
    assert {type(outcome) for _, outcome in yielded} == {Cancelled}
    assert placed.isdisjoint(live(mock_server))


def test_a_rate_without_its_library_is_a_configuration_error(
    make_caller: MakeCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate without its library raises ConfigurationError before any order is taken; other batches need no extra."""
    monkeypatch.setitem(sys.modules, "pyrate_limiter", None)
    caller, source = make_caller(**SETTINGS), iter(orders(2))
    FakeBackend(caller.client)
    with pytest.raises(ConfigurationError, match=r"pip install 'autoshares-cancel\[rate\]'"):
        caller.open_batch(source, rate=5)
    assert once_each(orders(2), caller.batch(source))
