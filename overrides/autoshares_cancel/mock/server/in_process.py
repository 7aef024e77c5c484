"""The mock in the process of its caller: an httpx transport without a socket."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import httpx

from autoshares_cancel.mock._waiting import is_blocking
from autoshares_cancel.mock.server.app import MockApp


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Passes requests to an application of `create_app`, for both blocking and async clients.

        client = Client(base_url="https://mock.example/api", credentials=…, transport=InProcessTransport(create_app()))

    The host does not matter. Replies are always whole: faults of connections need a `MockServer` at a port.
    """

    def __init__(self, app: MockApp) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer in this thread; delays block the thread."""
        request.read()
        token = is_blocking.set(True)
        try:
            self._answer(request).send(None)
        except StopIteration as ended:
            response: httpx.Response = ended.value
            return response
        finally:
            is_blocking.reset(token)
        raise RuntimeError("the mock waits for an event loop, and a blocking client has none")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer in the event loop that runs the caller."""
        await request.aread()
        return await self._answer(request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.content, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self._app(_scope(request), receive, send)
        start, *bodies = sent
        body = b"".join(message.get("body", b"") for message in bodies)
        return httpx.Response(start["status"], headers=start["headers"], content=body)


def _scope(request: httpx.Request) -> dict[str, Any]:
    path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": None,
    }
