"""The sockets under httpx, watched: see _watch for why."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, cast

import httpcore
import httpx

from autoshares_cancel._watch import WATCH, LastReply, is_unread

SocketOptions = Iterable[Any] | None


def _is_readable(stream: httpcore.NetworkStream | httpcore.AsyncNetworkStream) -> bool:
    return bool(stream.get_extra_info("is_readable")) or is_unread(stream.get_extra_info("ssl_object"))


class WatchedStream(httpcore.NetworkStream):
    """A connection of Client."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._reply = LastReply()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, WATCH.get().limit(timeout, httpcore.ReadTimeout))
        self._reply.grows(data, httpcore.ReadError)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        watch = WATCH.get()
        limit = watch.limit(timeout, httpcore.WriteTimeout)
        if buffer and self._reply.has_come and (not self._reply.is_all_there_is or _is_readable(self._stream)):
            raise httpcore.ConnectionNotAvailable  # which takes another connection, as nothing has left
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
        return _is_readable(self._stream) if info == "is_readable" else self._stream.get_extra_info(info)


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
        self._reply.grows(data, httpcore.ReadError)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # httpcore's name
        watch = WATCH.get()
        limit = watch.limit(timeout, httpcore.WriteTimeout)
        if buffer and self._reply.has_come and (not self._reply.is_all_there_is or _is_readable(self._stream)):
            raise httpcore.ConnectionNotAvailable  # which takes another connection, as nothing has left
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
        return _is_readable(self._stream) if info == "is_readable" else self._stream.get_extra_info(info)


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


def watch(http: httpx.Client | httpx.AsyncClient) -> None:
    """Put watched sockets under an httpx client that was just made, proxies included."""
    backend = WatchedBackend() if isinstance(http, httpx.Client) else AsyncWatchedBackend()
    for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001  # see below
        # httpcore has an argument for its network backend, but httpx 0.28, its last release, does not pass one on.
        # Where this ever stops working, the tests of the deadline and of NotSent fail.
        if transport is not None:
            vars(transport)["_pool"]._network_backend = backend  # noqa: SLF001  # as said
