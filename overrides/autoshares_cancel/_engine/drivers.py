"""SyncDriver and AsyncDriver perform the steps of a call. All the difference that there is between the clients.

The steps come from _cancel.flow and _auth.login; what both drivers share is in Core.
"""

import threading
import time
from collections.abc import Generator
from functools import partial
from typing import Any, Final, TypeVar

from autoshares_cancel._auth.login import AskSecondFactor, AskToken, called_second_factor
from autoshares_cancel._auth.token_cache import AccessToken
from autoshares_cancel._cancel.steps import Drive, GetToken, Grant, Send, Sleep
from autoshares_cancel._engine.call import Call
from autoshares_cancel._engine.engine import Core
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.tls import tls_context
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import AuthenticationError, ConfigurationError, TokenUnavailable

T = TypeVar("T")
Step = GetToken | Send | Sleep | AskToken | AskSecondFactor

LATE: Final = "the deadline passed while"
INHERITED: Final = object()
"""In place of an event loop: that of the parent, in a forked child."""


class SyncDriver(Core):
    """Blocks where it waits. Several threads may be in it at once."""

    def _open(self, settings: Settings) -> None:
        # Loads ssl and h11, not before a client is made. And so for AsyncClient below.
        from autoshares_cancel._http.wire import SyncWire  # noqa: PLC0415  # as said

        self._lock = threading.Lock()
        self._wire = SyncWire(self._origin, tls_context(settings.verify), settings.timeouts, proxies=settings.proxies)

    def _renew(self) -> None:
        """In a forked child: connections and locks of its own. The token is good there, too."""
        self._lock = threading.Lock()
        self._budget = RetryBudget(self._budget.left)
        self._wire = self._wire.renewed()

    @property
    def _is_closed(self) -> bool:
        return self._wire.is_closed

    def _cancel(self, call: Call, *, confirm: object) -> None:
        """The whole call; its outcome is the call's."""
        cancellation = self._cancellation(call, confirm=confirm)
        with self._traced(call, "cancel_order"), self._watched(call, cancellation):
            self._conclude(call, self._drive(cancellation.run(), call))

    def _warm(self, call: Call, connections: int) -> None:
        self._grant(None, call)
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # as in _open

        # At once, because one after the other would take the same connection.
        with ThreadPoolExecutor(connections) as pool:
            for _ in range(connections):
                pool.submit(self._exchange, self._preconnect(), call)

    def _exchange(self, request: HttpRequest, call: Call, secrets: tuple[Secret, ...] = ()) -> Evidence:
        if call.trace is None:
            return self._wire.exchange(request, call.deadline, secrets)
        with call.trace.request(request.method, request.url) as trace:
            trace.evidence = self._wire.exchange(request, call.deadline, secrets)
            return trace.evidence

    def _drive(self, steps: Generator[Any, Any, T], call: Call) -> T:
        drive = Drive(steps)
        while (step := drive.step) is not None:
            try:
                answer = self._perform(step, call)
            except AuthenticationError as error:
                drive.throw(error)
            else:
                drive.send(answer)
        return drive.result

    def _perform(self, step: Step, call: Call) -> object:
        match step:
            case GetToken():
                return self._grant(step.refused, call)
            case Send():
                started_at = self._starts(call, step)
                evidence = self._exchange(self._order_request(call, step), call, call.secrets)
                return self._attempt(call, step, evidence, started_at)
            case Sleep():
                return (self._settings.sleep or time.sleep)(step.seconds)
            case AskToken():
                return self._exchange(self._token_request(step), call, self._secrets)
            case AskSecondFactor():
                return called_second_factor(step.ask)

    def _grant(self, refused: AccessToken | None, call: Call) -> Grant:
        # Before the token is looked for: a log-in that fails in between is shared, too.
        seen = self._cache.rounds if call.batch is None else call.batch.rounds
        token = self._cache.usable(refused)
        if token is not None:
            return Grant(token, fresh=False)
        lock = self._lock  # which is another one after a fork
        if not lock.acquire(timeout=call.deadline.remaining()):
            raise TokenUnavailable(detail=f"{LATE} another call was logging in")
        try:
            token = self._cache.settled(refused, seen)
            return Grant(self._log_in(call), fresh=True) if token is None else Grant(token, fresh=False)
        finally:
            lock.release()

    def _log_in(self, call: Call) -> AccessToken:
        asked_at = self._settings.clock()
        try:
            return self._cache.keep(self._drive(self._dialog(), call), asked_at)
        except AuthenticationError as failure:
            self._cache.fail(failure if call.deadline.remaining() > 0 else None)
            raise


