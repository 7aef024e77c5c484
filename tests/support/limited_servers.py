"""Servers that limit the request rate, as transports for AsyncClient: sliding window, aligned window, token bucket."""

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

import httpx
from attrs import define, field

Clock = Callable[[], float]


class Limit(Protocol):
    """Allows some requests, and counts them."""

    rate: float
    """The most requests a second. A test may change it."""

    def allows(self, now: float) -> bool: ...


@define
class SlidingWindow:
    """At most `rate` requests in any second."""

    rate: float
    _allowed: deque[float] = field(factory=deque[float])

    def allows(self, now: float) -> bool:
        while self._allowed and self._allowed[0] <= now - 1.0:
            self._allowed.popleft()
        if len(self._allowed) >= self.rate:
            return False
        self._allowed.append(now)
        return True


@define
class AlignedWindow:
    """At most `rate` requests from one full second of the clock to the next."""

    rate: float
    _second: int = 0
    _count: int = 0

    def allows(self, now: float) -> bool:
        if math.floor(now) != self._second:
            self._second, self._count = math.floor(now), 0
        self._count += 1
        return self._count <= self.rate


@define
class TokenBucket:
    """A bucket of `rate` tokens, full at first, that gets `rate` new tokens each second."""

    rate: float
    _tokens: float | None = None
    _at: float = 0.0

    def allows(self, now: float) -> bool:
        tokens = self.rate if self._tokens is None else self._tokens + (now - self._at) * self.rate
        tokens, self._at = min(self.rate, tokens), now
        is_allowed = tokens >= 1.0
        self._tokens = tokens - is_allowed
        return is_allowed


LIMITS: dict[str, Callable[[float], Limit]] = {
    "sliding": SlidingWindow,
    "aligned": AlignedWindow,
    "bucket": TokenBucket,
}


@define
class LimitedServer:
    """Answers 204, or 429 beyond its limit; request and reply take some milliseconds each."""

    clock: Clock
    allows: Callable[[float], bool] = lambda _: True
    retry_after: str | None = "1"
    latency: float = 0.005
    on_reply: Callable[["LimitedServer"], object] = lambda _: None
    replies: list[tuple[float, int]] = field(factory=list[tuple[float, int]])
    """The time of every request on the clock, and the status of its reply."""
    _random: random.Random = field(factory=lambda: random.Random(7))

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self.latency * self._random.uniform(0.4, 0.6))
        now = self.clock()
        status_code = 204 if self.allows(now) else 429
        self.replies.append((now, status_code))
        await asyncio.sleep(self.latency * self._random.uniform(0.4, 0.6))
        wait = {} if status_code == 204 or self.retry_after is None else {"Retry-After": self.retry_after}
        return httpx.Response(status_code, headers=wait)

    async def aclose(self) -> None:
        """Close nothing, because nothing is open."""

    def openings(self, pause: float) -> list[list[int]]:
        """The statuses of all replies, split at pauses."""
        return openings_of(self.replies, pause)


def openings_of(replies: list[tuple[float, int]], pause: float) -> list[list[int]]:
    """The statuses of replies, split where no request came for this many seconds after a 429."""
    openings, asked_at = [list[int]()], math.inf
    for nth, (at, status_code) in enumerate(replies):
        if asked_at < math.inf and at - replies[nth - 1][0] >= pause:
            openings.append([])
            asked_at = math.inf
        openings[-1].append(status_code)
        asked_at = at if status_code != 204 else asked_at
    return openings
