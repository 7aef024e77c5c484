"""The honest server's exchange on real HTTP stacks, each of which decides by itself what the exchange leaves open.

`on_uvicorn`      FastAPI on uvicorn and h11. An id is what pydantic accepts as an int, a path is decoded before it is
                  routed, a trailing slash is redirected, errors have FastAPI's bodies, and orders come chunked.
`on_http_server`  http.server. An id is what int() accepts, a trailing slash is ignored, an error is a page of
                  HTML that ends the connection, and no reply has Allow.
"""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from urllib.parse import unquote

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from support.honest_stranger import Exchange

from autoshares_cancel.mock.server.mock_server import listen

NO_CONTENT = 204
ERRORS = 400
IDS = {"accounts", "orders", "syncorders"}
"""The path segments that come before an id."""


@contextmanager
def on_uvicorn(exchange: Exchange) -> Generator[str]:
    """Serve the exchange on a free port; yield the base URL."""
    with listen(0) as listener:
        application = _application(exchange)
        server = uvicorn.Server(uvicorn.Config(application, http="h11", ws="none", lifespan="off", log_config=None))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        finally:
            server.should_exit = True
            thread.join()


def _application(exchange: Exchange) -> FastAPI:
    application = FastAPI(openapi_url=None)

    def answer(request: Request, target: str) -> Response:
        status, document = exchange.answer(request.method, f"{target}?{request.url.query}", request.headers)
        if status == NO_CONTENT:
            return Response(status_code=status)
        if status >= ERRORS and target != "/token":
            raise HTTPException(status)
        if status >= ERRORS:
            return JSONResponse(document, status)
        return StreamingResponse(iter([json.dumps(document)]), status, media_type="application/json")

    @application.post("/api/token")
    def log_in(request: Request) -> Response:
        return answer(request, "/token")

    @application.get("/api/v{version}/accounts/{account}/orders")
    def orders(request: Request, version: str, account: int) -> Response:
        return answer(request, f"/v{version}/accounts/{account}/orders")

    @application.api_route("/api/v{version}/accounts/{account}/orders/{order}", methods=["GET", "DELETE"])
    def order(request: Request, version: str, account: int, order: int) -> Response:
        return answer(request, f"/v{version}/accounts/{account}/orders/{order}")

    @application.delete("/api/v{version}/accounts/{account}/syncorders/{order}")
    def at_venue(request: Request, version: str, account: int, order: int) -> Response:
        return answer(request, f"/v{version}/accounts/{account}/syncorders/{order}")

    return application


@contextmanager
def on_http_server(exchange: Exchange) -> Generator[str]:
    """Serve the exchange on a free port; yield the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as http.server has it
            """Print nothing."""

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path, _, query = self.path.partition("?")
            try:
                target = f"{_with_plain_ids(path)}?{query}"
            except ValueError:
                self.send_error(400)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, document = exchange.answer(self.command, target, headers)
            if status >= ERRORS and not path.endswith("/token"):
                self.send_error(status)
                return
            body = b"" if status == NO_CONTENT else json.dumps(document).encode()
            self.send_response(status)
            if body:
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_DELETE = do_POST = answer  # noqa: N815  # the names that http.server calls

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api"
        finally:
            server.shutdown()
            thread.join()


def _with_plain_ids(path: str) -> str:
    """The path with each id as int() reads it; raises ValueError for an id that int() refuses."""
    words = [unquote(word) for word in path.rstrip("/").split("/")]
    return "/".join(str(int(word)) if before in IDS else word for before, word in pairwise(["", *words]))


STACKS = {"uvicorn": on_uvicorn, "http.server": on_http_server}
