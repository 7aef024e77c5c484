"""One interface to both clients, so that every scenario runs with every kind of client (law 8)."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, cast

from anyio.from_thread import start_blocking_portal

from autoshares_cancel import (
    AllCancelled,
    AsyncBatch,
    AsyncClient,
    AutosharesError,
    Cancelled,
    Client,
    Order,
    RetryPolicy,
)

BACKENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "asyncio": ("asyncio", {}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}
"""The event loops, as arguments of anyio."""
CLIENT_KINDS = ("sync", *BACKENDS)
TLS = ssl.create_default_context()
"""Made once, because it takes longer than most tests do."""


class Caller(Protocol):
    """A client of any kind, with blocking methods. Threads may share it."""

    @property
    def client(self) -> Client | AsyncClient: ...

    def cancel(self, account_id: Any, order_id: Any, **options: Any) -> Cancelled | AutosharesError:
        """Cancel an order; return the outcome or the package's error. Other exceptions are raised."""
        ...

    def read(self, account_id: Any, order_id: Any, **options: Any) -> Order | AutosharesError:
        """Read an order; return it or the error."""
        ...

    def warm_up(self, **options: Any) -> None:
        """Call warm_up; every error is raised."""
        ...

    def batch(self, orders: Any, **options: Any) -> list[tuple[Any, Any]]:
        """Cancel a batch; return every order with its outcome, in the sequence of the results."""
        ...

    def open_batch(self, orders: Any, **options: Any) -> "Steps":
        """A batch to iterate step by step."""
        ...

    def close(self) -> None:
        """Close the client, before the end of the test."""
        ...

    def open_orders(self, account_id: Any, **options: Any) -> tuple[Order, ...] | AutosharesError:
        """Return the open orders or the error."""
        ...

    def cancel_all(self, account_id: Any, **options: Any) -> AllCancelled | AutosharesError:
        """Cancel all open orders; return the result or the error."""
        ...

    def cancel_on_exit(self, account_id: Any, block: Callable[[], object], **options: Any) -> tuple[Any, Any]:
        """Run the block under cancel_on_exit; return the context manager, and the exception that left it, or None.

        A ConfigurationError before the block is raised.
        """
        ...


class Steps(Protocol):
    """A batch of either client, with blocking steps."""

    def __iter__(self) -> "Steps": ...

    def __next__(self) -> tuple[Any, Any]: ...

    def stop(self) -> None: ...

    def close(self) -> list[tuple[Any, Any]]: ...


class SyncCaller:
    def __init__(self, client: Client) -> None:
        self.client = client

    def cancel(self, account_id: Any, order_id: Any, **options: Any) -> Cancelled | AutosharesError:
        try:
            return self.client.cancel_order(account_id=account_id, order_id=order_id, **options)
        except AutosharesError as error:
            return error

    def read(self, account_id: Any, order_id: Any, **options: Any) -> Order | AutosharesError:
        try:
            return self.client.read_order(account_id=account_id, order_id=order_id, **options)
        except AutosharesError as error:
            return error

    def warm_up(self, **options: Any) -> None:
        self.client.warm_up(**options)

    def batch(self, orders: Any, **options: Any) -> list[tuple[Any, Any]]:
        return [*self.client.cancel_orders(orders, **options)]

    def open_batch(self, orders: Any, **options: Any) -> Steps:
        return self.client.cancel_orders(orders, **options)

    def close(self) -> None:
        self.client.close()

    def open_orders(self, account_id: Any, **options: Any) -> tuple[Order, ...] | AutosharesError:
        try:
            return self.client.open_orders(account_id=account_id, **options)
        except AutosharesError as error:
            return error

    def cancel_all(self, account_id: Any, **options: Any) -> AllCancelled | AutosharesError:
        try:
            return self.client.cancel_all(account_id=account_id, **options)
        except AutosharesError as error:
            return error

    def cancel_on_exit(self, account_id: Any, block: Callable[[], object], **options: Any) -> tuple[Any, Any]:
        guard = self.client.cancel_on_exit(account_id=account_id, **options)
        try:
            with guard:
                block()
        except BaseException as error:  # noqa: BLE001  # KeyboardInterrupt, too
            return guard, error
        return guard, None


