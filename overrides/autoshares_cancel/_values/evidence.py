"""What one attempt left behind: a reply, the proof that nothing left this machine, or silence."""

from collections.abc import Iterable

from attrs import field, frozen


@frozen(kw_only=True)
class Reply:
    """A status line and headers that arrived, with as much of the body as was read."""

    status_code: int
    body: bytes = field(default=b"", repr=False)
    """Shorter than what was sent where the connection broke or the reply was too long. A token may be in it."""
    retry_after: str = field(default="", repr=False)
    """The header Retry-After as it came."""
    date: str = field(default="", repr=False)
    """The header Date as it came."""


def reply_of(status_code: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Reply:
    """What is remembered of a reply. A header that came twice is read as one, with a comma between."""
    told: dict[bytes, list[bytes]] = {b"retry-after": [], b"date": []}
    for name, value in headers:
        told.get(name.lower(), []).append(value)
    retry_after, date = (b", ".join(values).decode("latin-1") for values in told.values())
    return Reply(status_code=status_code, body=body, retry_after=retry_after, date=date)


@frozen(kw_only=True)
class NotWritten:
    """Not one byte of the request was handed to the operating system."""

    reason: str = field(repr=False)
    """As it came: a server's words may be in it, and in them what it was told."""


@frozen(kw_only=True)
class NoResponse:
    """The request may have arrived, and no usable reply to it came back."""

    reason: str = field(repr=False)
    """As above."""


Evidence = Reply | NotWritten | NoResponse


@frozen(kw_only=True)
class Attempt:
    """One request about the order, as it is remembered by outcomes."""

    status_code: int | None
    """The status of the reply, or None where none came."""
    evidence: str
    """In words: what came back, or what went wrong."""
    what: str = "cancel"
    """cancel, read, or list."""
    started_at: float = 0.0
    """Seconds from the beginning of the call to the beginning of this."""
    seconds: float
    """From just before the request to the last byte that was read, on the client's clock."""
