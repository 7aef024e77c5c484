"""Many callers that share one client and call at the same time: 64 threads, or 250 tasks."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.lowlevel
from support.clients import AsyncCaller, Caller
from support.fake_backend import PATIENCE_SECONDS

from autoshares_cancel import AsyncClient, AutosharesError
from autoshares_cancel._engine.blocking_backend import BlockingBackend
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel.mock import MockServer


class Gate:
    """Holds log-ins until it is open, then forwards them to the mock; answers cancels as the exchange would."""

    def __init__(self, backend: Any, server: MockServer) -> None:
        self._way, self._server = backend.exchange, server
        self._lock = threading.Lock()
        self.cancels = self.log_ins = 0
        self.revoke_at: int | None = None
        self.is_open = threading.Event()
        self.is_open.set()
        self.instead = list[Evidence]()
        """Evidence for the next log-ins in place of the mock's reply."""
        is_blocking = isinstance(backend, BlockingBackend)
        vars(backend)["exchange"] = self.exchange if is_blocking else self.exchange_async

    async def exchange(self, request: HttpRequest, *rest: Any) -> Any:
        if request.method == "DELETE":
            return self._answer(request)
        self._comes()
        assert self.is_open.wait(PATIENCE_SECONDS), "the gate never opened"
        return self.instead.pop(0) if self.instead else await self._way(request, *rest)

    async def exchange_async(self, request: HttpRequest, *rest: Any) -> Any:
        await anyio.lowlevel.checkpoint()
        if request.method == "DELETE":
            return self._answer(request)
        self._comes()
        while not self.is_open.is_set():  # noqa: ASYNC110  # other threads open it
            await anyio.sleep(0.001)
        return self.instead.pop(0) if self.instead else await self._way(request, *rest)

    def _comes(self) -> None:
        with self._lock:
            self.log_ins += 1

    def _answer(self, request: HttpRequest) -> Reply:
        with self._lock:
            self.cancels += 1
            if self.cancels == self.revoke_at:
                self._server.exchange.revoke_tokens()
            token = request.headers.by_name["Authorization"].removeprefix("Bearer ")
            return Reply(status_code=204 if self._server.exchange.user_of(token) else 401)


class CountingLock:
    """The log-in lock of a client; it reports each caller and its time limit."""

    def __init__(self, lock: Any, comes: Callable[[float], None]) -> None:
        self._lock, self._comes = lock, comes
        self.release = lock.release

    def acquire(self, **options: Any) -> Any:
        # An asynchronous lock has its time limit in the enclosing scope.
        self._comes(options.get("timeout") or anyio.current_effective_deadline() - anyio.current_time())
        return self._lock.acquire(**options)


class Crowd:
    """Callers that share one client, and the gate that their requests pass."""

    def __init__(self, caller: Caller, server: MockServer) -> None:
        self.caller = caller
        backend: Any = caller.client._engine.backend
        self.gate = Gate(backend, server)
        self.size = 250 if isinstance(caller, AsyncCaller) else 64
        self.here = 0
        """The number of callers that wait for a log-in or have ended their call."""
        self.longest_wait = 0.0
        self._opens_at: int | None = None
        self._lock = threading.Lock()
        backend.lock = CountingLock(backend.lock, self._comes)

    def open_when_here(self, count: int) -> None:
        """Close the gate until this many callers wait or have ended, so that all callers share the log-in."""
        self.gate.is_open.clear()
        self.here, self._opens_at = 0, count

    def _comes(self, wait: float = 0.0) -> None:
        with self._lock:
            self.here += 1
            self.longest_wait = max(self.longest_wait, wait)
            if self.here == self._opens_at:
                self.gate.is_open.set()

    def call(self, **options: Any) -> object:
        """Make one call in the current thread."""
        outcome = self.caller.cancel(**options)
        self._comes()
        return outcome

    def rush(self, **options: Any) -> list[type]:
        """All callers call at the same time; returns the types of their outcomes. Asserts that no outcome is shared."""
        options = {"account_id": 6303, "order_id": 73552, "deadline": PATIENCE_SECONDS, **options}
        if isinstance(self.caller, AsyncCaller):
            outcomes = self.caller.portal.call(self.tasks, self.caller.client, options)
        else:
            outcomes = at_once(*[lambda: self.call(**options)] * self.size)
        assert len({id(outcome) for outcome in outcomes}) == self.size
        return [type(outcome) for outcome in outcomes]

    async def tasks(self, client: AsyncClient, options: dict[str, Any]) -> list[object]:
        outcomes = list[object]()

        async def call() -> None:
            try:
                outcomes.append(await client.cancel_order(**options))
            except AutosharesError as error:
                outcomes.append(error)
            self._comes()

        with anyio.fail_after(2 * PATIENCE_SECONDS):
            async with anyio.create_task_group() as group:
                for _ in range(self.size):
                    group.start_soon(call)
        return outcomes


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Begin all calls at the same time, each in its own thread; return their results in the same sequence."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait(PATIENCE_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [running.result(2 * PATIENCE_SECONDS) for running in [pool.submit(run, call) for call in calls]]