class AsyncCaller:
    def __init__(self, client: AsyncClient, portal: Any) -> None:
        self.client = client
        self.portal = portal

    def cancel(self, account_id: Any, order_id: Any, **options: Any) -> Cancelled | AutosharesError:
        async def call() -> Cancelled | AutosharesError:
            try:
                return await self.client.cancel_order(account_id=account_id, order_id=order_id, **options)
            except AutosharesError as error:
                return error

        result: Cancelled | AutosharesError = self.portal.call(call)
        return result

    def read(self, account_id: Any, order_id: Any, **options: Any) -> Order | AutosharesError:
        async def call() -> Order | AutosharesError:
            try:
                return await self.client.read_order(account_id=account_id, order_id=order_id, **options)
            except AutosharesError as error:
                return error

        result: Order | AutosharesError = self.portal.call(call)
        return result

    def warm_up(self, **options: Any) -> None:
        self.portal.call(partial(self.client.warm_up, **options))

    def batch(self, orders: Any, **options: Any) -> list[tuple[Any, Any]]:
        async def collect() -> list[tuple[Any, Any]]:
            return [each async for each in self.client.cancel_orders(orders, **options)]

        result: list[tuple[Any, Any]] = self.portal.call(collect)
        return result

    def open_batch(self, orders: Any, **options: Any) -> Steps:
        return AsyncSteps(self.portal.call(partial(self.client.cancel_orders, orders, **options)), self.portal)

    def close(self) -> None:
        self.portal.call(self.client.aclose)

    def open_orders(self, account_id: Any, **options: Any) -> tuple[Order, ...] | AutosharesError:
        try:
            listed: tuple[Order, ...] = self.portal.call(
                partial(self.client.open_orders, account_id=account_id, **options)
            )
        except AutosharesError as error:
            return error
        return listed

    def cancel_all(self, account_id: Any, **options: Any) -> AllCancelled | AutosharesError:
        try:
            ended: AllCancelled = self.portal.call(partial(self.client.cancel_all, account_id=account_id, **options))
        except AutosharesError as error:
            return error
        return ended

    def cancel_on_exit(self, account_id: Any, block: Callable[[], object], **options: Any) -> tuple[Any, Any]:
        async def run() -> tuple[Any, Any]:
            guard = self.client.cancel_on_exit(account_id=account_id, **options)
            try:
                async with guard:
                    block()
            except BaseException as error:  # noqa: BLE001  # a KeyboardInterrupt in a task would end the event loop
                return guard, error
            return guard, None

        result: tuple[Any, Any] = self.portal.call(run)
        return result


class AsyncSteps:
    """An AsyncBatch with blocking steps; each step is its own task."""

    def __init__(self, batch: AsyncBatch[Any], portal: Any) -> None:
        self._batch, self._portal = batch, portal

    def __iter__(self) -> Steps:
        return self

    def __next__(self) -> tuple[Any, Any]:
        try:
            return cast("tuple[Any, Any]", self._portal.call(self._batch.__anext__))
        except StopAsyncIteration:
            raise StopIteration from None

    def stop(self) -> None:
        self._portal.call(self._batch.stop)

    def close(self) -> list[tuple[Any, Any]]:
        return cast("list[tuple[Any, Any]]", self._portal.call(self._batch.aclose))


@contextmanager
def open_caller(client_kind: str, **settings: Any) -> Iterator[Caller]:
    """A client of this kind, closed at the end; async clients run in an event loop in their own thread.

    By default it makes one attempt and never reads the order, because most tests are about one reply.
    """
    settings = {"verify": TLS, "retry": RetryPolicy(attempts=1), "resolve": False, **settings}
    if client_kind == "sync":
        with Client(**settings) as client:
            yield SyncCaller(client)
        return
    with start_blocking_portal(*BACKENDS[client_kind]) as portal:
        async_client = AsyncClient(**settings)
        try:
            yield AsyncCaller(async_client, portal)
        finally:
            portal.call(async_client.aclose)
