# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""What has to be sent, for any HTTP client; and how httpx sends it, with a client that the caller brings."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    import httpx


@frozen(kw_only=True)
class Request:
    """A request without its credentials and without the server: the path, with its query, goes behind the base URL."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """Never printed: the log-in carries its password here."""


@lru_cache
def segment(text: str) -> str:
    """Quote a text for one segment of a path, or of a query. Remembers the last ones: they hardly ever change."""
    # Slow to load, and not needed to import this package.
    from urllib.parse import quote

    return quote(text, safe="")


def with_query(query: Mapping[str, bool | float | str]) -> str:
    """Give what goes behind a path: a question mark and the parameters, or nothing where there are none."""
    pairs = [f"{segment(name)}={segment(as_text(value))}" for name, value in query.items()]
    return "?" + "&".join(pairs) if pairs else ""


def as_text(value: bool | float | str) -> str:
    """Write a parameter as JSON would, but without quotes: true and false, not Python's True and False."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def send(http: "httpx.Client", request: Request, *, timeout: float | None = None) -> "httpx.Response":
    """Send a request once, over the network, and return the reply, read whole. Blocks until it is there.

    The client's base URL, headers, cookies and authentication go with it. Redirects are not followed, whatever the
    client is set to, and no status is an exception. Authentication that needs two requests, as digest does, sends two.

    `timeout` bounds each step in seconds (waiting for a connection, connecting, a write, a read), and not all of them
    together. Where it is None, the client's own time-outs count.

    Raises ValueError, before anything is sent, when there is no finite time-out, or when httpx would call another path
    than the request's. Raises httpx.HTTPError when the connection fails, times out, or brings no reply that can be
    read; then the server may have acted upon the request.
    """
    return http.send(_built(http, request, timeout), follow_redirects=False)


async def asend(http: "httpx.AsyncClient", request: Request, *, timeout: float | None = None) -> "httpx.Response":
    """Send a request once, over the network, and return the reply, read whole. As `send`, for an asynchronous client.

    Raises ValueError, before anything is sent, and httpx.HTTPError, where `send` does.
    """
    return await http.send(_built(http, request, timeout), follow_redirects=False)


def _built(http: "httpx.Client | httpx.AsyncClient", request: Request, timeout: float | None) -> "httpx.Request":
    seconds = http.timeout.as_dict().values() if timeout is None else [timeout]
    if not all(map(_is_finite, seconds)):
        raise ValueError("a finite time-out is needed: give timeout=, in seconds above 0, or a client that has one")
    built = http.build_request(
        request.method, request.path, headers=request.headers, timeout=http.timeout if timeout is None else timeout
    )
    # httpx resolves dots, puts the client's own parameters in place of the query, and takes a whole URL for a path.
    if built.url.raw_path != http.base_url.raw_path.rstrip(b"/") + request.path.encode():
        raise ValueError("the path would be changed: give plain arguments, and a client without params")
    return built


def _is_finite(seconds: object) -> bool:
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds and math.isfinite(seconds)
