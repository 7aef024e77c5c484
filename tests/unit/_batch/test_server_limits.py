"""A batch of AsyncClient at servers that limit the rate of requests, in virtual time."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen
from support.fake_backend import ACCOUNT, SETTINGS, once_each, orders
from support.limited_servers import LIMITS, LimitedServer, SlidingWindow
from support.tables import crossed, mainly
from support.virtual_time import VirtualLoop, run_virtually

from autoshares_cancel import AsyncClient, Cancelled, NotSent, OutcomeUnknown, RateLimited

IN_FLIGHT = 64
DEADLINE = 30.0
DEFAULTS: dict[str, Any] = {"concurrency": IN_FLIGHT, "deadline": DEADLINE}


@frozen(kw_only=True)
class Played:
    """How a batch ended."""

    server: LimitedServer
    outcomes: list[tuple[float, Any]]
    """The seconds since the beginning of the batch, and the outcome of each order."""

    @property
    def seconds(self) -> float:
        return self.outcomes[-1][0]

    @property
    def kinds(self) -> Counter[type]:
        return Counter(type(outcome) for _, outcome in self.outcomes)


def play(make_server: Callable[[VirtualLoop], LimitedServer], count: int, **options: Any) -> Played:
    """Cancel this many orders."""

    async def main(loop: VirtualLoop) -> Played:
        server, began, ended, yielded = make_server(loop), loop.time(), list[tuple[float, Any]](), list[Any]()
        async with AsyncClient(**SETTINGS, transport=server, clock=loop.time) as client:
            async for order, outcome in client.cancel_orders(orders(count), **DEFAULTS | options):
                ended.append((loop.time() - began, outcome))
                yielded.append((order, outcome))
        assert once_each(orders(count), yielded)
        return Played(server=server, outcomes=ended)

    return run_virtually(main)


def limited(kind: str, rate: float, **options: Any) -> Callable[[VirtualLoop], LimitedServer]:
    """A server with this limit."""
    return lambda loop: LimitedServer(loop.time, LIMITS[kind](rate).allows, **options)


def refusing(*numbers: int, **options: Any) -> Callable[[VirtualLoop], LimitedServer]:
    """A server without a limit that answers 429 to the requests with these numbers, from 1."""
    seen = iter(range(1, 1_000_000))
    return lambda loop: LimitedServer(loop.time, lambda _: next(seen) not in numbers, **options)


@pytest.mark.parametrize(("rate", "kind", "latency"), crossed([10, 20, 50], [*LIMITS], [0.005, 0.1]))
def test_all_orders_are_cancelled_at_almost_the_rate_of_the_server(rate: int, kind: str, latency: float) -> None:
    """With Retry-After, all are cancelled in 1.3 times the shortest time plus 3 s; later pauses have few 429s."""
    played = play(limited(kind, rate, latency=latency), 300)
    assert played.kinds == {Cancelled: 300}
    assert played.seconds <= 1.3 * 300 / rate + 3
    late = [status for opening in played.server.openings(0.85)[3:] for status in opening]
    assert late.count(429) * 10 <= len(late)


@pytest.mark.parametrize(("rate", "kind"), crossed([10, 50], [*LIMITS]))
def test_after_a_pause_not_all_are_sent_at_once(rate: int, kind: str) -> None:
    """Each later opening has at most one 429; the first second after the first pause is within the limit."""
    played = play(limited(kind, rate), 300)
    first, *others = played.server.openings(0.9)
    assert len(first) >= IN_FLIGHT
    assert [opening.count(429) <= 1 for opening in others] == [True] * len(others)
    reopened = [at for at, _ in played.server.replies[len(first) :]]
    assert sum(at < reopened[0] + 1.0 for at in reopened) <= rate


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("rate", [20])
def test_without_a_time_the_batch_finds_the_rate_as_well(rate: int, kind: str) -> None:
    """Without Retry-After, all are cancelled, and after the first burst less than a tenth is refused."""
    played = play(limited(kind, rate, retry_after=None), 300)
    assert played.kinds == {Cancelled: 300}
    assert played.seconds <= 1.3 * 300 / rate + 5
    refused = [status for _, status in played.server.replies[2 * IN_FLIGHT :]].count(429)
    assert refused * 10 < 300


def test_a_batch_slows_down_when_the_limit_drops() -> None:
    """When the limit drops to a fifth, all are still cancelled, and each pause costs at most two 429s."""

    def make(loop: VirtualLoop) -> LimitedServer:
        limit, began = SlidingWindow(50), loop.time()

        def allows(now: float) -> bool:
            limit.rate = 50 if now < began + 3 else 10
            return limit.allows(now)

        return LimitedServer(loop.time, allows)

    played = play(make, 300)
    assert played.kinds == {Cancelled: 300}
    passed_before = 50 + 2 * 45
    assert played.seconds <= 3 + 1.3 * (300 - passed_before) / 10 + 3
    assert [opening.count(429) <= 2 for opening in played.server.openings(0.9)[1:]].count(False) == 0


def test_a_limit_that_rises_is_used() -> None:
    """When a limit of ten a second is lifted, 600 orders take less than 45 s, and not 60 s."""

    def make(loop: VirtualLoop) -> LimitedServer:
        limit, began = SlidingWindow(10), loop.time()
        return LimitedServer(loop.time, lambda now: now > began + 5 or limit.allows(now))

    played = play(make, 600)
    assert played.kinds == {Cancelled: 600}
    assert played.seconds < 45


@pytest.mark.parametrize("stray", mainly((40, 500), [(1, 800), (40, 500), (900, 1000)]))
def test_a_stray_429_does_not_slow_down_a_batch(stray: tuple[int, int]) -> None:
    """A single 429 of an unlimited server costs little more than its Retry-After, at any request."""
    nth, count = stray
    unlimited = count / IN_FLIGHT * 0.006  # the longest round trip of a request
    assert play(refusing(nth), count).seconds < 1.2 * unlimited + 1.1


def test_a_stray_429_to_a_single_request_is_left_behind() -> None:
    """After a 429 to the first request, the rate begins at nine a second, and 300 orders take less than 35 s."""
    assert play(refusing(1), 300, concurrency=1).seconds < 35


def test_a_wait_that_outlives_all_deadlines_ends_each_order_at_its_own() -> None:
    """With Retry-After: 86400, refused orders are RateLimited at once, the others NotSent after their deadlines."""
    played = play(limited("bucket", 10, retry_after="86400"), 200)
    assert played.kinds == {Cancelled: 10, RateLimited: 55, NotSent: 135}
    waited = [(at, outcome) for at, outcome in played.outcomes if isinstance(outcome, NotSent)]
    for nth, (at, outcome) in enumerate(waited):
        assert at == pytest.approx(DEADLINE * (1 + nth // IN_FLIGHT), abs=0.1)
        assert outcome.detail == "the server asked to wait 86400 s; the deadline of the order was over before its turn"


def test_orders_of_a_pause_are_cancelled_after_it_if_their_deadline_allows() -> None:
    """A pause longer than a deadline ends the orders that were taken at its beginning, not those taken later."""
    played = play(limited("bucket", 50, retry_after="45"), 300)
    assert set(played.kinds) == {Cancelled, RateLimited, NotSent}
    assert played.kinds[NotSent] == IN_FLIGHT
    assert played.kinds[Cancelled] > 150


def test_an_order_in_doubt_that_could_not_wait_is_unknown() -> None:
    """Law 4: an order in doubt is unknown even if this batch sent nothing: an earlier cancel may have worked."""
    is_in_doubt = (ACCOUNT, 2).__eq__
    played = play(refusing(1, retry_after="600"), 2, concurrency=1, in_doubt=is_in_doubt)
    assert played.kinds == {RateLimited: 1, OutcomeUnknown: 1}
    assert "asked to wait 600 s" in played.outcomes[1][1].detail


def test_waiting_for_the_rate_or_a_slot_costs_no_deadline() -> None:
    """Orders that wait longer than their deadline for the rate or for a slot are still cancelled."""
    assert play(refusing(), 40, rate=2, deadline=5.0).kinds == {Cancelled: 40}
    after_a_pause = play(limited("bucket", 2), 100, deadline=5.0)
    assert after_a_pause.kinds[NotSent] == 0
    assert after_a_pause.kinds[RateLimited] < IN_FLIGHT
