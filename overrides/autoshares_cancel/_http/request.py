"""A request with its credentials, ready to be written. No I/O."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from attrs import field, frozen

from autoshares_cancel._values.secret import Secret

HEADERS: Final = {
    "Accept": "application/json, text/json",
    # What isn't compressed can't unpack to more than was read.
    "Accept-Encoding": "identity",
    "User-Agent": "autoshares-cancel",
}
PORTS: Final = {"http": 80, "https": 443}


@frozen(eq=False)
class Origin:
    """Where a client's requests go, and nowhere else (law 10)."""

    scheme: str
    host: str
    port: int
    path: str
    """What every path begins with."""

    @classmethod
    def of(cls, base_url: str) -> "Origin":
        """Of a base URL that was checked."""
        url = urlsplit(base_url)
        return cls(url.scheme, url.hostname or "", url.port or PORTS[url.scheme], url.path)

    @property
    def host_header(self) -> str:
        """The value of Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@frozen(eq=False)
class HttpRequest:
    """A request without a body, with every header that it needs. Never prints its headers."""

    method: str
    origin: Origin
    target: str
    headers: Mapping[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """The whole URL; no credentials are in it."""
        return f"{self.origin.scheme}://{self.origin.host_header}{self.target}"

    def raw(self) -> bytes:
        """As it is written to the server."""
        lines = (f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {text}" for name, text in self.headers.items()))
        return "\r\n".join((*lines, "\r\n")).encode("ascii")


def prepare(
    method: str, origin: Origin, path: str, headers: Mapping[str, str], *, app_key: Secret, bearer: Secret | None
) -> HttpRequest:
    """A request with its credentials, and nothing that nobody asked for."""
    everything = {"Host": origin.host_header, **HEADERS, **headers, "Et-App-Key": app_key.reveal()}
    if method == "POST":
        everything["Content-Length"] = "0"
    if bearer is not None:
        everything["Authorization"] = f"Bearer {bearer.reveal()}"
    return HttpRequest(method, origin, origin.path + path, everything)


def preconnect(origin: Origin) -> HttpRequest:
    """A request that changes nothing anywhere and says nothing of who asks: only the connection matters."""
    return HttpRequest("OPTIONS", origin, origin.path + "/token", {"Host": origin.host_header, **HEADERS})
