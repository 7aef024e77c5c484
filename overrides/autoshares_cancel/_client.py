"""Client and AsyncClient: thin shells around the same decisions.

What both share is in Core. What each does for itself is to perform the steps that _cancellation and _auth.log_in yield,
with its own kind of lock and its own kind of waiting.
"""

import threading
import time
from collections.abc import Generator
from typing import Any, Final, Self, TypeVar, cast

import anyio
import anyio.to_thread
import httpx

from autoshares_cancel._auth import AccessToken, AskSecondFactor, AskToken, called_second_factor
from autoshares_cancel._cancellation import GetToken, Grant, Send, Sleep
from autoshares_cancel._core import Call, Core
from autoshares_cancel._order import Order
from autoshares_cancel._outcomes import Cancelled
from autoshares_cancel._secret import Secret
from autoshares_cancel._settings import Settings
from autoshares_cancel._transport import open_http
from autoshares_cancel._wire import exchange, exchange_async, prepare
from autoshares_cancel.errors import AuthenticationError, TokenUnavailable
from autoshares_openapi import Request
from autoshares_openapi.api.orders import cancel_order, cancel_order_at_venue, get_order

T = TypeVar("T")
Step = GetToken | Send | Sleep | AskToken | AskSecondFactor

LATE: Final = "the deadline passed while"


class _Requests(Core):
    """What both clients send, by the generated operations."""

    def _order_request(self, call: Call, step: Send) -> httpx.Request:
        call.secrets += (step.token,)
        operation = get_order if step.what == "read" else cancel_order_at_venue if call.venue else cancel_order
        version = self._settings.api_version
        request = operation.request(version=version, account_id=call.account_id, order_id=call.order_id)
        return self._request(request, step.token)

    def _request(self, request: Request, bearer: Secret | None) -> httpx.Request:
        app_key, base_url = self._settings.credentials.app_key, self._settings.base_url
        return prepare(request.method, base_url + request.path, request.headers, app_key=app_key, bearer=bearer)


