"""Requests with their credentials, ready to be written. No I/O."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from attrs import define, field, frozen

from autoshares_cancel._values.contract import ACCEPT, APP_KEY_HEADER, TOKEN_HEADER
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.version import __version__

HEADERS: Final = {
    "Accept": ACCEPT,
    # An uncompressed reply can't grow beyond the bytes that were read.
    "Accept-Encoding": "identity",
    "User-Agent": f"autoshares-cancel/{__version__}",
}
PORTS: Final = {"http": 80, "https": 443}


@frozen(eq=False)
class Origin:
    """The only server that gets a client's requests (law 10)."""

    scheme: str
    host: str
    port: int
    path: str
    """The beginning of every path."""

    @classmethod
    def of(cls, base_url: str) -> "Origin":
        """The origin of a base URL that is checked already."""
        url = urlsplit(base_url)
        return cls(url.scheme, url.hostname or "", url.port or PORTS[url.scheme], url.path)

    @property
    def host_header(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@frozen(eq=False)
class SentHeaders:
    """All headers of a request. Several requests may share them. The repr leaves them out."""

    by_name: Mapping[str, str] = field(repr=False)
    raw: bytes = field(init=False, repr=False)
    """Their lines, and the blank line behind them."""

    def __attrs_post_init__(self) -> None:
        lines = (f"{name}: {text}\r\n" for name, text in self.by_name.items())
        object.__setattr__(self, "raw", "".join((*lines, "\r\n")).encode("ascii"))


@define(eq=False)
class HttpRequest:
    """A request without a body, with all its headers."""

    method: str
    origin: Origin
    target: str
    headers: SentHeaders

    @property
    def url(self) -> str:
        """The complete URL. It contains no credentials."""
        return f"{self.origin.scheme}://{self.origin.host_header}{self.target}"

    def raw(self) -> bytes:
        """The bytes of the request."""
        return f"{self.method} {self.target} HTTP/1.1\r\n".encode("ascii") + self.headers.raw


def prepare(
    method: str,
    origin: Origin,
    path: str,
    headers: Mapping[str, str],
    *,
    app_key: Secret,
    bearer: Secret | None,
    app_name: str | None = None,
) -> HttpRequest:
    """Add credentials and the fixed headers to a request, and nothing else."""
    everything = {**_fixed_headers(origin, app_name), **headers, APP_KEY_HEADER: app_key.reveal()}
    if method == "POST":
        everything["Content-Length"] = "0"
    if bearer is not None:
        everything[TOKEN_HEADER] = f"Bearer {bearer.reveal()}"
    return HttpRequest(method, origin, origin.path + path, SentHeaders(everything))


def preconnect(origin: Origin, app_name: str | None = None) -> HttpRequest:
    """A request that opens a connection. It has no effect on the server and carries no credentials."""
    return HttpRequest("OPTIONS", origin, origin.path + "/token", SentHeaders(_fixed_headers(origin, app_name)))


def _fixed_headers(origin: Origin, app_name: str | None) -> dict[str, str]:
    headers = {"Host": origin.host_header, **HEADERS}
    if app_name is not None:
        headers["User-Agent"] = f"{app_name} {HEADERS['User-Agent']}"  # the most significant first (RFC 9110, 10.1.5)
    return headers
