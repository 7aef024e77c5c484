"""Clients of every kind behind one blocking function, so that each check can run with each client (law 8)."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

from anyio.from_thread import start_blocking_portal

from autoshares_cancel import AsyncClient, AutosharesError, Client, RetryPolicy

BACKENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "asyncio": ("asyncio", {}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}
"""The event loops, as arguments of `start_blocking_portal`."""
CLIENT_KINDS = ("sync", *BACKENDS)
TLS = ssl.create_default_context()
"""Made once, because loading the certificates takes longer than most checks."""

Call = Callable[..., Any]
"""Calls a client method by name. Returns its result or the package's error; raises any other exception."""


@contextmanager
def open_client(client_kind: str, **settings: Any) -> Generator[Call]:
    """Open a client of this kind. It makes one attempt and never reads an order: each check is about one reply."""
    settings = {"verify": TLS, "retry": RetryPolicy(attempts=1), "resolve": False, **settings}
    if client_kind == "sync":
        with Client(**settings) as client:
            yield lambda method, **arguments: _outcome(partial(getattr(client, method), **arguments))
        return
    with start_blocking_portal(*BACKENDS[client_kind]) as portal:
        async_client = AsyncClient(**settings)
        try:
            yield lambda method, **arguments: _outcome(
                partial(portal.call, partial(getattr(async_client, method), **arguments))
            )
        finally:
            portal.call(async_client.aclose)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except AutosharesError as error:
        return error
