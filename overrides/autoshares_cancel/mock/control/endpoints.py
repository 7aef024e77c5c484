"""Control under `/_mock/`: what a test may see and do that a real server does not offer. It never shows a secret."""

from __future__ import annotations

import json
from typing import Any

from attrs import asdict, define
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from autoshares_cancel.mock._state import Desk
from autoshares_cancel.mock.control.fault_parsing import parse_arming, show_catalogue, show_faults
from autoshares_cancel.mock.control.parsing import (
    BadInputError,
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
    """The endpoints of control, all about one desk."""

    desk: Desk

    def routes(self) -> list[Route]:
        """Give the routes of control."""
        return [
            Route("/_mock/state", self.state, methods=["GET"]),
            Route("/_mock/reset", self.reset, methods=["POST"]),
            Route("/_mock/seed", self.seed, methods=["POST"]),
            Route("/_mock/clock", self.clock, methods=["POST"]),
            Route("/_mock/revoke", self.revoke, methods=["POST"]),
            Route("/_mock/settings", self.settings, methods=["POST"]),
            Route("/_mock/races", self.races, methods=["POST"]),
            Route("/_mock/faults", self.show_faults, methods=["GET"]),
            Route("/_mock/faults", self.arm_faults, methods=["POST"]),
        ]

    async def state(self, _request: Request) -> Response:
        """Show everything but secrets, as it is now."""
        exchange, traffic = self.desk.exchange, self.desk.traffic
        return control_response(
            {
                "now": exchange.now(),
                "orders": [_order(order) for _, order in sorted(exchange.orders.items())],
                "users": [_user(user) for _, user in sorted(exchange.users.items())],
                "counters": {
                    "token_requests": traffic.token_requests,
                    "token_requests_in_flight_at_most": traffic.token_requests_in_flight_at_most,
                    "order_requests": traffic.order_requests,
                    "connections": traffic.connections,
                    "faults_in_flight": traffic.faults_in_flight,
                },
                "races": self._races(),
                "ledger": [asdict(event) for event in exchange.ledger],
                "requests": [asdict(seen) for seen in traffic.requests],
                "settings": self._settings(),
            }
        )

    async def reset(self, _request: Request) -> Response:
        """Go back to the start, settings, faults and counters included."""
        self.desk.reset()
        return Response(status_code=204)

    async def revoke(self, _request: Request) -> Response:
        """Make every token unknown."""
        self.desk.exchange.revoke_tokens()
        return Response(status_code=204)

    async def seed(self, request: Request) -> Response:
        """Put users and orders in place: all of them or, when one is wrong, none."""
        users, orders = parse_seed(parse_object(await request.body()))
        try:
            self.desk.exchange.seed(users=users, orders=orders)
        except ValueError as problem:
            raise BadInputError(str(problem)) from problem
        return Response(status_code=204)

    async def clock(self, request: Request) -> Response:
        """Let time pass at once, and tell what time it is then."""
        self.desk.exchange.advance(parse_advance(parse_object(await request.body())))
        return control_response({"now": self.desk.exchange.now()})

    async def settings(self, request: Request) -> Response:
        """Change the settings that are named, and show all of them."""
        document = parse_object(await request.body())
        self.desk.settings = parse_settings(document, self.desk.settings)
        return control_response(self._settings())

    async def races(self, request: Request) -> Response:
        """Arm races in place of those that are armed, and show them."""
        document = parse_object(await request.body())
        self.desk.exchange.arm(parse_races(document, self.desk.settings))
        return control_response({"races": self._races()})

    async def show_faults(self, _request: Request) -> Response:
        """Show what is armed, and every fault that can be."""
        return control_response({**show_faults(self.desk.faults), "catalogue": show_catalogue()})

    async def arm_faults(self, request: Request) -> Response:
        """Arm faults in place of those that are armed, and show them."""
        parse_arming(parse_object(await request.body())).carry_out(self.desk.faults)
        return control_response(show_faults(self.desk.faults))

    def _races(self) -> list[dict[str, Any]]:
        return [asdict(race) for race in self.desk.exchange.races]

    def _settings(self) -> dict[str, Any]:
        settings = self.desk.settings
        answer = settings.token_answer
        # Only the status of the answer: its body may hold what looks like a token.
        return asdict(settings) | {"token_answer": None if answer is None else {"status": answer.status}}


def control_response(document: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer in JSON, in plain ASCII so that any text that was seeded can be shown."""
    return Response(json.dumps(document), status, headers, media_type="application/json")


async def refuse_bad_input(_request: Request, problem: Exception) -> Response:
    """Say what is wrong with a control request."""
    return control_response({"error": str(problem)}, 400)


def _order(order: Order) -> dict[str, Any]:
    return asdict(order) | {"leaves_quantity": order.leaves_quantity}


def _user(user: User) -> dict[str, Any]:
    return {"username": user.username, "accounts": list(user.accounts), "steps": list(user.steps)}
