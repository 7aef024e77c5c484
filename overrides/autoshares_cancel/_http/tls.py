"""How a server is reached: time-outs, trusted certificates, and how many connections are kept how long."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Union

from attrs import field, frozen

from autoshares_cancel._validation import check_seconds, checked
from autoshares_cancel.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

KEEP_SECONDS: Final = 5.0
"""An idle connection that is older is not used again: the server may be about to close it."""

Verify = Union[bool, str, os.PathLike[str], "ssl.SSLContext"]  # | takes no name that is loaded later
"""True for the usual certificates (SSL_CERT_FILE and SSL_CERT_DIR count), the path of a CA file or folder, or a context
of the caller's own. False is refused: credentials would go to whoever answers."""


_seconds = checked(check_seconds, of="Timeouts")


@frozen(kw_only=True)
class Timeouts:
    """How long one step on the network may take, in seconds. The deadline of the call shortens each of them.

    Raises ConfigurationError for what is not above 0 and at most a day.
    """

    connect: float = field(default=5.0, validator=_seconds)
    read: float = field(default=10.0, validator=_seconds)
    write: float = field(default=5.0, validator=_seconds)
    pool: float = field(default=5.0, validator=_seconds)
    """Waiting for a connection, when as many calls are under way as connections are allowed."""


def tls_context(verify: Verify) -> "ssl.SSLContext":
    """Which certificates are trusted. Reads files; raises ConfigurationError when they can't be read."""
    import ssl  # noqa: PLC0415  # nothing that is imported with the package should load it

    if isinstance(verify, ssl.SSLContext):
        return verify
    if verify is False:
        raise ConfigurationError("verify can't be switched off: give True, or the path of a private CA")
    try:
        return _usual() if verify is True else _private_ca(Path(verify))
    except (OSError, TypeError) as error:
        problem = getattr(error, "strerror", None) or str(error)
    raise ConfigurationError(f"the certificates can't be read (verify, SSL_CERT_FILE or SSL_CERT_DIR): {problem}")


def _usual() -> "ssl.SSLContext":
    import ssl  # noqa: PLC0415  # as in tls_context

    import certifi  # noqa: PLC0415  # as in tls_context

    file, folder = (os.environ.get(name) or None for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    return ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)


def _private_ca(path: Path) -> "ssl.SSLContext":
    import ssl  # noqa: PLC0415  # as in tls_context

    if path.is_dir():
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)
