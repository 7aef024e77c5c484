"""Read time-outs that hang on the mock, and not on the machine: a reply is late when the mock says that none will come.

1. A client looks for its reply again and again. Only where the mock keeps it back, and the socket has nothing to read,
   the time-out is let through; it is a real one of the real socket.
2. So an honest reply is never late on a busy machine, and a reply that never comes takes no time.
3. On a clock of the test's own, such a wait takes as long as it was allowed to.
"""

import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpcore
import pytest
from attrs import define
from faults.own_time import OwnTime

from autoshares_cancel import Timeouts
from autoshares_cancel._http.direct import Connection
from autoshares_cancel._http.network import AsyncWatchedStream, WatchedStream
from autoshares_cancel._http.transmission import TRANSMISSION
from autoshares_cancel.mock import MockServer

PATIENT: Final = Timeouts(connect=60.0, read=1.0, write=60.0, pool=60.0)
"""For clients under test. Only a reply that never comes takes longer than `read`; nothing else ever takes so long."""
LOOK_SECONDS: Final = 0.005
HANGS_SECONDS: Final = 60.0

Read = Callable[..., Any]


@define
class NoResponse:
    """Knows of which connections the mock says nothing more; servers may come and go."""

    servers: Callable[[], Iterable[MockServer]]
    own_time: OwnTime | None = None

    def reads(self, original: Read, stream: Any, max_bytes: int, timeout: float | None = None) -> bytes:
        """WatchedStream.read."""
        wait = _Wait(self, timeout)
        while True:
            try:
                return bytes(original(stream, max_bytes, LOOK_SECONDS))
            except httpcore.ReadTimeout:
                wait.must_go_on(stream.get_extra_info("socket"))

    async def reads_async(
        self,
        original: Read,
        stream: Any,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's name
    ) -> bytes:
        """AsyncWatchedStream.read."""
        wait = _Wait(self, timeout)
        while True:
            try:
                return bytes(await original(stream, max_bytes, LOOK_SECONDS))
            except httpcore.ReadTimeout:
                wait.must_go_on(stream.get_extra_info("socket"))

    async def waits_for_more(self, original: Read, connection: Any, than: int, seconds: float) -> None:
        """Connection._more."""
        wait = _Wait(self, seconds)
        while True:
            try:
                await original(connection, than, LOOK_SECONDS)
            except httpcore.ReadTimeout:
                if connection._reply.size <= than and connection._end is None:
                    wait.must_go_on(connection._transport.get_extra_info("socket"))
            else:
                return

    def has_come(self, where: socket.socket) -> bool:
        """Whether nothing is there to read, and nothing will come."""
        port: int = where.getsockname()[1]
        is_silent = any(port in server._app.state.desk.traffic.silent for server in self.servers())
        poll = select.poll()
        poll.register(where.fileno(), select.POLLIN)
        return is_silent and not poll.poll(0)


class _Wait:
    """One wait for a reply."""

    def __init__(self, silence: NoResponse, seconds: float | None) -> None:
        self._silence, self._own_time = silence, silence.own_time
        self._seconds = TRANSMISSION.get().deadline.shortened(seconds)
        self._late_at = time.monotonic() + HANGS_SECONDS
        self._began = 0.0 if self._own_time is None else self._own_time.now

    def must_go_on(self, where: socket.socket) -> None:
        """In the place of a time-out; raises it again where it has to be."""
        if self._silence.has_come(where):
            if self._own_time is not None:
                self._own_time.until(self._began + self._seconds)
            raise httpcore.ReadTimeout
        if TRANSMISSION.get().deadline.remaining() <= 0 or time.monotonic() > self._late_at:
            raise httpcore.ReadTimeout


def _listening(listen: Callable[..., Any], original: Read) -> Read:
    return lambda *arguments, **named: listen(original, *arguments, **named)


@contextmanager
def heard(*servers: MockServer, own_time: OwnTime | None = None) -> Iterator[None]:
    """Let all clients hear the silence of these servers, until the end of the block."""
    with heard_from(lambda: servers, own_time):
        yield


@contextmanager
def heard_from(servers: Callable[[], Iterable[MockServer]], own_time: OwnTime | None = None) -> Iterator[None]:
    """As `heard`, of servers that come and go."""
    silence = NoResponse(servers, own_time)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WatchedStream, "read", _listening(silence.reads, WatchedStream.read))
        patch.setattr(AsyncWatchedStream, "read", _listening(silence.reads_async, AsyncWatchedStream.read))
        patch.setattr(Connection, "_more", _listening(silence.waits_for_more, Connection._more))
        yield
