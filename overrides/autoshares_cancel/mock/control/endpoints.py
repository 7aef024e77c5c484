"""The control API under `/_mock/`, which a real server does not have. It never shows a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from attrs import Attribute, AttrsInstance, asdict, define
from starlette.requests import Request
from starlette.responses import Response

from autoshares_cancel.mock._replies import Document, Handler
from autoshares_cancel.mock._state import ServerState
from autoshares_cancel.mock.control.fault_parsing import arm, show_catalogue, show_faults
from autoshares_cancel.mock.control.parsing import (
    parse_advance,
    parse_object,
    parse_races,
    parse_seed,
    parse_settings,
)
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.users import User

PREFIX = "/_mock/"


@define
class Control:
    """The control endpoints of one server."""

    server: ServerState

    def routes(self) -> dict[str, dict[str, Handler]]:
        """Return the handlers by path and method."""
        return {
            "/_mock/state": _shown(self.state),
            "/_mock/reset": _done(self.server.reset),
            "/_mock/seed": _changed(self.seed),
            "/_mock/clock": _changed(self.clock),
            "/_mock/revoke": _done(self.server.exchange.revoke_tokens),
            "/_mock/settings": _changed(self.settings),
            "/_mock/races": _changed(self.races),
            "/_mock/faults": _shown(self.faults) | _changed(self.arm_faults),
        }

    def state(self) -> Document:
        """Return the current state without secrets."""
        exchange, traffic = self.server.exchange, self.server.traffic
        return {
            "now": exchange.now(),
            "orders": [_order(order) for _, order in sorted(exchange.orders.items())],
            "users": [_user(user) for _, user in sorted(exchange.users.items())],
            "counters": traffic.counters(),
            "races": self._races(),
            "ledger": [_fields(event) for event in exchange.ledger],
            "requests": [_fields(seen) for seen in traffic.requests],
            "settings": self._settings(),
        }

    def seed(self, document: dict[str, Any]) -> None:
        """Add users and orders: all of them, or none if one is wrong."""
        users, orders = parse_seed(document)
        self.server.exchange.seed(users=users, orders=orders)

    def clock(self, document: dict[str, Any]) -> Document:
        """Advance the clock, and return the new time."""
        self.server.exchange.advance(parse_advance(document))
        return {"now": self.server.exchange.now()}

    def settings(self, document: dict[str, Any]) -> Document:
        """Change the settings that the document names, and return all settings."""
        self.server.settings = parse_settings(document, self.server.settings)
        return self._settings()

    def races(self, document: dict[str, Any]) -> Document:
        """Replace the armed races, and return them."""
        self.server.exchange.arm(parse_races(document, self.server.settings))
        return {"races": self._races()}

    def faults(self) -> Document:
        """Return the armed faults, and the catalogue of faults."""
        return {**show_faults(self.server.faults), "catalogue": show_catalogue()}

    def arm_faults(self, document: dict[str, Any]) -> Document:
        """Replace the armed faults, and return them."""
        arm(document, self.server.faults)
        return show_faults(self.server.faults)

    def _races(self) -> list[dict[str, Any]]:
        return [_fields(race) for race in self.server.exchange.races]

    def _settings(self) -> Document:
        settings = self.server.settings
        answer = settings.token_answer
        # Only the status of the answer: its body may hold a token.
        return _fields(settings) | {"token_answer": None if answer is None else {"status": answer.status}}


def control_response(document: Document, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Make a reply in ASCII JSON, so that any seeded text can be encoded."""
    return Response(json.dumps(document), status, headers, media_type="application/json")


def _shown(show: Callable[[], Document]) -> dict[str, Handler]:
    async def answer(_request: Request) -> Response:
        return control_response(show())

    return {"GET": answer, "HEAD": answer}


def _done(act: Callable[[], None]) -> dict[str, Handler]:
    async def answer(_request: Request) -> Response:
        act()
        return Response(status_code=204)

    return {"POST": answer}


def _changed(change: Callable[[dict[str, Any]], Document | None]) -> dict[str, Handler]:
    async def answer(request: Request) -> Response:
        try:
            shown = change(parse_object(await request.body()))
        except ValueError as problem:
            return control_response({"error": str(problem)}, 400)
        return Response(status_code=204) if shown is None else control_response(shown)

    return {"POST": answer}


def _order(order: Order) -> dict[str, Any]:
    return _fields(order) | {"leaves_quantity": order.leaves_quantity}


def _user(user: User) -> dict[str, Any]:
    return {"username": user.username, "accounts": list(user.accounts), "steps": list(user.steps)}


def _fields(value: AttrsInstance) -> dict[str, Any]:
    """Return the fields that may be shown; not recursive, because a record may have a thousand entries."""
    return asdict(value, recurse=False, filter=_is_shown)


def _is_shown(field: Attribute[Any], _value: object) -> bool:
    return field.name != "username"
