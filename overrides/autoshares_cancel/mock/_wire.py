"""Around every request: its path is taken as it came, and its answer is noted."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from attrs import define, field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autoshares_cancel.mock._control import PREFIX
from autoshares_cancel.mock._desk import Seen, Traffic


@define
class RawPaths:
    """Routes by the path before decoding, so that an encoded slash stays inside its segment."""

    app: ASGIApp = field()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": _raw_path(scope)}
        await self.app(scope, receive, send)


@define
class Recorder:
    """Notes each request and its status, those of control apart."""

    app: ASGIApp = field()
    traffic: Traffic = field()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            # Before the caller can see the answer, so that whoever has one finds it noted.
            if message["type"] == "http.response.start":
                self.traffic.requests.append(_seen(scope, message["status"]))
            await send(message)

        is_noted = scope["type"] == "http" and not scope["path"].startswith(PREFIX)
        await self.app(scope, receive, noting if is_noted else send)


def _raw_path(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    # ASGI lets a server leave the raw path out; then the decoded one is encoded as well as can be.
    return quote(scope["path"]) if raw is None else raw.decode("latin-1")


def _seen(scope: Scope, status: int) -> Seen:
    query: Any = scope["query_string"].decode("latin-1")
    return Seen(method=scope["method"], path=scope["path"] + ("?" + query if query else ""), status=status)
