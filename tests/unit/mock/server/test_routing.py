"""Which path serves what, and how everything else is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Scope
from support.http_caller import APP_KEY, TRADER, HttpCaller

from autoshares_cancel.mock import create_app

ORDER_PATH = "/api/v1/accounts/6303/orders/73552"
METHODS = ["POST", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "PURGE"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "*",
        "/",
        "/api",
        "/api/",
        "/token",
        "/api/token/",
        "//api/token",
        "/api//token",
        "/api/Token",
        "/api/%74oken",
        "/api%2Ftoken",
        "/api/token/x",
        "/v1/accounts/6303/orders/73552",
        "/API/v1/accounts/6303/orders/73552",
        "/api/1/accounts/6303/orders/73552",
        "/api/v/accounts/6303/orders/73552",
        "/api/v1/accounts/6303/orders/",
        "/api/v1/accounts/6303/orders/73552/",
        "/api/v1/accounts/6303/orders//73552",
        "/api/v1/accounts//orders/73552",
        "/api//v1/accounts/6303/orders/73552",
        "/api/v1/accounts/6303/orders/73552/extra",
        "/api/v1/accounts/6303/syncorders/73552/",
        "/api/v1/accounts/6303/syncorders",
        "/api/v1/accounts/6303/Syncorders/73552",
        "/api/v1/accounts/6303%2Forders/73552",
        "/api/v1/accounts%2F6303/orders/73552",
        "/api/v1%2Faccounts/6303/orders/73552",
        "/api/v1/accounts/6303/orders%2F73552",
        "/api/v1/accounts/6303/orders%0A/73552",
        "/api/v1/accounts/6303/../6303/orders/73552",
        "/api/v1/accounts/6303/orders/73552%2F..%2F/",
        "/_mock",
        "/_mock/",
        "/_mock/state/",
        "/_mock/other",
        "/api/_mock/state",
    ],
)
@pytest.mark.parametrize("method", ["DELETE", "POST", "GET"])
def test_any_other_path_is_not_found(caller: HttpCaller, path: str, method: str) -> None:
    """Any other path gets 404 and never a redirect, and no order changes."""
    lines = [f"{method} {path or 'x'} HTTP/1.1", "Host: mock", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (caller.log_in() | TRADER).items()]
    reply = caller.raw("\r\n".join([*lines, "", ""]).encode())
    # uvicorn refuses what is not a path.
    assert reply.split(b" ")[1] == (b"404" if path else b"400")
    assert caller.server.exchange.ledger == ()


def test_a_path_that_is_not_found_is_named(caller: HttpCaller) -> None:
    """The 404 has the guide's body, with the undecoded path."""
    reply = caller.client.get(f"{caller.server.base_url}/v1/%7Bx%7D")
    assert (reply.status_code, reply.headers["Content-Type"]) == (404, "application/json")
    assert reply.json() == {"Message": "No HTTP resource was found that matches the request URI '/api/v1/%7Bx%7D'."}


@pytest.mark.parametrize("method", METHODS)
def test_another_method_on_an_order_is_not_allowed(caller: HttpCaller, method: str) -> None:
    """The reply is 405 with Allow: DELETE, GET and the guide's body, and the order stays open."""
    reply = caller.cancel(73552, caller.log_in(), method=method)
    assert (reply.status_code, reply.headers["Allow"]) == (405, "DELETE, GET")
    assert reply.json() == {
        "Message": f"The requested resource with API version '1.0' does not support HTTP method '{method}'."
    }
    assert caller.server.exchange.ledger == ()


@pytest.mark.parametrize("method", ["GET", *METHODS])
def test_another_method_on_an_order_at_the_venue_is_not_allowed(caller: HttpCaller, method: str) -> None:
    """The reply is 405 with Allow: DELETE, because an order is read at its other path."""
    reply = caller.cancel(73552, caller.log_in(), method=method, orders="syncorders")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "DELETE")
    assert caller.server.exchange.ledger == ()


@pytest.mark.parametrize("method", [*METHODS, "DELETE"])
def test_another_method_on_the_list_is_not_allowed(caller: HttpCaller, method: str) -> None:
    """The reply is 405 with Allow: GET: the API neither places orders nor cancels all of them at once."""
    reply = caller.list_orders(caller.log_in(), method=method)
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET")
    assert caller.server.exchange.ledger == ()


