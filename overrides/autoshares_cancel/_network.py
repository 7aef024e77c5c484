"""The sockets under httpx, watched: nothing outlives the deadline, and what left this machine is known to the byte.

1. httpx bounds each single read, so that a server which sends one byte a second can hold a call for ever. Here every
   operation is bounded by what is left of the call's deadline.
2. Only the socket knows whether a request left. A stream that was never written to in this attempt is the proof that
   NotSent needs (law 4). A CONNECT to a proxy is no order, and does not count.
3. A connection is used again only if the last reply ended where its bytes ended. What follows a reply unasked, a second
   reply or a body behind a 204, would be read as the answer to the next request (law 1).

The attempt under way is found in WATCH, a context variable: one thread or task makes one attempt at a time.
"""

import re
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Any, Final, cast

import httpcore
from attrs import define

from autoshares_cancel._deadline import Deadline

REPLY_LIMIT: Final = 128 * 1024
"""Bytes of a reply that are read at most; the rest is not worth waiting for."""

NO_CONTENT: Final = re.compile(rb"HTTP/1\.[01] 204\b")
CONTENT_LENGTH: Final = re.compile(rb"\r\n(?i:content-length):[ \t]*([0-9]{1,9})[ \t]*(?=\r\n|$)")

SocketOptions = Iterable[Any] | None


@define
class Watch:
    """What the sockets tell of one attempt."""

    deadline: Deadline
    may_have_left: bool = False

    def writes(self, data: bytes) -> None:
        """Told just before bytes are handed to the operating system."""
        if data and not data.startswith(b"CONNECT "):
            self.may_have_left = True

    def limit(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        """How long the next operation may take; raises the error when nothing is left."""
        seconds = self.deadline.shortened(timeout)
        if seconds <= 0:
            raise error("the deadline is over")
        return seconds


WATCH: ContextVar[Watch] = ContextVar("autoshares_cancel_watch")


class LastReply:
    """What has come in since the last request was written on one connection."""

    def __init__(self) -> None:
        self._data = bytearray()

    def begins(self) -> None:
        """Told when a request is written."""
        self._data.clear()

    def grows(self, data: bytes) -> None:
        """Told what was read; raises ReadError when that is more than is remembered."""
        self._data += data
        if len(self._data) > REPLY_LIMIT:
            raise httpcore.ReadError("the reply is longer than is read")

    @property
    def is_all_there_is(self) -> bool:
        """Whether it is one reply of known length, and nothing behind it. Chunks and early hints are not known."""
        head, _, body = bytes(self._data).partition(b"\r\n\r\n")
        if NO_CONTENT.match(head):
            return not body
        lengths = CONTENT_LENGTH.findall(head)
        return len(lengths) == 1 and int(lengths[0]) == len(body)


class WatchedStream(httpcore.NetworkStream):
    """A connection of Client."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._reply = LastReply()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, WATCH.get().limit(timeout, httpcore.ReadTimeout))
        self._reply.grows(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        watch = WATCH.get()
        limit = watch.limit(timeout, httpcore.WriteTimeout)
        watch.writes(buffer)
        self._reply.begins()
        self._stream.write(buffer, limit)

    def start_tls(self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None) -> "WatchedStream":
        limit = WATCH.get().limit(timeout, httpcore.ConnectTimeout)
        return WatchedStream(self._stream.start_tls(ssl_context, server_hostname, limit))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        # httpcore asks this before it uses a connection again, and gives up one that has something to read.
        if info == "is_readable" and not self._reply.is_all_there_is:
            return True
        return self._stream.get_extra_info(info)


class WatchedBackend(httpcore.NetworkBackend):
    """Opens the connections of Client."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.NetworkStream:
        limit = WATCH.get().limit(timeout, httpcore.ConnectTimeout)
        connected: Future[httpcore.NetworkStream] = Future()

        def connect() -> None:
            try:
                stream = httpcore.SyncBackend().connect_tcp(host, port, limit, local_address, socket_options)
            except BaseException as error:  # noqa: BLE001  # handed to the caller, who raises it
                connected.set_exception(error)
            else:
                connected.set_result(stream)

        # The look-up of a name can't be bounded, and every address of a host gets the whole time-out: so this is done
        # by a thread that can be left behind. It only connects, it never sends.
        threading.Thread(target=connect, daemon=True, name="autoshares-cancel connect").start()
        try:
            return WatchedStream(connected.result(limit))
        except TimeoutError:
            connected.add_done_callback(_close)
            raise httpcore.ConnectTimeout("no connection in time") from None


def _close(connected: Future[httpcore.NetworkStream]) -> None:
    if connected.exception() is None:
        connected.result().close()


class AsyncWatchedStream(httpcore.AsyncNetworkStream):
    """A connection of AsyncClient."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._reply = LastReply()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # httpcore's name
        data = await self._stream.read(max_bytes, WATCH.get().limit(timeout, httpcore.ReadTimeout))
        self._reply.grows(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # httpcore's name
        watch = WATCH.get()
        limit = watch.limit(timeout, httpcore.WriteTimeout)
        watch.writes(buffer)
        self._reply.begins()
        await self._stream.write(buffer, limit)

    async def start_tls(
        self,
        ssl_context: Any,
        server_hostname: Any = None,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's name
    ) -> "AsyncWatchedStream":
        limit = WATCH.get().limit(timeout, httpcore.ConnectTimeout)
        return AsyncWatchedStream(await self._stream.start_tls(ssl_context, server_hostname, limit))

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        # As in WatchedStream.
        if info == "is_readable" and not self._reply.is_all_there_is:
            return True
        return self._stream.get_extra_info(info)


class AsyncWatchedBackend(httpcore.AsyncNetworkBackend):
    """Opens the connections of AsyncClient, on asyncio and on trio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's name
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.AsyncNetworkStream:
        limit = WATCH.get().limit(timeout, httpcore.ConnectTimeout)
        backend = cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())
        return AsyncWatchedStream(await backend.connect_tcp(host, port, limit, local_address, socket_options))
