"""The time-outs of the network, and the certificates that are trusted."""

import os
from typing import TYPE_CHECKING, Final, Union

from attrs import field, frozen

from autoshares_cancel._validation import check_seconds, checked
from autoshares_cancel.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

KEEP_SECONDS: Final = 5.0
"""The age in seconds up to which an idle connection is used again: the server may close an older one."""

Verify = Union[bool, str, os.PathLike[str], "ssl.SSLContext"]  # a quoted name has no |
"""True for certifi's bundle, or for SSL_CERT_FILE and SSL_CERT_DIR if they are set; the path of a CA file or folder; or
an ssl.SSLContext. False is refused, because any server could then get the credentials."""


_seconds = checked(check_seconds, of="Timeouts")


@frozen(kw_only=True)
class Timeouts:
    """Time-outs of single steps on the network, in seconds. The deadline of a call shortens each of them.

    `connect`: each step of opening a connection (TCP, TLS). `write`: sending the request. `read`:
    waiting for the next bytes of the reply. `pool`: waiting for a free connection while all 256 are in use.

    Raises ConfigurationError unless each is above 0 and at most a day (86400).
    """

    connect: float = field(default=5.0, validator=_seconds)
    read: float = field(default=10.0, validator=_seconds)
    write: float = field(default=5.0, validator=_seconds)
    pool: float = field(default=5.0, validator=_seconds)


def tls_context(verify: Verify) -> "ssl.SSLContext":
    """The TLS context for `verify`. Reads files. Raises ConfigurationError if they can't be read."""
    import ssl  # noqa: PLC0415  # slow to load; only a new client needs it

    if isinstance(verify, ssl.SSLContext):
        return verify
    if verify is False:
        raise ConfigurationError("verify can't be switched off: give True, or the path of a private CA")
    try:
        return _usual() if verify is True else _private_ca(verify)
    except (OSError, TypeError) as error:
        problem = getattr(error, "strerror", None) or str(error)
    raise ConfigurationError(f"the certificates can't be read (verify, SSL_CERT_FILE or SSL_CERT_DIR): {problem}")


def _usual() -> "ssl.SSLContext":
    import ssl  # noqa: PLC0415  # as in tls_context

    import certifi  # noqa: PLC0415  # as in tls_context

    file, folder = (os.environ.get(name) or None for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    return ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)


def _private_ca(path: str | os.PathLike[str]) -> "ssl.SSLContext":
    import ssl  # noqa: PLC0415  # as in tls_context
    from pathlib import Path  # noqa: PLC0415  # as above

    if Path(path).is_dir():
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)
