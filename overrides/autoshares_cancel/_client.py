"""Client: every public method. The code of batches and of the network is imported on first use."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any, NoReturn, Self, Unpack

import autoshares_cancel  # in annotations only: each name is loaded when its annotation is read
from autoshares_cancel._auth.credentials import Credentials
from autoshares_cancel._engine.run import run
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._values.contract import DEFAULT_VERSION
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.order import O, Order
from autoshares_cancel.errors import OutcomeUnknown


class Client:
    """Cancels orders from synchronous code. Threads may share a client. Use it as a context manager, or call close.

    Args:
        base_url: The URL before /v1 and /token, such as https://broker.example/api. https, or http to a loopback host.
        credentials: PasswordCredentials or TokenCredentials.
        api_version: Digits and dots, such as "1" or "1.0". The vendor's table has 1, its text 1.0.
        deadline: Seconds for a whole call, log-in included; above 0 and at most a day (86400).
        token_margin: Seconds before the end of its 24 hours at which a token is no longer used; from 0 to below 86400.
        login_pause: Seconds after a refused log-in (InvalidCredentials) in which the client raises the refusal again
            and does no I/O, so that it does not lock the user out; from 0, which switches this off, to 86400.
        timeouts: Seconds for single steps on the network. The deadline shortens each.
        retry: How often, and how soon, a call repeats a cancel, a read or a log-in. RetryPolicy(attempts=1) never does.
        resolve: Whether the client reads an order if the server may have acted on a cancel of it. Use False for a token
            that may not read orders: such an outcome is then unknown at once.
        verify: True for certifi's bundle, or for SSL_CERT_FILE and SSL_CERT_DIR if they are set; the path of a CA file
            or folder; or an ssl.SSLContext. Proxies come from HTTPS_PROXY, ALL_PROXY and NO_PROXY; http to a loopback
            host never uses a proxy.
        clock: Returns seconds that never go backwards.
        on_attempt: Called with an AttemptEvent after each request about an order or a page of a listing.
        on_outcome: Called with an OutcomeEvent when cancel_order ends, even by an interruption, and for each order of a
            batch that was begun. An exception of an observer is logged, and changes nothing.
        telemetry: autoshares_cancel.telemetry.Telemetry(), for spans and metrics of OpenTelemetry (extra `otel`).
        app_name: Your program in the header User-Agent, such as "my-desk/2.1": products of RFC 9110, section 10.1.5,
            with single blanks between them; at most 64 characters.
        sleep: Waits for that many seconds. None is time.sleep, and anyio.sleep for AsyncClient.
        random: Returns a number from 0 to below 1, for the jitter of waits.
        transport: An httpx transport of your own in place of the package's connections: for SOCKS (extra `socks`), Unix
            sockets or recorded replies. Its response counts as the reply to its request: the client can't check that it
            came after the request, or from the configured host. `timeouts` and the environment's proxies have no
            effect. autoshares_cancel.Transport has the rules.

    Reads certificates from disk, but does no network I/O. Raises ConfigurationError for a wrong argument.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Credentials,
        api_version: str = DEFAULT_VERSION,
        deadline: float = 30.0,
        token_margin: float = 300.0,
        login_pause: float = 60.0,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  # frozen
        verify: autoshares_cancel.Verify = True,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  # frozen
        resolve: bool = True,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        random: Callable[[], float] = random.random,
        on_attempt: autoshares_cancel.OnAttempt | None = None,
        on_outcome: autoshares_cancel.OnOutcome | None = None,
        telemetry: autoshares_cancel.Tracks | None = None,
        app_name: str | None = None,
        transport: autoshares_cancel.Transport | None = None,
    ) -> None:
        # Imported here, because only a new client needs them.
        from autoshares_cancel._engine.blocking_backend import BlockingBackend  # noqa: PLC0415
        from autoshares_cancel._engine.engine import Engine  # noqa: PLC0415
        from autoshares_cancel._engine.settings import Settings  # noqa: PLC0415

        settings = Settings(
            base_url=base_url,
            credentials=credentials,
            api_version=api_version,
            deadline=deadline,
            token_margin=token_margin,
            login_pause=login_pause,
            timeouts=timeouts,
            verify=verify,
            retry=retry,
            resolve=resolve,
            clock=clock,
            sleep=sleep,
            random=random,
            on_attempt=on_attempt,
            on_outcome=on_outcome,
            telemetry=telemetry,
            app_name=app_name,
            transport=transport,
        )
        self._engine = Engine(settings, BlockingBackend)

    @classmethod
    def from_env(
        cls, *, second_factor: Callable[[], str] | None = None, **options: Unpack[autoshares_cancel.ClientOptions]
    ) -> Self:
        """Make a client from AUTOSHARES_BASE_URL, _API_VERSION, _APP_KEY, and _USERNAME with _PASSWORD, or _TOKEN.

        AUTOSHARES_PIN_CODE and `second_factor` answer a second factor. A variable with _FILE appended names a file with
        the secret instead. AUTOSHARES_TOKEN_STORE is the path of a TokenFolder; it has no effect with _TOKEN. Reads
        environment variables and files, and does no network I/O. Raises ConfigurationError, which names a missing or
        wrong variable.
        """
        from autoshares_cancel._auth.environment import settings_from_env  # noqa: PLC0415  # as in __init__

        return cls(**settings_from_env(second_factor), **options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._engine.settings.base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is not pickled or copied: make a new one where it is needed")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. Every later call raises ConfigurationError. Closing twice is allowed."""
        run(self._engine.close())

    def cancel_order(
        self,
        *,
        account_id: int,
        order_id: int,
        deadline: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        in_doubt: bool | OutcomeUnknown = False,
        resolve: bool | None = None,
        retry: RetryPolicy | None = None,
        reference: str | None = None,
    ) -> autoshares_cancel.Cancelled:
        """Cancel one order. Returns only if it is cancelled; raises every other outcome.

        Logs in first if there is no token. Sends one DELETE, and repeats it only if that is safe. If the server may
        have acted on it without a usable reply, reads the order to find out. Cancelled with `confirmed=False` means
        that the API accepted the cancel; the execution venue may still answer otherwise. A 200 whose body is cut off,
        or contradicts the cancel, is read back like a lost reply.

        Args:
            account_id: The trading account, an int32.
            order_id: The order, an int32.
            deadline: Seconds for the whole call, at most a day; None is the client's deadline.
            confirm: Return only after the order was read and is final. If it was filled first, raises OrderConflict; if
                it is not final at the deadline, OutcomeUnknown.
            venue: Let the execution venue check the cancel, too (the vendor's syncorders). This takes longer.
            in_doubt: The server may have acted on an earlier cancel of this order. The client reads the order first,
                and cancels it only if it is still working. Use it to resume after an OutcomeUnknown: give that outcome
                itself, or True. If the order still can't be read, what is raised repeats what the earlier call knew.
            resolve: Whether to read the order if the server may have acted on the cancel; None is the client's choice.
            retry: How often, and how soon, this call retries; None is the client's policy.
            reference: Your own name for the call, in logs, events and spans. It is never sent to the server. Visible
                ASCII, at most 64 characters.

        Raises CancelError, whose class tells the state of the order; AuthenticationError if no order was touched; and
        ConfigurationError if nothing was sent.
        """
        call = self._engine.begin_order(
            account_id,
            order_id,
            deadline,
            confirm=confirm,
            venue=venue,
            in_doubt=in_doubt,
            resolve=resolve,
            retry=retry,
            reference=reference,
        )
        run(self._engine.cancel(call))
        return call.result()

    def warm_up(self, *, connections: int = 1, deadline: float | None = None) -> None:
        """Log in and open connections now, so that each of the next cancels is one request on an open connection.

        Sends POST /token if there is no token, and OPTIONS /token without credentials on each connection; nothing about
        any order. `connections`: from 1 to 256; an unused one is kept for five seconds. `deadline`: as in cancel_order.

        Raises AuthenticationError if the log-in fails, and ConfigurationError for a wrong argument. A connection that
        can't be opened raises nothing.
        """
        run(self._engine.warm_up(connections, deadline))

    def read_order(
        self,
        *,
        account_id: int,
        order_id: int,
        deadline: float | None = None,
        retry: RetryPolicy | None = None,
        reference: str | None = None,
    ) -> Order:
        """Read one order as it is on the server now. Sends only GET requests, and a log-in if there is no token.

        The arguments are those of cancel_order. Raises OrderUnreadable if no usable reply came before the deadline;
        AuthenticationError if the log-in fails; and ConfigurationError for a wrong argument.
        """
        call = self._engine.begin_order(account_id, order_id, deadline, retry=retry, reference=reference)
        return run(self._engine.read_order(call))

    def cancel_orders(
        self,
        orders: Iterable[O],
        *,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        deadline: float | None = None,
        batch_deadline: float | None = None,
        in_doubt: Callable[[O], bool | OutcomeUnknown] | None = None,
        resolve: bool | None = None,
        retry: RetryPolicy | None = None,
        reference: str | None = None,
        on_progress: autoshares_cancel.OnProgress | None = None,
    ) -> autoshares_cancel.Batch[O]:
        """Cancel many orders, and yield (order, outcome) as they finish. A failing order never raises.

        Every order is yielded exactly once, as the same object that the iterable gave. The batch takes orders lazily,
        at most `concurrency` at a time: an order keeps its slot until the next outcome is requested after its own. A
        failed log-in stops the batch, and all further orders are NotSent. Does no I/O before the first outcome is
        requested.

        Args:
            orders: Any iterable of pairs of account_id and order_id: tuples or instances of their subclasses.
            concurrency: The most orders under way at a time, from 1 to 256.
            rate: The most requests about orders per second, cancels and reads together: above 0 and up to 100000. Needs
                the extra `rate`. With or without a rate, a Retry-After stops all orders; then requests begin again
                below the rate that last passed, and grow slowly.
            confirm: As in cancel_order, for each order.
            venue: As in cancel_order, for each order.
            resolve: As in cancel_order, for each order.
            retry: As in cancel_order, for each order.
            deadline: Seconds for each order, from its own beginning, at most a day; None is the client's deadline. An
                order that has not begun is NotSent when the server has made the batch wait for that long.
            batch_deadline: Seconds for the whole batch, from now, at most a day. Orders that have not begun by then are
                NotSent.
            in_doubt: Called with an order; returns whether the server may have acted on an earlier cancel of it: True,
                False, or the OutcomeUnknown of that call. Such an order is read first, as in cancel_order, and is
                OutcomeUnknown instead of NotSent.
            reference: As in cancel_order, the same for each order.
            on_progress: Called with a Progress before each outcome. An exception is logged, and changes nothing.

        Raises ConfigurationError for a wrong argument.
        """
        # Imported on first use: a single cancel needs none of the batch code.
        from autoshares_cancel._batch.many import open_batch  # noqa: PLC0415
        from autoshares_cancel._batch.options import BatchOptions  # noqa: PLC0415

        options = BatchOptions(
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            venue=venue,
            deadline=deadline,
            batch_deadline=batch_deadline,
            in_doubt=in_doubt,
            resolve=resolve,
            retry=retry,
            reference=reference,
            on_progress=on_progress,
        )
        return open_batch(self._engine, orders, options)

    def cancel_all(
        self,
        *,
        account_id: int,
        symbol: str | Collection[str] | None = None,
        side: autoshares_cancel.Side | Collection[autoshares_cancel.Side] | None = None,
        older_than: timedelta | None = None,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        held: bool = True,
        deadline: float = 300.0,
        reference: str | None = None,
        on_progress: autoshares_cancel.OnProgress | None = None,
    ) -> autoshares_cancel.AllCancelled:
        """Cancel all open orders of an account, and list them again until a listing shows no open order.

        New orders that appear during the call are cancelled, too; it can be repeated at any time. With `symbol`, `side`
        or `older_than` it cancels only orders that match all of them, and reports nothing about the others.
        autoshares_cancel.OrderFilter has the rules, also for orders with legs.

        Args:
            account_id: The trading account, an int32.
            symbol: A symbol, or several.
            side: Buy, Sell, SellShort or BuyToCover, or several of them.
            older_than: The order was created longer ago than this.
            concurrency: The most orders under way at a time, from 1 to 256.
            rate: The most requests about orders per second, as in cancel_orders. Listings do not count.
            confirm: As in cancel_order, for each order.
            venue: As in cancel_order, for each order.
            held: Find held orders, too. The vendor's filter has no number for them, so the last listing has all orders
                of the account.
            deadline: Seconds for the whole call, at most a day.
            reference: As in cancel_order, for the listings and for each order.
            on_progress: As in cancel_orders. Its counts restart after each listing.

        Raises OrdersRemain, which names the remaining orders that match, if some may still be open at the deadline;
        AuthenticationError if no order was touched; and ConfigurationError for a wrong argument.
        """
        from autoshares_cancel._batch.account import cancel_all_in_threads  # noqa: PLC0415  # as in cancel_orders
        from autoshares_cancel._batch.options import BatchOptions  # noqa: PLC0415  # as in cancel_orders
        from autoshares_cancel._batch.selection import filter_of  # noqa: PLC0415  # as in cancel_orders

        wanted = filter_of(symbol, side, older_than)
        options = BatchOptions(
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            venue=venue,
            reference=reference,
            on_progress=on_progress,
        )
        return run(cancel_all_in_threads(self._engine, account_id, deadline, held=held, wanted=wanted, options=options))

    def cancel_on_exit(
        self,
        *,
        account_id: int,
        when: autoshares_cancel.When = "error",
        symbol: str | Collection[str] | None = None,
        side: autoshares_cancel.Side | Collection[autoshares_cancel.Side] | None = None,
        older_than: timedelta | None = None,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        held: bool = True,
        deadline: float = 300.0,
        reference: str | None = None,
        on_progress: autoshares_cancel.OnProgress | None = None,
    ) -> autoshares_cancel.CancelOnExit:
        """Cancel the open orders of an account when a block ends: `with client.cancel_on_exit(account_id=…) as guard:`.

        `when="error"` cancels only if the block ends with an exception, KeyboardInterrupt and SystemExit included;
        `when="always"` cancels in any case. The other arguments are those of cancel_all; `deadline` begins when the
        block ends. Afterwards `guard.result` is the AllCancelled, or `guard.failure` the reason why there is none.

        An exception of the block always goes on: if the cancel fails, that is logged at ERROR, and added to the
        exception as a note. Without one, what cancel_all raises is raised. Does no I/O before the block ends; a wrong
        argument raises ConfigurationError before the block.
        """
        from autoshares_cancel._batch.on_exit import CancelOnExit  # noqa: PLC0415  # as in cancel_orders
        from autoshares_cancel._batch.options import BatchOptions  # noqa: PLC0415  # as in cancel_orders
        from autoshares_cancel._batch.selection import filter_of  # noqa: PLC0415  # as in cancel_orders

        options = BatchOptions(
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            venue=venue,
            reference=reference,
            on_progress=on_progress,
        )
        wanted = filter_of(symbol, side, older_than)
        return CancelOnExit(self._engine, account_id, deadline, when=when, held=held, wanted=wanted, options=options)

    def open_orders(
        self,
        *,
        account_id: int,
        symbol: str | Collection[str] | None = None,
        side: autoshares_cancel.Side | Collection[autoshares_cancel.Side] | None = None,
        older_than: timedelta | None = None,
        held: bool = True,
        deadline: float | None = None,
        reference: str | None = None,
    ) -> tuple[Order, ...]:
        """List the open orders of an account, as they are on the server now. Changes nothing.

        The arguments are those of cancel_all, and it lists what cancel_all would cancel; `deadline=None` is the
        client's deadline. With `held` the client lists all orders of the account. Raises OrdersUnreadable if the
        listing can't be read to its end; AuthenticationError if the log-in fails; and ConfigurationError for a wrong
        argument.
        """
        from autoshares_cancel._batch.account import open_orders  # noqa: PLC0415  # as in cancel_orders
        from autoshares_cancel._batch.selection import filter_of  # noqa: PLC0415  # as in cancel_orders

        wanted = filter_of(symbol, side, older_than)
        return run(open_orders(self._engine, account_id, deadline, held=held, wanted=wanted, reference=reference))
