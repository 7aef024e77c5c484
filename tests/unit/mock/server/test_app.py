"""The application without a server: in a test client, through httpx, and mounted in another application."""

from __future__ import annotations

import warnings

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from autoshares_cancel.mock import create_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # newer versions prefer another HTTP library to httpx
    from starlette.testclient import TestClient

KEY = {"Et-App-Key": "demo-app-key"}
LOG_IN = KEY | {"Username": "trader", "Password": "correct-horse"}


def mounted(app: ASGIApp) -> Starlette:
    """Another application that has the mock below /mock."""
    return Starlette(routes=[Mount("/mock", app=app)])


@pytest.mark.parametrize("prefix", ["", "/mock"])
def test_a_test_client_cancels_an_order(prefix: str) -> None:
    """The application works alone and mounted; a request is recorded with its whole path."""
    app = create_app()
    with TestClient(mounted(app) if prefix else app) as client:
        token = client.post(f"{prefix}/api/token", headers=LOG_IN).json()["Token"]
        path = f"{prefix}/api/v1/accounts/6303/orders/73552"
        reply = client.delete(path, headers=KEY | {"Authorization": f"Bearer {token}"})
    assert reply.status_code == 204
    assert app.state.exchange.orders[73552].status == "Canceled"
    assert [(seen.path, seen.status) for seen in app.state.traffic.requests] == [
        (f"{prefix}/api/token", 200),
        (path, 204),
    ]


def test_mounted_links_lead_to_the_mount() -> None:
    """The link to the next page names the path by which the caller came."""
    with TestClient(mounted(create_app())) as client:
        token = client.post("/mock/api/token", headers=LOG_IN).json()["Token"]
        reply = client.get(
            "/mock/api/v1/accounts/6303/orders?pageNumber=0&pageSize=1",
            headers=KEY | {"Authorization": f"Bearer {token}"},
        )
    assert reply.json()["NextPageLink"] == (
        "http://testserver/mock/api/v1/accounts/6303/orders?pageNumber=1&pageSize=1"
    )


def test_mounted_control_is_not_recorded() -> None:
    """Control is below the mount, and answers unknown paths there with its own error."""
    app = create_app()
    with TestClient(mounted(app)) as client:
        assert client.post("/mock/_mock/clock", json={"advance": 5}).json()["now"] >= 5
        assert client.get("/mock/_mock/nothing").json() == {"error": "there is no GET /_mock/nothing"}
        assert client.get("/_mock/state").status_code == 404
    assert not app.state.traffic.requests


@pytest.mark.anyio
async def test_httpx_calls_the_application(anyio_backend: object) -> None:
    """httpx.ASGITransport calls the application, which gives 403 without the application key."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        assert (await client.delete("/api/v1/accounts/6303/orders/73552")).status_code == 403


def test_a_web_socket_is_refused() -> None:
    """A web socket is closed before it is accepted."""
    with (
        TestClient(create_app()) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/api/token"),
    ):
        pass
