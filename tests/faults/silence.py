"""Read time-outs that depend on the mock, not on the machine: a reply is late if the mock reports that none will come.

1. A client looks for its reply again and again. Only if the mock withholds the reply, and the socket has no data,
   a time-out is raised; it is a real time-out of the real socket.
2. A normal reply is therefore never late on a busy machine, and a reply that never comes takes no time.
3. On the test's own clock, such a wait takes its full time-out.
"""

import select
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from attrs import define
from faults.own_time import OwnTime

from autoshares_cancel import Timeouts
from autoshares_cancel._http.connection import Connection
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel.mock import MockServer

PATIENT: Final = Timeouts(connect=60.0, read=1.0, write=60.0, pool=60.0)
"""For clients under test. Only a reply that never comes exceeds `read`; the other limits are never reached."""
LOOK_SECONDS: Final = 0.005
HANGS_SECONDS: Final = 60.0

Read = Callable[[Connection, Transmission], Awaitable[bytes]]


@define
class NoResponse:
    """Knows the connections on which the mock sends no more; servers may start and stop."""

    servers: Callable[[], Iterable[MockServer]]
    own_time: OwnTime | None = None

    async def reads(self, original: Read, connection: Connection, transmission: Transmission) -> bytes:
        """Replacement of Connection._read."""
        wait = _Wait(self, transmission)
        while True:
            try:
                return await original(connection, wait.for_a_look())
            except TimeoutError:
                wait.must_go_on(_socket_of(connection))

    def has_come(self, where: socket.socket) -> bool:
        """Whether there is no data to read and the mock will send no more."""
        try:
            port: int = where.getsockname()[1]
            is_silent = any(port in server._app.state.traffic.silent for server in self.servers())
            poll = select.poll()
            poll.register(where.fileno(), select.POLLIN)
            return is_silent and not poll.poll(0)
        except (OSError, ValueError):  # closed in between: the next look finds the end
            return False


class _Wait:
    """One wait for a reply."""

    def __init__(self, silence: NoResponse, transmission: Transmission) -> None:
        self._silence, self._own_time = silence, silence.own_time
        self._transmission, self._seconds = transmission, transmission.reading()
        self._late_at = time.monotonic() + HANGS_SECONDS
        self._began = 0.0 if self._own_time is None else self._own_time.now

    def for_a_look(self) -> Transmission:
        """A transmission with a short time-out, for one look."""
        timeouts = Timeouts(read=LOOK_SECONDS)
        return Transmission(Deadline.after(HANGS_SECONDS, time.monotonic), timeouts)

    def must_go_on(self, where: socket.socket) -> None:
        """Return to continue the wait, or raise TimeoutError if it is over."""
        if self._silence.has_come(where):
            if self._own_time is not None:
                self._own_time.until(self._began + self._seconds)
            raise TimeoutError("timed out")
        if self._transmission.deadline.remaining() <= 0 or time.monotonic() > self._late_at:
            raise TimeoutError("timed out")


def _socket_of(connection: Connection) -> socket.socket:
    stream: Any = connection.stream
    while not hasattr(stream, "socket"):
        stream = stream._stream
    found: socket.socket = stream.socket
    return found


@contextmanager
def heard(*servers: MockServer, own_time: OwnTime | None = None) -> Iterator[None]:
    """Replace the reads of all clients in the block: a time-out then depends on these servers."""
    with heard_from(lambda: servers, own_time):
        yield


@contextmanager
def heard_from(servers: Callable[[], Iterable[MockServer]], own_time: OwnTime | None = None) -> Iterator[None]:
    """The same as `heard`, for servers that start and stop."""
    silence, read = NoResponse(servers, own_time), Connection._read

    async def reading(connection: Connection, transmission: Transmission) -> bytes:
        return await silence.reads(read, connection, transmission)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "_read", reading)
        yield
