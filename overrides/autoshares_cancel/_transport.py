"""How a server is reached: time-outs, trusted certificates, and the httpx client that keeps to them."""

import os
import ssl
from pathlib import Path
from typing import TypeVar

import httpx
from attrs import Attribute, field, frozen

from autoshares_cancel._validation import check_seconds
from autoshares_cancel.errors import ConfigurationError

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)

Verify = bool | str | os.PathLike[str] | ssl.SSLContext
"""True for the usual certificates (SSL_CERT_FILE and SSL_CERT_DIR count), the path of a CA file or folder, or a context
of the caller's own. False is refused: credentials would go to whoever answers."""


def _is_seconds(_: object, attribute: "Attribute[float]", value: float) -> None:
    check_seconds(attribute.name, value)


@frozen(kw_only=True)
class Timeouts:
    """How long one step on the network may take, in seconds. The deadline of the call shortens each of them.

    Raises ConfigurationError for what is not above 0 and at most a day.
    """

    connect: float = field(default=5.0, validator=_is_seconds)
    read: float = field(default=10.0, validator=_is_seconds)
    write: float = field(default=5.0, validator=_is_seconds)
    pool: float = field(default=5.0, validator=_is_seconds)
    """Waiting for a connection, when as many calls are under way as connections are allowed."""


def tls_context(verify: Verify) -> ssl.SSLContext:
    """Which certificates are trusted. Reads files; raises ConfigurationError when they can't be read."""
    if isinstance(verify, ssl.SSLContext):
        return verify
    if verify is False:
        raise ConfigurationError("verify can't be switched off: give True, or the path of a private CA")
    try:
        return httpx.create_ssl_context() if verify is True else _private_ca(Path(verify))
    except (OSError, TypeError) as error:
        problem = getattr(error, "strerror", None) or str(error)
    raise ConfigurationError(f"the certificates can't be read (verify, SSL_CERT_FILE or SSL_CERT_DIR): {problem}")


def _private_ca(path: Path) -> ssl.SSLContext:
    if path.is_dir():
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)


def open_http(kind: type[Http], verify: Verify, timeouts: Timeouts, *, proxies: bool) -> Http:
    """The httpx client under ours: no redirects, proxies of the environment if they may be used, sockets watched.

    Opens no connection. Raises ConfigurationError for certificates or proxies that can't be used.
    """
    # Loads httpcore, and as with httpx itself not before a client is made.
    from autoshares_cancel._network import watch  # noqa: PLC0415

    tls = tls_context(verify)
    steps = httpx.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool)
    try:
        http = kind(verify=tls, timeout=steps, trust_env=proxies, follow_redirects=False)
    except (ValueError, ImportError, httpx.InvalidURL):
        http = None
    if http is None:
        # httpx's own message may show a proxy's password.
        raise ConfigurationError("the environment's proxies can't be used: check HTTPS_PROXY, ALL_PROXY and NO_PROXY")
    watch(http)
    return http
