"""Client and AsyncClient: thin shells around the same decisions, and what they send."""

from typing import Self

from autoshares_cancel._auth.login import AskToken
from autoshares_cancel._batch.account import AsyncAll, SyncAll
from autoshares_cancel._cancel.outcomes import Cancelled
from autoshares_cancel._cancel.steps import PAGE_SIZE, ListPage, Send
from autoshares_cancel._engine.call import Call
from autoshares_cancel._engine.engine import Core
from autoshares_cancel._http.request import HttpRequest, preconnect, prepare
from autoshares_cancel._validation import check_connections
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.secret import Secret
from autoshares_openapi import UNSET, Request
from autoshares_openapi.api.orders import cancel_order, cancel_order_at_venue, get_order, list_orders


class _Requests(Core):
    """What both clients send, by the generated operations."""

    def _order_request(self, call: Call, step: Send) -> HttpRequest:
        call.secrets = (*self._secrets, step.token)
        if call.page is not None:
            return self._request(self._page_request(call.account_id, call.page), step.token)
        operation = get_order if step.what == "read" else cancel_order_at_venue if call.venue else cancel_order
        version = self._settings.api_version
        request = operation.request(version=version, account_id=call.account_id, order_id=call.order_id)
        return self._request(request, step.token)

    def _page_request(self, account_id: int, page: ListPage) -> Request:
        return list_orders.request(
            version=self._settings.api_version,
            account_id=account_id,
            page_number=page.number,
            page_size=PAGE_SIZE,
            filter_=UNSET if page.status_filter is None else page.status_filter,
        )

    def _token_request(self, step: AskToken) -> HttpRequest:
        return self._request(step.request, step.interim)

    def _preconnect(self) -> HttpRequest:
        return preconnect(self._origin)

    def _request(self, request: Request, bearer: Secret | None) -> HttpRequest:
        app_key = self._settings.credentials.app_key
        return prepare(request.method, self._origin, request.path, request.headers, app_key=app_key, bearer=bearer)


class Client(_Requests, SyncAll):
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
        on_attempt: Called with an AttemptEvent after each request about an order, or about a page of a listing.
        on_outcome: Called with an OutcomeEvent when cancel_order ends, also where an interruption ends it, and for
            each order of a batch that was begun. What an observer raises is logged, and changes nothing.
        telemetry: autoshares_cancel.telemetry.Telemetry(), for spans and metrics of OpenTelemetry (extra `otel`).
        sleep: Waits that many seconds; time.sleep, and for AsyncClient anyio.sleep, where None.
        random: A number from 0 up to, but not including, 1, for the jitter of waits.

    Raises ConfigurationError for a wrong argument. Making one reads certificates from disk and does no network I/O.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. A closed client raises ConfigurationError when it is called."""
        self._wire.close()

    def cancel_order(
        self,
        *,
        account_id: int,
        order_id: int,
        deadline: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        in_doubt: bool = False,
    ) -> Cancelled:
        """Cancel one order, and return only if it is cancelled.

        Sends one DELETE, and another one only where that is safe. Where an attempt may have been acted
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
            in_doubt: An earlier cancel of this order may have been acted upon: the order is read before anything else,
                and cancelled only if it still works. So an OutcomeUnknown is taken up again.
        """
        call = self._begin(account_id, order_id, deadline, venue=venue, in_doubt=in_doubt)
        self._cancel(call, confirm=confirm)
        return call.given()

    def warm_up(self, *, connections: int = 1, deadline: float | None = None) -> None:
        """Log in and open connections now, so that the next cancels are one request each on an open connection.

        Sends nothing about any order: POST /token where there is no token yet, and OPTIONS /token, without credentials,
        on each connection. Raises AuthenticationError as cancel_order does; what can't be opened is no error.

        Args:
            connections: From 1 to 256, which is as many as are kept open; an unused one is kept for five seconds.
            deadline: Seconds for this call; the client's own where None.
        """
        call = self._begin(0, 0, deadline)
        wanted = check_connections(connections)
        with self._traced(call, "warm_up"):
            self._warm(call, wanted)

    def read_order(self, *, account_id: int, order_id: int, deadline: float | None = None) -> Order:
        """Read one order as the server describes it now.

        Raises OrderUnreadable where the server does not tell, and AuthenticationError or ConfigurationError as
        cancel_order does. Arguments as there.
        """
        call = self._begin(account_id, order_id, deadline)
        with self._traced(call, "read_order"):
            return self._conclude_read(call, self._drive(self._cancellation(call).read(), call))


class AsyncClient(_Requests, AsyncAll):
    """Cancels orders from asyncio or trio. Takes the arguments of Client, and does what Client does.

    Safe to share between tasks of one event loop; use it as an asynchronous context manager, or aclose it.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. A closed client raises ConfigurationError when it is called."""
        await self._wire.aclose()

    async def cancel_order(
        self,
        *,
        account_id: int,
        order_id: int,
        deadline: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        in_doubt: bool = False,
    ) -> Cancelled:
        """Cancel one order: see Client.cancel_order."""
        self._stay_in_one_loop()
        call = self._begin(account_id, order_id, deadline, venue=venue, in_doubt=in_doubt)
        await self._cancel(call, confirm=confirm)
        return call.given()

    async def warm_up(self, *, connections: int = 1, deadline: float | None = None) -> None:
        """Log in and open connections now: see Client.warm_up."""
        self._stay_in_one_loop()
        call = self._begin(0, 0, deadline)
        wanted = check_connections(connections)
        with self._traced(call, "warm_up"):
            await self._warm(call, wanted)

    async def read_order(self, *, account_id: int, order_id: int, deadline: float | None = None) -> Order:
        """Read one order: see Client.read_order."""
        self._stay_in_one_loop()
        call = self._begin(account_id, order_id, deadline)
        with self._traced(call, "read_order"):
            return self._conclude_read(call, await self._drive(self._cancellation(call).read(), call))
