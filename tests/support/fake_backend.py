"""A replacement for the connections of any client: it returns scripted replies and records requests."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import anyio
import anyio.lowlevel
from attrs import define, field

from autoshares_cancel import TokenCredentials
from autoshares_cancel._engine.blocking_backend import BlockingBackend
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply

SETTINGS: dict[str, Any] = {
    "base_url": "http://127.0.0.1:9/api",
    "credentials": TokenCredentials(app_key="an-app-key", token="an-access-token"),
}
GONE = Reply(status_code=204)
ACCOUNT = 6303
PATIENCE_SECONDS = 60
"""Longer than any test takes: it turns a hang into a failure."""


def orders(count: int, first: int = 1) -> list[tuple[int, int]]:
    """This many pairs of account_id and order_id, with increasing order_ids."""
    return [(ACCOUNT, order_id) for order_id in range(first, first + count)]


@define
class FakeBackend:
    """The replies and the record. Requests for orders in `held` wait; they count as sent, unless `early` is set."""

    client: Any
    answer: Callable[[HttpRequest], Evidence] = lambda _: GONE
    held: set[int] = field(factory=set[int])
    early: bool = False
    on_held: Callable[[set[int]], object] = lambda _: None
    """Called with all waiting orders whenever one more waits."""
    waiting: set[int] = field(factory=set[int])
    """The held orders whose request has arrived."""
    sent: list[int] = field(factory=list[int])
    """The order of each request that was sent."""
    times: list[float] = field(factory=list[float])
    """The time of each request about an order, on the client's clock."""
    limits: list[float] = field(factory=list[float])
    """The seconds that each request may take."""
    at_once: int = 0
    at_once_at_most: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        backend = self.client._engine.backend
        vars(backend)["exchange"] = self._blocking if isinstance(backend, BlockingBackend) else self._awaiting

    def hold(self, *order_ids: int) -> None:
        """Hold requests for these orders."""
        self.held |= {*order_ids}

    def release(self, *order_ids: int) -> None:
        """Release these orders, or all orders without arguments."""
        self.held -= {*order_ids} if order_ids else {*self.held}

    @property
    def twice(self) -> list[int]:
        """Orders with more than one request."""
        return [order_id for order_id, times in Counter(self.sent).items() if times > 1]

    async def _blocking(self, request: HttpRequest, transmission: Transmission, _: Any) -> Evidence:
        order_id, deadline = self._comes(request, transmission), transmission.deadline
        self._waits(order_id)
        while order_id in self.held:
            if deadline.remaining() <= 0:
                return self._late(order_id)
            threading.Event().wait(0.0005)
        return self._goes(request)

    async def _awaiting(self, request: HttpRequest, transmission: Transmission, _: Any) -> Evidence:
        order_id, deadline = self._comes(request, transmission), transmission.deadline
        try:
            await anyio.lowlevel.checkpoint()
            self._waits(order_id)
            while order_id in self.held:
                if deadline.remaining() <= 0:
                    return self._late(order_id)
                await anyio.sleep(0.0005)
        except BaseException:
            self._ends()
            raise
        return self._goes(request)

    def _comes(self, request: HttpRequest, transmission: Transmission) -> int:
        order_id = int(request.target.rpartition("/")[2]) if "/orders/" in request.target else 0
        with self._lock:
            self.limits.append(transmission.deadline.remaining())
            self.at_once += 1
            self.at_once_at_most = max(self.at_once_at_most, self.at_once)
            if order_id:
                self.times.append(self.client._engine.settings.clock())
            if not self.early:
                transmission.may_have_left = True
                self.sent.append(order_id)
        return order_id

    def _waits(self, order_id: int) -> None:
        if order_id in self.held:
            with self._lock:
                self.waiting.add(order_id)
                self.on_held(self.waiting)

    def _goes(self, request: HttpRequest) -> Evidence:
        self._ends()
        return self.answer(request)

    def _late(self, order_id: int) -> Evidence:
        self._ends()
        return NotWritten(reason="late") if self.early else NoResponse(reason="late")

    def _ends(self) -> None:
        with self._lock:
            self.at_once -= 1


def until(is_so: Callable[[], object]) -> None:
    """Wait until `is_so` is true; fail the test if it never is."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.001)


def once_each(given: Iterable[Any], came_out: Iterable[tuple[Any, Any]]) -> bool:
    """Whether each of these orders was yielded exactly once."""
    return Counter(given) == Counter(order for order, _ in came_out)