class AsyncDriver(Core):
    """Awaits where it waits, on asyncio and on trio."""

    def _open(self, settings: Settings) -> None:
        self._loop: object = None
        from autoshares_cancel._engine import event_loops  # noqa: PLC0415  # as said
        from autoshares_cancel._http.wire import AsyncWire  # noqa: PLC0415  # as said

        self._loops = event_loops
        self._lock = event_loops.Lock()
        self._wire = AsyncWire(self._origin, tls_context(settings.verify), settings.timeouts, proxies=settings.proxies)

    @property
    def _is_closed(self) -> bool:
        return self._wire.is_closed

    def _renew(self) -> None:
        """In a forked child: refuse every call from now on, unless there was none before the fork."""
        if self._loop is not None:
            self._loop = INHERITED
            self._wire.abandon()

    def _stay_in_one_loop(self) -> None:
        """Raises ConfigurationError in another event loop than the first, and in a child that was forked since.

        Connections and locks belong to the first one.
        """
        if self._loop is INHERITED:
            raise ConfigurationError("an AsyncClient belongs to the process of its first call: make another one")
        here = self._loops.running_loop()
        if self._loop is None:
            self._loop = here
            self._wire.opens_in(here)
        if self._loop != here:
            raise ConfigurationError("an AsyncClient belongs to the event loop of its first call: make another one")

    async def _cancel(self, call: Call, *, confirm: object) -> None:
        """The whole call; its outcome is the call's."""
        cancellation = self._cancellation(call, confirm=confirm)
        with self._traced(call, "cancel_order"), self._watched(call, cancellation):
            self._conclude(call, await self._drive(cancellation.run(), call))

    async def _warm(self, call: Call, connections: int) -> None:
        await self._grant(None, call)
        async with self._loops.create_task_group() as tasks:
            for _ in range(connections):
                tasks.start_soon(self._exchange, self._preconnect(), call)

    async def _exchange(self, request: HttpRequest, call: Call, secrets: tuple[Secret, ...] = ()) -> Evidence:
        if call.trace is None:
            return await self._wire.exchange(request, call.deadline, secrets)
        with call.trace.request(request.method, request.url) as trace:
            trace.evidence = await self._wire.exchange(request, call.deadline, secrets)
            return trace.evidence

    async def _drive(self, steps: Generator[Any, Any, T], call: Call) -> T:
        drive = Drive(steps)
        while (step := drive.step) is not None:
            try:
                answer = await self._perform(step, call)
            except AuthenticationError as error:
                drive.throw(error)
            else:
                drive.send(answer)
        return drive.result

    async def _perform(self, step: Step, call: Call) -> object:
        match step:
            case GetToken():
                return await self._grant(step.refused, call)
            case Send():
                started_at = self._starts(call, step)
                evidence = await self._exchange(self._order_request(call, step), call, call.secrets)
                return self._attempt(call, step, evidence, started_at)
            case Sleep():
                return await (self._settings.sleep or self._loops.sleep)(step.seconds)
            case AskToken():
                return await self._exchange(self._token_request(step), call, self._secrets)
            case AskSecondFactor():
                with self._loops.move_on_after(call.deadline.remaining()):
                    return await self._loops.in_thread(partial(called_second_factor, step.ask))
                raise TokenUnavailable(detail=f"{LATE} second_factor was running")

    async def _grant(self, refused: AccessToken | None, call: Call) -> Grant:
        token = self._cache.usable(refused)
        if token is not None:
            return Grant(token, fresh=False)
        seen = self._cache.rounds if call.batch is None else call.batch.rounds
        with self._loops.move_on_after(call.deadline.remaining()) as waiting:
            await self._lock.acquire()
        if waiting.cancelled_caught:
            raise TokenUnavailable(detail=f"{LATE} another call was logging in")
        try:
            token = self._cache.settled(refused, seen)
            return Grant(await self._log_in(call), fresh=True) if token is None else Grant(token, fresh=False)
        finally:
            self._lock.release()

    async def _log_in(self, call: Call) -> AccessToken:
        asked_at = self._settings.clock()
        try:
            return self._cache.keep(await self._drive(self._dialog(), call), asked_at)
        except AuthenticationError as failure:
            self._cache.fail(failure if call.deadline.remaining() > 0 else None)
            raise
