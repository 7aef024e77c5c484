"""Plain HTTP calls to a running mock, with the headers of a user."""

from __future__ import annotations

import socket
from typing import Any

import httpx
from attrs import define

from autoshares_cancel.mock import MockServer

APP_KEY = {"Et-App-Key": "demo-app-key"}
TRADER = {"Username": "trader", "Password": "correct-horse"}

Headers = dict[str, str] | list[tuple[str, str]]


@define
class HttpCaller:
    """Sends requests to one server."""

    server: MockServer
    client: httpx.Client

    def ask_token(self, headers: Headers) -> httpx.Response:
        """POST /token with these headers and no other credentials."""
        return self.client.post(f"{self.server.base_url}/token", headers=headers)

    def log_in(self, username: str = "trader", password: str = "correct-horse") -> dict[str, str]:
        """Log in with a password only; returns the headers for calls about orders."""
        reply = self.ask_token(APP_KEY | {"Username": username, "Password": password})
        assert reply.status_code == 200
        return APP_KEY | {"Authorization": f"Bearer {reply.json()['Token']}"}

    def cancel(
        self,
        order: object,
        headers: Headers,
        *,
        account: object = 6303,
        version: str = "1",
        method: str = "DELETE",
        orders: str = "orders",
    ) -> httpx.Response:
        """DELETE an order. Arguments are parts of the path."""
        url = f"{self.server.base_url}/v{version}/accounts/{account}/{orders}/{order}"
        return self.client.request(method, url, headers=headers)

    def cancel_at_venue(self, order: object, headers: Headers) -> httpx.Response:
        """DELETE an order with a check by the venue."""
        return self.cancel(order, headers, orders="syncorders")

    def read(self, order: object, headers: Headers, *, account: object = 6303) -> httpx.Response:
        """GET an order."""
        return self.cancel(order, headers, account=account, method="GET")

    def list_orders(
        self,
        headers: Headers,
        *,
        query: str = "pageNumber=0&pageSize=100",
        account: object = 6303,
        version: str = "1",
        method: str = "GET",
    ) -> httpx.Response:
        """GET an account's orders with this query."""
        url = f"{self.server.base_url}/v{version}/accounts/{account}/orders?{query}"
        return self.client.request(method, url, headers=headers)

    def state(self) -> dict[str, Any]:
        """GET /_mock/state."""
        state: dict[str, Any] = self.client.get(f"{self.server.origin}/_mock/state").json()
        return state

    def control(self, name: str, document: object = None) -> httpx.Response:
        """POST to this path below /_mock."""
        return self.client.post(f"{self.server.origin}/_mock/{name}", json=document)

    def raw(self, request: bytes) -> bytes:
        """Send bytes over a new connection, and read until the server closes it."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=60) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))
