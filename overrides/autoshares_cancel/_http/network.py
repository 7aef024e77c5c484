"""The sockets under httpcore, watched: see transmission for why."""

import ssl
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

import httpcore
import httpx

from autoshares_cancel._http.request import Origin
from autoshares_cancel._http.response import ResponseBuffer, is_unread
from autoshares_cancel._http.tls import KEEP_SECONDS
from autoshares_cancel._http.transmission import TRANSMISSION
from autoshares_cancel._validation import MOST_CONNECTIONS
from autoshares_cancel.errors import ConfigurationError

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)

SocketOptions = Iterable[Any] | None


def _is_readable(stream: httpcore.NetworkStream | httpcore.AsyncNetworkStream) -> bool:
    return bool(stream.get_extra_info("is_readable")) or is_unread(stream.get_extra_info("ssl_object"))


class WatchedStream(httpcore.NetworkStream):
    """A connection of Client."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._reply = ResponseBuffer()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, TRANSMISSION.get().limit(timeout, httpcore.ReadTimeout))
        self._reply.grows(data, httpcore.ReadError)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        transmission = TRANSMISSION.get()
        limit = transmission.limit(timeout, httpcore.WriteTimeout)
        if buffer and self._reply.has_come and (not self._reply.is_all_there_is or _is_readable(self._stream)):
            raise httpcore.ConnectionNotAvailable  # which takes another connection, as nothing has left
        transmission.writes(buffer)
        self._reply.begins()
        self._stream.write(buffer, limit)

    def start_tls(self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None) -> "WatchedStream":
        limit = TRANSMISSION.get().limit(timeout, httpcore.ConnectTimeout)
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
        limit = TRANSMISSION.get().limit(timeout, httpcore.ConnectTimeout)
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
        self._reply = ResponseBuffer()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # httpcore's name
        data = await self._stream.read(max_bytes, TRANSMISSION.get().limit(timeout, httpcore.ReadTimeout))
        self._reply.grows(data, httpcore.ReadError)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # httpcore's name
        transmission = TRANSMISSION.get()
        limit = transmission.limit(timeout, httpcore.WriteTimeout)
        if buffer and self._reply.has_come and (not self._reply.is_all_there_is or _is_readable(self._stream)):
            raise httpcore.ConnectionNotAvailable  # which takes another connection, as nothing has left
        transmission.writes(buffer)
        self._reply.begins()
        await self._stream.write(buffer, limit)

    async def start_tls(
        self,
        ssl_context: Any,
        server_hostname: Any = None,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's name
    ) -> "AsyncWatchedStream":
        limit = TRANSMISSION.get().limit(timeout, httpcore.ConnectTimeout)
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
        limit = TRANSMISSION.get().limit(timeout, httpcore.ConnectTimeout)
        backend = cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())
        return AsyncWatchedStream(await backend.connect_tcp(host, port, limit, local_address, socket_options))


def open_http(kind: type[Http], tls: ssl.SSLContext, *, proxies: bool) -> Http:
    """The httpx client that finds the proxies of the environment, if they may be used, and has the sockets watched.

    Nothing is sent by itself: what it opens is used below it. Opens no connection. Raises ConfigurationError for
    proxies that can't be used.
    """
    limits = httpx.Limits(
        max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS, keepalive_expiry=KEEP_SECONDS
    )
    try:
        http = kind(verify=tls, limits=limits, trust_env=proxies)
    except (ValueError, ImportError, httpx.InvalidURL):
        http = None
    if http is None:
        # httpx's own message may show a proxy's password.
        raise ConfigurationError("the environment's proxies can't be used: check HTTPS_PROXY, ALL_PROXY and NO_PROXY")
    return http


def proxy_of(http: httpx.Client | httpx.AsyncClient, origin: Origin) -> Any:
    """The pool of connections to a server through a proxy, with watched sockets; None where there is no proxy.

    httpx 0.28, its last release, has no way to ask for the pool or to give it sockets, though httpcore takes them.
    Where this ever stops working, the tests of the deadline, of NotSent and of proxies fail.
    """
    transport = http._transport_for_url(httpx.URL(f"{origin.scheme}://{origin.host_header}"))  # noqa: SLF001  # as said
    if transport is http._transport:  # noqa: SLF001  # as said
        return None
    pool = vars(transport)["_pool"]
    pool._network_backend = WatchedBackend() if isinstance(http, httpx.Client) else AsyncWatchedBackend()  # noqa: SLF001  # as said
    return pool
