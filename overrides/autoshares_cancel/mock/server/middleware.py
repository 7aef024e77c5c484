"""Around every request: its path is taken as it came, its answer is noted, and its fault may keep it from the book."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from attrs import define, field
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autoshares_cancel.mock._state import OnWire, Seen, Traffic
from autoshares_cancel.mock.control.endpoints import PREFIX, control_response


@define
class RawPaths:
    """Routes by the path before decoding, so that an encoded slash stays inside its segment."""

    app: ASGIApp = field()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its raw path."""
        if scope["type"] == "http":
            scope = {**scope, "path": _raw_path(scope)}
        await self.app(scope, receive, send)


@define
class Recorder:
    """Notes each request and its status, those of control apart."""

    app: ASGIApp = field()
    traffic: Traffic = field()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and record it when it is answered."""

        async def noting(message: Message) -> None:
            # Before the caller can see the answer, so that whoever has one finds it noted.
            if message["type"] == "http.response.start":
                self.traffic.requests.append(_seen(scope, message["status"]))
            await send(message)

        is_noted = scope["type"] == "http" and not scope["path"].startswith(PREFIX)
        await self.app(scope, receive, noting if is_noted else send)


@define
class Sparing:
    """Keeps those requests away that are not to be carried out: their reply is lost before the order is touched.

    A fault that can't be had is refused, so that a slip never passes for an honest reply.
    """

    app: ASGIApp = field()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or lose it."""
        wire = _wire_of(scope)
        problem = _problem(scope) if wire is None else wire.problem
        app = self.app
        if problem is not None:
            app = control_response({"error": problem}, 400)
        elif wire is not None and wire.chosen is not None and wire.chosen.when == "before":
            app = Response(status_code=204)
        await app(scope, receive, send)


def _problem(scope: Scope) -> str | None:
    asks = scope["type"] == "http" and any(name == b"x-mock-fault" for name, _ in scope["headers"])
    return "faults need a wire: use MockServer, or autoshares-cancel mock" if asks else None


def _raw_path(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    # ASGI lets a server leave the raw path out; then the decoded one is encoded as well as can be.
    return quote(scope["path"]) if raw is None else raw.decode("latin-1")


def _seen(scope: Scope, status: int) -> Seen:
    query: Any = scope["query_string"].decode("latin-1")
    path: str = scope["path"] + ("?" + query if query else "")
    return Seen.of(scope["method"], path, status, _wire_of(scope) or OnWire())


def _wire_of(scope: Scope) -> OnWire | None:
    wire: OnWire | None = scope.get("state", {}).get("wire")
    return wire
