"""The ASGI application of the mock: routes a request, answers it, and records it.

1. A path is matched before it is decoded, so that an encoded slash stays inside its segment.
2. A request with a fault `before` is not carried out. An unknown fault is refused, so that a typo is never ignored. A
   fault that needs a connection is refused without one.
3. A request is recorded before its reply is sent, so that a caller with a reply finds the request recorded. Requests to
   control are not recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Unpack
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from autoshares_cancel.mock._replies import Handler, Reply, guide_document, render
from autoshares_cancel.mock._settings import Settings, SettingsOptions
from autoshares_cancel.mock._state import OnWire, Seen, ServerState
from autoshares_cancel.mock.api import cancel as cancelling
from autoshares_cancel.mock.api import list_orders, token
from autoshares_cancel.mock.api import read as reading
from autoshares_cancel.mock.api.headers import every, only
from autoshares_cancel.mock.api.order_call import OrderCall
from autoshares_cancel.mock.control.endpoints import PREFIX, Control, control_response
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.faults.request_target import read_target
from autoshares_cancel.mock.server.without_wire import distorted

_NEEDS_WIRE = "faults need a wire: use MockServer, or autoshares-cancel mock"
_NOT_HTTP = Router()  # answers the lifespan of an application that has none, and refuses web sockets


def create_app(exchange: Exchange | None = None, **settings: Unpack[SettingsOptions]) -> MockApp:
    """Make the mock as an ASGI application; its exchange is `app.state.exchange`.

    `bodies` chooses the bodies of statuses without a documented one: those of the vendor's guides, or none, as in the
    vendor's table. The other settings are those of `/_mock/settings`. Raises ValueError for an invalid value.
    """
    return MockApp(ServerState(exchange or Exchange(), Settings(**settings)))


class MockApp:
    """An ASGI application, served by itself or mounted in another one."""

    def __init__(self, state: ServerState) -> None:
        self.state = state
        self._routes = [(_pattern(path), handlers) for path, handlers in _routes(state)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await _NOT_HTTP(scope, receive, send)
            return
        request = Request({**scope, "path": _raw_path(scope)}, receive)
        path = request.scope["path"].removeprefix(scope.get("root_path", ""))
        wire: OnWire | None = scope.get("state", {}).get("wire")
        known = self._without_wire(request, path) if wire is None else wire
        request.scope["fate"] = None if known.chosen is None else known.chosen.fate
        response = _fault_in_place(known) or await self._answer(request, path)
        if not path.startswith(PREFIX):
            self.state.traffic.record(_seen(request, response.status_code, known))
        if wire is None and known.chosen is not None:
            response = await distorted(response, known.chosen, path, self.state.settings.redirect_to)
        await response(request.scope, receive, send)

    def _without_wire(self, request: Request, path: str) -> OnWire:
        if path.startswith(PREFIX):
            return OnWire()
        if every(request, b"x-mock-fault"):
            return OnWire(problem=_NEEDS_WIRE)
        chosen = self.state.faults.for_request(read_target(request.method, path, only(request, b"username")))
        return OnWire(problem=_NEEDS_WIRE) if chosen and chosen.fault.needs_wire else OnWire(chosen=chosen)

    async def _answer(self, request: Request, path: str) -> Response:
        for pattern, handlers in self._routes:
            found = pattern.fullmatch(path)
            if found is not None:
                request.scope["path_params"] = found.groupdict()
                handler = handlers.get(request.method)
                return self._not_allowed(request, path, handlers) if handler is None else await handler(request)
        return self._refused(request, path, HTTPStatus.NOT_FOUND, {})

    def _not_allowed(self, request: Request, path: str, handlers: Mapping[str, Handler]) -> Response:
        return self._refused(request, path, HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(sorted(handlers))})

    def _refused(self, request: Request, path: str, status: int, headers: dict[str, str]) -> Response:
        if path.startswith(PREFIX):
            return control_response({"error": f"there is no {request.method} {path}"}, status, headers)
        has_body = self.state.settings.bodies == "guide"
        document = guide_document(status, method=request.method, path=request.scope["path"]) if has_body else None
        return render(Reply(status=status, document=document, headers=headers), every(request, b"accept"))


def _routes(state: ServerState) -> Iterator[tuple[str, Mapping[str, Handler]]]:
    cancel, read, at_venue = cancelling.Cancel(state), reading.Read(state), cancelling.CancelAtVenue(state)
    # One entry for all methods of a path, so that the Allow of a 405 names them all.
    yield cancelling.PATH, {**_all(reading.METHODS, read), **_all(cancelling.METHODS, cancel)}
    yield cancelling.VENUE_PATH, _all(cancelling.METHODS, at_venue)
    yield list_orders.PATH, _all(list_orders.METHODS, list_orders.ListOrders(state))
    yield token.PATH, dict.fromkeys(token.METHODS, token.TokenEndpoint(state).log_in)
    yield from Control(state).routes().items()


def _all(methods: list[str], call: OrderCall) -> Mapping[str, Handler]:
    return dict.fromkeys(methods, call.answer)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _raw_path(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    # An ASGI server may leave out the raw path; then the decoded path is encoded again.
    return quote(scope["path"]) if raw is None else raw.decode("latin-1")


def _fault_in_place(wire: OnWire) -> Response | None:
    if wire.problem is not None:
        return control_response({"error": wire.problem}, 400)
    is_lost = wire.chosen is not None and wire.chosen.when == "before"
    return Response(status_code=204) if is_lost else None


def _seen(request: Request, status: int, wire: OnWire) -> Seen:
    query = request.scope["query_string"].decode("latin-1")
    path: str = request.scope["path"] + ("?" + query if query else "")
    return Seen.of(request.method, path, status, wire, only(request, b"username"))