class Client(_Requests):
    """Cancels orders from synchronous code. Safe to share between threads; use it as a context manager, or close it.

    Args:
        base_url: Where /v1 and /token begin, as in https://broker.example/api. https, or http to a loopback address.
        credentials: PasswordCredentials or TokenCredentials.
        api_version: Digits and dots. The vendor's table has "1", its prose 1.0.
        deadline: Seconds for a whole call, log-in included; at most a day.
        token_margin: Seconds before the end of its 24 hours at which a token is no longer used.
        timeouts: Seconds for single steps on the network; the deadline shortens each.
        retry: How often, and how soon, a call may try again; RetryPolicy(attempts=1) switches it off.
        resolve: Whether the order is read where an attempt may have been acted upon. False for accounts whose token may
            not read orders; then such an outcome is unknown at once.
        verify: True, the path of a private CA, or an ssl.SSLContext. Proxies and certificates come from the
            environment as httpx has it (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE ...); loopback http never uses a proxy.
        clock: Seconds that never go backwards.
        sleep: Waits that many seconds; time.sleep, and for AsyncClient anyio.sleep, where None.
        random: A number from 0 up to, but not including, 1, for the jitter of waits.

    Raises ConfigurationError for a wrong argument. Making one reads certificates from disk and does no network I/O.
    """

    def _open(self, settings: Settings) -> None:
        self._lock = threading.Lock()
        self._http = open_http(httpx.Client, settings.verify, settings.timeouts, proxies=settings.proxies)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. A closed client raises ConfigurationError when it is called."""
        self._http.close()

    def cancel_order(
        self,
        *,
        account_id: int,
        order_id: int,
        deadline: float | None = None,
        confirm: bool = False,
        venue: bool = False,
    ) -> Cancelled:
        """Cancel one order, and return only if it is cancelled.

        Sends one DELETE, and another one only where that is safe (see _retry). Where an attempt may have been acted
        upon and no usable answer came, reads the order to find out. Logs in first where there is no token yet. Every
        failure is raised: CancelError says what became of the order, AuthenticationError that none was touched,
        ConfigurationError that nothing was sent.

        Args:
            account_id: The trading account, an int32.
            order_id: The order, an int32.
            deadline: Seconds for this call, with everything in it; the client's own where None.
            confirm: Return only when the order was read and is final. One that was filled first is an OrderConflict,
                one that is not final when the deadline is over an OutcomeUnknown.
            venue: Have the execution venue check the cancel, too, which takes longer (the vendor's syncorders).
        """
        call = self._begin(account_id, order_id, deadline, closed=self._http.is_closed, venue=venue)
        return self._conclude(call, self._drive(self._cancellation(call, confirm=confirm).run(), call))

    def read_order(self, *, account_id: int, order_id: int, deadline: float | None = None) -> Order:
        """Read one order as the server describes it now.

        Raises OrderUnreadable where the server does not tell, and AuthenticationError or ConfigurationError as
        cancel_order does. Arguments as there.
        """
        call = self._begin(account_id, order_id, deadline, closed=self._http.is_closed)
        return self._conclude_read(call, self._drive(self._cancellation(call).read(), call))

    def _drive(self, steps: Generator[Step, Any, T], call: Call) -> T:
        answer: object = None
        failure: AuthenticationError | None = None
        while True:
            try:
                step = steps.throw(failure) if failure else steps.send(answer)
            except StopIteration as end:
                return cast(T, end.value)
            failure = None
            try:
                answer = self._perform(step, call)
            except AuthenticationError as error:
                failure = error

    def _perform(self, step: Step, call: Call) -> object:
        match step:
            case GetToken():
                return self._grant(step.refused, call)
            case Send():
                started_at = self._settings.clock()
                evidence = exchange(self._http, self._order_request(call, step), call.deadline)
                return self._attempt(call, step, evidence, started_at)
            case Sleep():
                return (self._settings.sleep or time.sleep)(step.seconds)
            case AskToken():
                return exchange(self._http, self._request(step.request, step.interim), call.deadline)
            case AskSecondFactor():
                return called_second_factor(step.ask)

    def _grant(self, refused: AccessToken | None, call: Call) -> Grant:
        token = self._cache.usable(refused)
        if token is not None:
            return Grant(token, fresh=False)
        seen = self._cache.rounds
        if not self._lock.acquire(timeout=call.deadline.remaining()):
            raise TokenUnavailable(detail=f"{LATE} another call was logging in")
        try:
            token = self._cache.settled(refused, seen)
            return Grant(self._log_in(call), fresh=True) if token is None else Grant(token, fresh=False)
        finally:
            self._lock.release()

    def _log_in(self, call: Call) -> AccessToken:
        asked_at = self._settings.clock()
        try:
            return self._cache.keep(self._drive(self._dialog(), call), asked_at)
        except AuthenticationError as failure:
            self._cache.fail(failure if call.deadline.remaining() > 0 else None)
            raise


class AsyncClient(_Requests):
    """Cancels orders from asyncio or trio. Takes the arguments of Client, and does what Client does.

    Safe to share between tasks of one event loop; use it as an asynchronous context manager, or aclose it.
    """

    def _open(self, settings: Settings) -> None:
        self._lock = anyio.Lock()
        self._http = open_http(httpx.AsyncClient, settings.verify, settings.timeouts, proxies=settings.proxies)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. A closed client raises ConfigurationError when it is called."""
        await self._http.aclose()

    async def cancel_order(
        self,
        *,
        account_id: int,
        order_id: int,
        deadline: float | None = None,
        confirm: bool = False,
        venue: bool = False,
    ) -> Cancelled:
        """Cancel one order: see Client.cancel_order."""
        call = self._begin(account_id, order_id, deadline, closed=self._http.is_closed, venue=venue)
        return self._conclude(call, await self._drive(self._cancellation(call, confirm=confirm).run(), call))

    async def read_order(self, *, account_id: int, order_id: int, deadline: float | None = None) -> Order:
        """Read one order: see Client.read_order."""
        call = self._begin(account_id, order_id, deadline, closed=self._http.is_closed)
        return self._conclude_read(call, await self._drive(self._cancellation(call).read(), call))

    async def _drive(self, steps: Generator[Step, Any, T], call: Call) -> T:
        answer: object = None
        failure: AuthenticationError | None = None
        while True:
            try:
                step = steps.throw(failure) if failure else steps.send(answer)
            except StopIteration as end:
                return cast(T, end.value)
            failure = None
            try:
                answer = await self._perform(step, call)
            except AuthenticationError as error:
                failure = error

    async def _perform(self, step: Step, call: Call) -> object:
        match step:
            case GetToken():
                return await self._grant(step.refused, call)
            case Send():
                started_at = self._settings.clock()
                evidence = await exchange_async(self._http, self._order_request(call, step), call.deadline)
                return self._attempt(call, step, evidence, started_at)
            case Sleep():
                return await (self._settings.sleep or anyio.sleep)(step.seconds)
            case AskToken():
                return await exchange_async(self._http, self._request(step.request, step.interim), call.deadline)
            case AskSecondFactor():
                with anyio.move_on_after(call.deadline.remaining()):
                    return await anyio.to_thread.run_sync(called_second_factor, step.ask, abandon_on_cancel=True)
                raise TokenUnavailable(detail=f"{LATE} second_factor was running")

    async def _grant(self, refused: AccessToken | None, call: Call) -> Grant:
        token = self._cache.usable(refused)
        if token is not None:
            return Grant(token, fresh=False)
        seen = self._cache.rounds
        with anyio.move_on_after(call.deadline.remaining()) as waiting:
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
