"""AsyncClient: every public method. The code of batches and of the network, and anyio, are imported on first use."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterable, Callable, Collection, Iterable
from datetime import timedelta
from typing import Any, NoReturn, Self, Unpack

import autoshares_cancel  # in annotations only: each name is loaded when its annotation is read
from autoshares_cancel._auth.credentials import Credentials
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._values.contract import DEFAULT_VERSION
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.order import O, Order
from autoshares_cancel.errors import OutcomeUnknown


class AsyncClient:
    """Cancels orders from asyncio or trio. Has the arguments and the behaviour of Client.

    Tasks of one event loop may share a client. Use it as an asynchronous context manager, or call aclose.

    `transport` is an object with `handle_async_request`, such as httpx.AsyncHTTPTransport. It is cancelled at the
    deadline; a status that has come by then counts.
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
        transport: autoshares_cancel.AsyncTransport | None = None,
    ) -> None:
        # Imported here, because only a new client needs them.
        from autoshares_cancel._engine.engine import Engine  # noqa: PLC0415
        from autoshares_cancel._engine.loop_backend import LoopBackend  # noqa: PLC0415
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
        self._engine = Engine(settings, LoopBackend)

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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. Every later call raises ConfigurationError. Closing twice is allowed.

        Raises ConfigurationError in another event loop than that of the first call.
        """
        await self._engine.close()

    async def cancel_order(
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
        """Cancel one order. Arguments, result and exceptions are those of Client.cancel_order."""
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
        await self._engine.cancel(call)
        return call.result()

    async def warm_up(self, *, connections: int = 1, deadline: float | None = None) -> None:
        """Log in and open connections now. Arguments and exceptions are those of Client.warm_up."""
        await self._engine.warm_up(connections, deadline)

    async def read_order(
        self,
        *,
        account_id: int,
        order_id: int,
        deadline: float | None = None,
        retry: RetryPolicy | None = None,
        reference: str | None = None,
    ) -> Order:
        """Read one order. Arguments, result and exceptions are those of Client.read_order."""
        call = self._engine.begin_order(account_id, order_id, deadline, retry=retry, reference=reference)
        return await self._engine.read_order(call)

    def cancel_orders(
        self,
        orders: Iterable[O] | AsyncIterable[O],
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
    ) -> autoshares_cancel.AsyncBatch[O]:
        """Cancel many orders, as Client.cancel_orders does. `orders` may also be an asynchronous iterable."""
        # Imported on first use: a single cancel needs none of the batch code.
        from autoshares_cancel._batch.many import open_async_batch  # noqa: PLC0415
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
        return open_async_batch(self._engine, orders, options)

    async def work_off(
        self,
        sweep: autoshares_cancel.Sweep,
        *,
        concurrency: int = 64,
        on_ended: Callable[[tuple[int, int], autoshares_cancel.Outcome], object] = lambda _order, _outcome: None,
    ) -> int:
        """Cancel orders of a sweep that other processes and machines may work off, too, until none is left.

        At most `concurrency` orders (1 to 256) are under way here at a time. `on_ended` is called with each order that
        has begun here and its outcome, once that is written down; one that was cut off, or came after its lease, is
        OutcomeUnknown, and another process reads it. Returns how many this process has ended, also after
        `sweep.stop()`. Raises ConfigurationError, and the AuthenticationError of a log-in that failed: the orders that
        had not begun are left to other processes. Works on asyncio and uvloop.
        """
        from autoshares_cancel._batch.database.work_off import work_off  # noqa: PLC0415  # as in cancel_orders

        return await work_off(self._engine, sweep, concurrency, on_ended)

    async def cancel_all(
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
        """Cancel all open orders of an account. Arguments, result and exceptions are those of Client.cancel_all."""
        from autoshares_cancel._batch.account import cancel_all_in_tasks  # noqa: PLC0415  # as in cancel_orders
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
        return await cancel_all_in_tasks(self._engine, account_id, deadline, held=held, wanted=wanted, options=options)

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
    ) -> autoshares_cancel.AsyncCancelOnExit:
        """Cancel the open orders when a block ends: `async with client.cancel_on_exit(account_id=…):`.

        Arguments and behaviour are those of Client.cancel_on_exit. A block that is cancelled, by asyncio or by a scope
        of anyio or trio, still cancels the orders. The cancel itself is shielded, and `deadline` bounds it: a
        cancellation that comes then is raised when it has ended.
        """
        from autoshares_cancel._batch.on_exit import AsyncCancelOnExit  # noqa: PLC0415  # as in cancel_orders
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
        return AsyncCancelOnExit(
            self._engine, account_id, deadline, when=when, held=held, wanted=wanted, options=options
        )

    async def open_orders(
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
        """List the open orders of an account. Arguments, result and exceptions are those of Client.open_orders."""
        from autoshares_cancel._batch.account import open_orders  # noqa: PLC0415  # as in cancel_orders
        from autoshares_cancel._batch.selection import filter_of  # noqa: PLC0415  # as in cancel_orders

        wanted = filter_of(symbol, side, older_than)
        return await open_orders(self._engine, account_id, deadline, held=held, wanted=wanted, reference=reference)
