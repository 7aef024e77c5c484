"""One request out, one piece of evidence back: twice, once for each colour. The only place that handles httpx's errors.

Nothing is raised from here but what stops the program itself (KeyboardInterrupt, cancellation): whatever the server or
the network does becomes evidence, with its words but without its exception, whose frames hold headers in clear.
"""

import ssl
from collections.abc import Mapping
from contextlib import aclosing, closing, suppress
from typing import Final

import anyio
import httpx

from autoshares_cancel._deadline import Deadline
from autoshares_cancel._evidence import Evidence, NothingLeft, Reply, Silence
from autoshares_cancel._network import WATCH, AsyncWatchedBackend, Watch, WatchedBackend
from autoshares_cancel._secret import Secret
from autoshares_cancel._transport import Timeouts
from autoshares_cancel.errors import ConfigurationError

GRACE: Final = 0.05
"""Seconds after the deadline until an AsyncClient's call is cut off from outside. The operations below end at the
deadline by themselves, and can say what they were doing."""

HEADERS: Final = {
    "Accept": "application/json, text/json",
    # What isn't compressed can't unpack to more than was read.
    "Accept-Encoding": "identity",
    "User-Agent": "autoshares-cancel",
}


def prepare(
    method: str, url: str, headers: Mapping[str, str], *, app_key: Secret, bearer: Secret | None
) -> httpx.Request:
    """A request with its credentials, and without anything that httpx would add by itself but Host and lengths."""
    everything = {**HEADERS, **headers, "Et-App-Key": app_key.reveal()}
    if bearer is not None:
        everything["Authorization"] = f"Bearer {bearer.reveal()}"
    return httpx.Request(method, url, headers=everything)


def open_http(tls: ssl.SSLContext, timeouts: Timeouts, *, proxies: bool) -> httpx.Client:
    """The httpx client under Client. Opens no connection yet; reads the proxies of the environment if asked to."""
    try:
        http = httpx.Client(verify=tls, timeout=_timeout(timeouts), trust_env=proxies, follow_redirects=False)
    except (ValueError, ImportError, httpx.InvalidURL):
        http = None
    if http is None:
        raise _unusable_proxies()
    for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001  # see _watch
        _watch(transport, WatchedBackend())
    return http


def open_async_http(tls: ssl.SSLContext, timeouts: Timeouts, *, proxies: bool) -> httpx.AsyncClient:
    """The httpx client under AsyncClient. Opens no connection yet; reads the proxies of the environment if asked to."""
    try:
        http = httpx.AsyncClient(verify=tls, timeout=_timeout(timeouts), trust_env=proxies, follow_redirects=False)
    except (ValueError, ImportError, httpx.InvalidURL):
        http = None
    if http is None:
        raise _unusable_proxies()
    for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001  # see _watch
        _watch(transport, AsyncWatchedBackend())
    return http


def _timeout(timeouts: Timeouts) -> httpx.Timeout:
    return httpx.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool)


def _unusable_proxies() -> ConfigurationError:
    # httpx's own message may show a proxy's password.
    return ConfigurationError("the proxies of the environment can't be used: check HTTPS_PROXY, ALL_PROXY and NO_PROXY")


def _watch(transport: object, backend: WatchedBackend | AsyncWatchedBackend) -> None:
    # httpcore has an argument for its network backend, but httpx 0.28, its last release, does not pass one on. Where
    # this ever stops working, the tests of the deadline and of NotSent fail.
    if transport is not None:
        transport._pool._network_backend = backend  # type: ignore[attr-defined]  # noqa: SLF001


def exchange(http: httpx.Client, request: httpx.Request, deadline: Deadline) -> Evidence:
    """Send a request once. Blocks until the evidence is there, at most until the deadline."""
    watch = Watch(deadline)
    WATCH.set(watch)
    _bound_the_pool(request, http.timeout, deadline)
    try:
        response = http.send(request, stream=True)
    except Exception as error:  # noqa: BLE001  # law 3: whatever it is, it becomes evidence
        return _failure(watch, error)
    body = bytearray()
    with suppress(Exception), closing(response):  # a broken body never hides a status
        for chunk in response.iter_raw():
            body += chunk
    return Reply(status_code=response.status_code, body=bytes(body))


async def exchange_async(http: httpx.AsyncClient, request: httpx.Request, deadline: Deadline) -> Evidence:
    """Send a request once. Waits until the evidence is there, at most until the deadline."""
    watch = Watch(deadline)
    WATCH.set(watch)
    _bound_the_pool(request, http.timeout, deadline)
    response: httpx.Response | None = None
    body = bytearray()
    with anyio.move_on_after(deadline.remaining() + GRACE):
        try:
            response = await http.send(request, stream=True)
        except Exception as error:  # noqa: BLE001  # law 3: whatever it is, it becomes evidence
            return _failure(watch, error)
        with suppress(Exception):  # a broken body never hides a status
            async with aclosing(response):
                async for chunk in response.aiter_raw():
                    body += chunk
    if response is None:
        return _failure(watch, TimeoutError("the deadline is over"))
    return Reply(status_code=response.status_code, body=bytes(body))


def _bound_the_pool(request: httpx.Request, timeout: httpx.Timeout, deadline: Deadline) -> None:
    # The sockets keep the deadline by themselves; waiting for a free connection happens above them.
    request.extensions["timeout"] = {**timeout.as_dict(), "pool": deadline.shortened(timeout.pool)}


def _failure(watch: Watch, error: Exception) -> Evidence:
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return Silence(reason=reason) if watch.may_have_left else NothingLeft(reason=reason)
