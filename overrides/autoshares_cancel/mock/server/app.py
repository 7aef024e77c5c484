"""The application: routes, what surrounds them, and the answer to everything that has no route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from attrs import frozen
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from autoshares_cancel.mock._replies import Bodies, Reply, guide_document, render
from autoshares_cancel.mock._state import Desk, Settings
from autoshares_cancel.mock.api import cancel as cancelling
from autoshares_cancel.mock.api import list_orders, token
from autoshares_cancel.mock.api import read as reading
from autoshares_cancel.mock.api.asked import every, raw_path
from autoshares_cancel.mock.api.order_call import OrderCall
from autoshares_cancel.mock.control.endpoints import PREFIX, Control, control_response, refuse_bad_input
from autoshares_cancel.mock.control.parsing import BadInputError
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.server.middleware import RawPaths, Recorder, Sparing


def create_app(exchange: Exchange | None = None, *, bodies: Bodies = "guide") -> Starlette:
    """Make the mock as an ASGI application; its exchange is `app.state.exchange`.

    `bodies` is how statuses without a documented body are answered: as the vendor's guides show it, or with none, as
    the vendor's table says.
    """
    if bodies not in ("guide", "none"):
        raise ValueError(f"bodies must be 'guide' or 'none', not {bodies!r}")
    desk = Desk(exchange or Exchange(), Settings(bodies=bodies))
    app = Starlette(
        routes=_routes(desk),
        middleware=[Middleware(RawPaths), Middleware(Recorder, traffic=desk.traffic), Middleware(Sparing)],
        exception_handlers={HTTPException: _refusal(desk), BadInputError: refuse_bad_input},
    )
    app.router.redirect_slashes = False
    app.state.exchange, app.state.desk = desk.exchange, desk
    return app


def _routes(desk: Desk) -> list[Route]:
    return [
        *_order_routes(desk),
        Route(token.PATH, token.TokenEndpoint(desk).log_in, methods=token.METHODS),
        *Control(desk).routes(),
    ]


def _order_routes(desk: Desk) -> Iterable[Route]:
    cancel, read, at_venue = cancelling.Cancel(desk), reading.Read(desk), cancelling.CancelAtVenue(desk)
    yield _route(cancelling.PATH, dict.fromkeys(reading.METHODS, read) | dict.fromkeys(cancelling.METHODS, cancel))
    yield _route(list_orders.PATH, dict.fromkeys(list_orders.METHODS, list_orders.ListOrders(desk)))
    yield _route(cancelling.VENUE_PATH, dict.fromkeys(cancelling.METHODS, at_venue))


@frozen
class _Methods:
    """The calls at one path, as an application: Starlette surrounds a function with more than they need."""

    calls: Mapping[str, OrderCall]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.calls[scope["method"]].answer(Request(scope, receive, send))
        await response(scope, receive, send)


def _route(path: str, calls: Mapping[str, OrderCall]) -> Route:
    # One route for all methods, so that a 405 names them all.
    route = Route(path, _Methods(calls), methods=list(calls))
    # Starlette adds HEAD to GET, and the vendor documents none.
    route.methods = set(calls)
    return route


def _refusal(desk: Desk) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def refuse(request: Request, problem: Exception) -> Response:
        """Answer what no route takes: 404, or 405 with the methods that the path allows."""
        status, headers = _status_and_headers(problem)
        path = raw_path(request)
        if path.startswith(PREFIX):
            return control_response({"error": f"there is no {request.method} {path}"}, status, headers)
        document = guide_document(status, method=request.method, path=path) if desk.settings.bodies == "guide" else None
        return render(Reply(status=status, document=document, headers=headers), every(request, b"accept"))

    return refuse


def _status_and_headers(problem: Exception) -> tuple[int, dict[str, str]]:
    if not isinstance(problem, HTTPException):
        raise problem
    # Starlette keeps the methods of a route in a set, so that their order is chance.
    headers = {name: ", ".join(sorted(value.split(", "))) for name, value in (problem.headers or {}).items()}
    return problem.status_code, headers
