"""Everybody who shares one client and calls at the same time: 64 threads, or 1,000 tasks."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.lowlevel
from colours import AsyncCaller, Caller

from autoshares_cancel import AsyncClient, AutosharesError
from autoshares_cancel._evidence import Reply
from autoshares_cancel._request import Prepared
from autoshares_cancel._wire import SyncWire
from autoshares_cancel.mock import MockServer

PATIENCE_SECONDS = 20
"""Nobody waits so long; who would wait for ever fails the test then."""


class Door:
    """Lets log-ins through to the mock, and answers cancels as the exchange would."""

    def __init__(self, wire: Any, server: MockServer) -> None:
        self._way, self._server = wire.exchange, server
        self.cancels = 0
        self.revoke_at: int | None = None
        vars(wire)["exchange"] = self.exchange if isinstance(wire, SyncWire) else self.exchange_async

    def exchange(self, request: Prepared, *rest: Any) -> Any:
        return self._answer(request) or self._way(request, *rest)

    async def exchange_async(self, request: Prepared, *rest: Any) -> Any:
        await anyio.lowlevel.checkpoint()
        return self._answer(request) or await self._way(request, *rest)

    def _answer(self, request: Prepared) -> Reply | None:
        if request.method != "DELETE":
            return None
        self.cancels += 1
        if self.cancels == self.revoke_at:
            self._server.exchange.revoke_tokens()
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return Reply(status_code=204 if self._server.exchange.user_of(token) else 401)


class Crowd:
    """Everybody who shares one client, and the door that their requests go through."""

    def __init__(self, caller: Caller, server: MockServer) -> None:
        self.caller = caller
        self.door = Door(caller.client._wire, server)
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
