"""Finds the proxy in HTTPS_PROXY, ALL_PROXY and NO_PROXY, in upper or lower case, and opens a tunnel through it.

Only https goes through a proxy, so the proxy learns the name of the server and nothing else. A CONNECT contains nothing
about an order, so a failed one is NotSent.
"""

import ssl
from base64 import b64encode
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from attrs import field, frozen

from autoshares_cancel._http.parser import ResponseParser
from autoshares_cancel._http.request import PORTS, Origin
from autoshares_cancel._http.streams import Stream
from autoshares_cancel._http.tls import tls_context
from autoshares_cancel._http.tls_stream import TlsStream
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel.errors import ConfigurationError

UNUSABLE: Final = "the environment's proxies can't be used: check HTTPS_PROXY, ALL_PROXY and NO_PROXY"
"""Omits the value: it may contain the proxy's password."""
SOCKS: Final = (
    "HTTPS_PROXY or ALL_PROXY names a SOCKS proxy: give transport=httpx.HTTPTransport(proxy=...), AsyncHTTPTransport "
    "to an AsyncClient, and install the extra `socks`"
)


@frozen
class Proxy:
    """An HTTP proxy."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    """Verifies an https proxy, always with the default certificates; None for an http proxy."""
    authorization: str | None = field(repr=False)
    """The value of Proxy-Authorization."""


def proxy_for(origin: Origin) -> Proxy | None:
    """The proxy of the environment for this server, or None.

    Reads environment variables, and for an https proxy the certificates. Raises ConfigurationError for an unusable one.
    """
    proxies = getproxies_environment()
    found = proxies.get(origin.scheme) or proxies.get("all")
    if not found or proxy_bypass(f"{origin.host}:{origin.port}"):
        return None
    if found.lower().startswith("socks"):
        raise ConfigurationError(SOCKS)
    proxy = None
    with suppress(ValueError):  # its message would show the value
        proxy = _parsed(urlsplit(found if "://" in found else f"http://{found}"))
    if proxy is None:
        raise ConfigurationError(UNUSABLE)
    return proxy


def _parsed(url: SplitResult) -> Proxy | None:
    port = url.port or PORTS.get(url.scheme)
    if url.scheme not in PORTS or not url.hostname or port is None:
        return None
    tls = tls_context(verify=True) if url.scheme == "https" else None
    return Proxy(url.hostname, port, tls, _authorization(url))


def _authorization(url: SplitResult) -> str | None:
    if url.username is None:
        return None
    user = f"{unquote(url.username)}:{unquote(url.password or '')}"
    return "Basic " + b64encode(user.encode()).decode("ascii")


async def open_tunnel(stream: Stream, proxy: Proxy, origin: Origin, transmission: Transmission) -> Stream:
    """Open a tunnel to the server with CONNECT. Raises OSError if the proxy refuses."""
    if proxy.tls is not None:
        stream = await TlsStream.open(stream, proxy.tls, proxy.host, transmission.connecting)
    await stream.write(_connect(proxy, origin), transmission.connecting)
    parser = ResponseParser(method="CONNECT")
    while (reply := parser.reply) is None:
        parser.feed(await stream.read(transmission.reading))
    if not parser.has_tunnel:
        raise ConnectionError(f"the proxy gave no tunnel, but status {reply.status_code}")
    return stream


def _connect(proxy: Proxy, origin: Origin) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    target = f"{host}:{origin.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return "\r\n".join((*lines, "\r\n")).encode("ascii")