@pytest.mark.parametrize("method", [*(method for method in METHODS if method != "POST"), "DELETE", "GET"])
def test_another_method_on_token_is_not_allowed(caller: HttpCaller, method: str) -> None:
    """The reply is 405 with Allow: POST."""
    reply = caller.client.request(method, f"{caller.server.base_url}/token", headers=APP_KEY | TRADER)
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/v1/accounts/6303/orders/73552", "DELETE, GET"),
        ("/v1/accounts/6303/syncorders/73552", "DELETE"),
        ("/v1/accounts/6303/orders", "GET"),
        ("/token", "POST"),
    ],
)
def test_head_is_not_allowed(caller: HttpCaller, path: str, allow: str) -> None:
    """The reply to HEAD is 405 with Allow, and has no body."""
    reply = caller.client.head(f"{caller.server.base_url}{path}", headers=caller.log_in())
    assert (reply.status_code, reply.headers["Allow"], reply.content) == (405, allow, b"")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("DELETE", "state", "GET, HEAD"), ("GET", "reset", "POST"), ("PUT", "settings", "POST")],
)
def test_another_method_on_a_control_is_not_allowed(caller: HttpCaller, method: str, path: str, allow: str) -> None:
    """The reply is 405 with Allow and an error in JSON."""
    reply = caller.client.request(method, f"{caller.server.origin}/_mock/{path}")
    assert (reply.status_code, reply.headers["Allow"]) == (405, allow)
    assert reply.json() == {"error": f"there is no {method} /_mock/{path}"}


@pytest.mark.parametrize("path", ["/nothing", "/v1/accounts/6303/syncorders/73552"])
def test_without_bodies_404_and_405_have_none(bodiless_caller: HttpCaller, path: str) -> None:
    """With bodies="none" they have neither a body nor a Content-Type."""
    reply = bodiless_caller.client.get(f"{bodiless_caller.server.base_url}{path}")
    assert reply.status_code in {404, 405}
    assert (reply.content, reply.headers.get("Content-Type")) == (b"", None)


@pytest.mark.parametrize(
    "request_line",
    [
        b"FOO /api/v1/accounts/6303/orders/73552 HTTP/1.1",
        b"DELETE /api/v1/accounts/6303/orders/\xff HTTP/1.1",
        b"DELETE  HTTP/1.1",
        b"DELETE /api/v1 x HTTP/1.1",
        b"CONNECT mock:80 HTTP/1.1",
        b"DELETE /api HTTP/9.9",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_not_http_gets_a_400(caller: HttpCaller, request_line: bytes) -> None:
    """The reply is 400 without a traceback, and the connection is closed."""
    reply = caller.raw(request_line + b"\r\nHost: mock\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert b"Traceback" not in reply


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: x",
        b"Content-Length: -1",
        b"Bad Name: x",
        b"Et-App-Key: a\x00b",
        b"no colon",
    ],
)
def test_a_broken_header_gets_a_400(caller: HttpCaller, header: bytes) -> None:
    """The reply is 400, and the connection is closed."""
    reply = caller.raw(b"DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1\r\nHost: mock\r\n" + header + b"\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "header",
    [
        b"Et-App-Key: \xff\xfe",
        b"Accept: \xff;q=\xff",
        b"Host: [::1",
        b"Prefer: \xff",
        b"Content-Type: multipart/form-data",
        b"Connection: upgrade, close\r\nUpgrade: websocket",
        b"X: " + b"y" * 50_000,
    ],
)
def test_an_odd_header_is_no_reason_to_fail(caller: HttpCaller, header: bytes) -> None:
    """The reply is 403 for the missing key, as without the header."""
    reply = caller.raw(
        b"DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1\r\nConnection: close\r\n" + header + b"\r\n\r\n"
    )
    assert reply.startswith(b"HTTP/1.1 403 ")


def test_a_body_is_passed_over(caller: HttpCaller) -> None:
    """The body of a DELETE is ignored."""
    reply = caller.client.request(
        "DELETE", f"{caller.server.origin}{ORDER_PATH}", headers=caller.log_in(), content=b"x" * 200_000
    )
    assert reply.status_code == 204


def ask_app(scope: dict[str, Any]) -> tuple[int, dict[bytes, bytes]]:
    """Call the application itself, without uvicorn."""
    sent: list[Message] = []
    full: Scope = {"type": "http", "headers": [], "query_string": b"", "http_version": "1.1", **scope}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(create_app()(full, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])


def test_an_unknown_method_is_not_allowed_either() -> None:
    """The application gives 405 with Allow; uvicorn's parser in front of it refuses such a method with 400."""
    status, headers = ask_app({"method": "FOO", "path": ORDER_PATH, "raw_path": ORDER_PATH.encode()})
    assert (status, headers[b"allow"]) == (405, b"DELETE, GET")


def test_a_server_without_raw_paths_is_good_enough() -> None:
    """ASGI lets a server leave raw_path out: 403 for the missing key shows that the route was found."""
    assert ask_app({"method": "DELETE", "path": ORDER_PATH})[0] == 403
