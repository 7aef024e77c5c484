"""One request out, one piece of evidence back: twice, once for each colour. The only place that handles httpx's errors.

Nothing is raised from here but what stops the program itself (KeyboardInterrupt, cancellation): whatever the server or
the network does becomes evidence, with its words but without its exception, whose frames hold headers in clear.
"""

import logging
from collections.abc import Mapping
from contextlib import aclosing, closing, suppress
from typing import Final

import anyio
import httpx

from autoshares_cancel._deadline import Deadline
from autoshares_cancel._evidence import Evidence, NothingLeft, Reply, Silence
from autoshares_cancel._secret import Secret, redacted
from autoshares_cancel._watch import WATCH, Watch

FOREIGN_LOGGERS: Final = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")
"""They write down what a server says, at INFO and DEBUG, and with it what it was told."""


class Masking(logging.Filter):
    """Masks, in what others log of a request, the secrets of the last call of this thread or task."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without secrets."""
        watch = WATCH.get(None)
        if watch is not None and watch.secrets:
            record.msg, record.args = redacted(record.getMessage(), watch.secrets), ()
        return True


MASKING: Final = Masking()
for _name in FOREIGN_LOGGERS:
    logging.getLogger(_name).addFilter(MASKING)

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


def exchange(
    http: httpx.Client, request: httpx.Request, deadline: Deadline, secrets: tuple[Secret, ...] = ()
) -> Evidence:
    """Send a request once. Blocks until the evidence is there, at most until the deadline."""
    watch = Watch(deadline, secrets)
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
    return _reply(response, body)


async def exchange_async(
    http: httpx.AsyncClient, request: httpx.Request, deadline: Deadline, secrets: tuple[Secret, ...] = ()
) -> Evidence:
    """Send a request once. Waits until the evidence is there, at most until the deadline."""
    watch = Watch(deadline, secrets)
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
    return _reply(response, body)


def _reply(response: httpx.Response, body: bytearray) -> Reply:
    told = {name: response.headers.get(name, "") for name in ("Retry-After", "Date")}
    return Reply(status_code=response.status_code, body=bytes(body), retry_after=told["Retry-After"], date=told["Date"])


def _bound_the_pool(request: httpx.Request, timeout: httpx.Timeout, deadline: Deadline) -> None:
    # The sockets keep the deadline by themselves; waiting for a free connection happens above them.
    request.extensions["timeout"] = {**timeout.as_dict(), "pool": deadline.shortened(timeout.pool)}


def _failure(watch: Watch, error: Exception) -> Evidence:
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return Silence(reason=reason) if watch.may_have_left else NothingLeft(reason=reason)
