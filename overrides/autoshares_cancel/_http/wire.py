"""One request out, one piece of evidence back: SyncWire and AsyncWire.

Nothing is raised from here but what stops the program itself (KeyboardInterrupt, cancellation): whatever the server or
the network does becomes evidence, with its words but without its exception, whose frames hold headers in clear.
"""

import asyncio
import logging
import ssl
import traceback
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from autoshares_cancel._http.anyio_stream import AnyioNetwork
from autoshares_cancel._http.asyncio_stream import AsyncioNetwork
from autoshares_cancel._http.blocking_stream import BlockingNetwork
from autoshares_cancel._http.pool import ConnectionPool
from autoshares_cancel._http.proxy import proxy_for
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import TRANSMISSION, Transmission
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten
from autoshares_cancel._values.secret import Secret, redacted

T = TypeVar("T")
LOG: Final = logging.getLogger("autoshares_cancel")

ABANDONED: Final = list["AsyncWire"]()
"""Kept, because what is collected is closed."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError("it has to wait, and can't")


class SyncWire:
    """The connections of Client."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext, timeouts: Timeouts, *, proxies: bool) -> None:
        self._origin, self._tls, self._timeouts = origin, tls, timeouts
        self._proxy = proxy_for(origin) if proxies else None
        self.pool = ConnectionPool(origin, tls, self._proxy, BlockingNetwork())
        self.is_closed = False

    def close(self) -> None:
        """Close every connection."""
        self.is_closed = True
        self.pool.close()

    def renewed(self) -> "SyncWire":
        """In a forked child: connections of its own. Those of the parent are given up without a word to the server."""
        self.pool.abandon()
        if not self.is_closed:
            self.pool = ConnectionPool(self._origin, self._tls, self._proxy, BlockingNetwork())
        return self

    def exchange(self, request: HttpRequest, deadline: Deadline, secrets: tuple[Secret, ...] = ()) -> Evidence:
        """Send a request once. Blocks until the evidence is there, at most until the deadline."""
        return run(_evidence(self.pool, request, Transmission(deadline, self._timeouts), secrets))


class AsyncWire:
    """The connections of AsyncClient."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext, timeouts: Timeouts, *, proxies: bool) -> None:
        self._origin, self._tls, self._timeouts = origin, tls, timeouts
        self._proxy = proxy_for(origin) if proxies else None
        self.pool: ConnectionPool | None = None
        self.is_closed = False
        self._is_abandoned = False

    def opens_in(self, loop: object) -> None:
        """Choose the kind of stream: done once, before the first exchange, when the event loop is known."""
        network = AsyncioNetwork() if isinstance(loop, asyncio.AbstractEventLoop) else AnyioNetwork()
        self.pool = ConnectionPool(self._origin, self._tls, self._proxy, network)

    def abandon(self) -> None:
        """In a forked child: touch nothing any more. To close would take it from the event loop of the parent, too."""
        self._is_abandoned = True
        ABANDONED.append(self)

    async def aclose(self) -> None:
        """Close every connection."""
        self.is_closed = True
        if self.pool is not None and not self._is_abandoned:
            self.pool.close()
            await self.pool.settle()

    async def exchange(self, request: HttpRequest, deadline: Deadline, secrets: tuple[Secret, ...] = ()) -> Evidence:
        """Send a request once. Waits until the evidence is there, at most until the deadline."""
        return await _evidence(self.pool, request, Transmission(deadline, self._timeouts), secrets)


async def _evidence(
    pool: ConnectionPool | None, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]
) -> Evidence:
    TRANSMISSION.set(transmission)
    try:
        assert pool is not None  # noqa: S101  # opens_in was called
        return await pool.send(request, transmission)
    except Exception as error:  # noqa: BLE001  # law 3: whatever it is, it becomes evidence
        if not isinstance(error, OSError):
            told = redacted("".join(traceback.format_exception(error)), secrets)
            LOG.error("a fault of autoshares-cancel: %s", told)  # noqa: TRY400  # whose frames hold headers in clear
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return NoResponse(reason=reason) if transmission.may_have_left else NotWritten(reason=reason)
