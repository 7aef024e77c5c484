"""Client: every public method. The code of batches and of the network is loaded on its first use."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, Self, Unpack

import autoshares_cancel  # in annotations only: each name is loaded when its annotation is read
from autoshares_cancel._auth.credentials import Credentials
from autoshares_cancel._auth.environment import settings_from_env
from autoshares_cancel._cancel.outcomes import Cancelled
from autoshares_cancel._engine.backend import run
from autoshares_cancel._engine.engine import Engine
from autoshares_cancel._engine.events import OnAttempt, OnOutcome
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._engine.tracing import Tracks
from autoshares_cancel._http.brought import Transport
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel._values.order import O, Order


class Client:
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
        transport: An httpx transport of your own in place of the package's connections: for SOCKS (extra `socks`), Unix
            sockets, recorded replies; any object with `handle_request`. It gets each request once, with Connection:
            close and the rest of the deadline as its time-out. `timeouts` and the environment's proxies have no effect
            then, and `verify` belongs to the transport. What it returns counts as the reply to that request: nothing
            here can check that it came after the request, or from the configured host. What it raises is NotSent only
            where it is exactly an httpx.HTTPTransport that could not connect, and NoReply otherwise. Client can't
            interrupt a transport that ignores its time-out: the call ends when the transport does, and a late reply
            counts. You close the transport; after a fork, give the child one of its own.

    Raises ConfigurationError for a wrong argument. Making one reads certificates from disk and does no network I/O.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Credentials,
        api_version: str = "1",
        deadline: float = 30.0,
        token_margin: float = 300.0,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  # frozen
        verify: autoshares_cancel.Verify = True,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  # frozen
        resolve: bool = True,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        random: Callable[[], float] = random.random,
        on_attempt: OnAttempt | None = None,
        on_outcome: OnOutcome | None = None,
        telemetry: Tracks | None = None,
        transport: Transport | None = None,
    ) -> None:
        # Loads what the network needs: not before a client is made.
        from autoshares_cancel._engine.blocking_backend import BlockingBackend  # noqa: PLC0415

        settings = Settings(
            base_url=base_url,
            credentials=credentials,
            api_version=api_version,
            deadline=deadline,
            token_margin=token_margin,
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
            transport=transport,
        )
        self._engine = Engine(settings, BlockingBackend)

    @classmethod
    def from_env(
        cls, *, second_factor: Callable[[], str] | None = None, **options: Unpack[autoshares_cancel.ClientOptions]
    ) -> Self:
        """Read AUTOSHARES_BASE_URL, _API_VERSION, _APP_KEY, and _USERNAME with _PASSWORD (and _PIN_CODE), or _TOKEN.

        Each secret may instead be in a file that is named by the same variable with _FILE appended. Reads variables
        and files, no network. Raises ConfigurationError that names the variable.
        """
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
        """Close every connection. A closed client raises ConfigurationError when it is called."""
        run(self._engine.close())

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

        Cancelled with `confirmed=False` means that the API accepted the cancel; the execution venue may still answer
        otherwise. A 200 whose body is cut off, or contradicts the cancel, is read back like a lost reply.

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
        return run(
            self._engine.cancel_order(account_id, order_id, deadline, confirm=confirm, venue=venue, in_doubt=in_doubt)
        )

    def warm_up(self, *, connections: int = 1, deadline: float | None = None) -> None:
        """Log in and open connections now, so that the next cancels are one request each on an open connection.

        Sends nothing about any order: POST /token where there is no token yet, and OPTIONS /token, without credentials,
        on each connection. Raises AuthenticationError as cancel_order does; what can't be opened is no error.

        Args:
            connections: From 1 to 256, which is as many as are kept open; an unused one is kept for five seconds.
            deadline: Seconds for this call; the client's own where None.
        """
        run(self._engine.warm_up(connections, deadline))

    def read_order(self, *, account_id: int, order_id: int, deadline: float | None = None) -> Order:
        """Read one order as the server describes it now.

        Raises OrderUnreadable where the server does not tell, and AuthenticationError or ConfigurationError as
        cancel_order does. Arguments as there.
        """
        return run(self._engine.read_order(account_id, order_id, deadline))

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
        in_doubt: Callable[[O], bool] | None = None,
        on_progress: autoshares_cancel.OnProgress | None = None,
    ) -> autoshares_cancel.Batch[O]:
        """Cancel many orders, and yield (order, outcome) as they finish. Nothing is raised for an order.

        Orders are pairs of account_id and order_id, as tuples or subclasses of them, and come out as they came in. They
        are taken in lazily, not more at a time than may be under way, and each comes out exactly once: what can't be
        tried any more is NotSent. A failed log-in stops the batch: what still comes is NotSent. The slot of an order is
        free again when the caller comes back after its outcome.

        Args:
            orders: Any iterable of pairs.
            concurrency: Orders under way at a time, from 1 to 256.
            rate: Requests about orders a second at most, cancels and reads together; needs the extra `rate`. With or
                without it a Retry-After slows all orders down.
            confirm: As cancel_order has it, for each order.
            venue: As cancel_order has it, for each order.
            deadline: Seconds for each order, from the beginning of its turn; the client's own where None.
            batch_deadline: Seconds for the whole batch, from now on. What has had no turn by then is NotSent.
            in_doubt: Says of an order whether an earlier cancel of it may have been acted upon, as cancel_order has it.
            on_progress: Called with a Progress before each outcome. What it raises is logged, and changes nothing.

        Raises ConfigurationError for arguments that make no sense. Does no I/O before the first outcome is asked for.
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
            on_progress=on_progress,
        )
        return open_batch(self._engine, orders, options)

    def cancel_all(
        self,
        *,
        account_id: int,
        concurrency: int = 64,
        rate: float | None = None,
        confirm: bool = False,
        venue: bool = False,
        held: bool = True,
        deadline: float = 300.0,
        on_progress: autoshares_cancel.OnProgress | None = None,
    ) -> autoshares_cancel.AllCancelled:
        """List what is open in an account, cancel it, and list again, until a listing shows nothing open.

        Orders that appear meanwhile are caught. Safe to call again. Raises OrdersRemain, which names what remains, when
        that does not succeed before the deadline; AuthenticationError where no order was touched.

        Args:
            account_id: The trading account, an int32.
            concurrency: As cancel_orders has it; and so rate, confirm and venue.
            rate: Requests a second at most, but for the listings.
            confirm: Each cancel waits until its order is final.
            venue: Have the execution venue check each cancel, too.
            held: Look for orders that are held, too. The vendor's filter has no number for them, so all orders of the
                account are listed at the end.
            deadline: Seconds for everything.
            on_progress: As cancel_orders has it; it counts anew after each listing.
        """
        from autoshares_cancel._batch.account import cancel_all, cancel_in_threads  # noqa: PLC0415  # as in cancel_orders
        from autoshares_cancel._batch.options import BatchOptions  # noqa: PLC0415  # as in cancel_orders

        options = BatchOptions(
            concurrency=concurrency, rate=rate, confirm=confirm, venue=venue, on_progress=on_progress
        )
        return run(
            cancel_all(self._engine, account_id, deadline, held=held, options=options, cancel_batch=cancel_in_threads)
        )

    def open_orders(self, *, account_id: int, held: bool = True, deadline: float | None = None) -> tuple[Order, ...]:
        """List what is open in an account, as the server describes it now. Nothing is changed.

        Raises OrdersUnreadable where it can't be listed to the end. Arguments as cancel_all has them.
        """
        from autoshares_cancel._batch.account import open_orders  # noqa: PLC0415  # as in cancel_orders

        return run(open_orders(self._engine, account_id, deadline, held=held))
