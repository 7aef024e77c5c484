"""The evidence of one attempt: a reply, the proof that nothing left this machine, or silence."""

from collections.abc import Iterable
from datetime import UTC, datetime

from attrs import field, frozen


@frozen(kw_only=True)
class Reply:
    """A status line and headers that arrived, and the part of the body that the client read."""

    status_code: int
    body: bytes = field(default=b"", repr=False)
    """Incomplete if the connection broke or the reply was too long. It may contain a token."""
    is_whole: bool = True
    """Whether the body ended where the server ended it."""
    retry_after: str = field(default="", repr=False)
    """The header Retry-After, unchanged."""
    date: str = field(default="", repr=False)
    """The header Date, unchanged."""


def reply_of(status_code: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, *, is_whole: bool = True) -> Reply:
    """Make a Reply of what arrived. The values of a repeated header are joined with commas."""
    kept: dict[bytes, list[bytes]] = {b"retry-after": [], b"date": []}
    for name, value in headers:
        kept.get(name.lower(), []).append(value)
    retry_after, date = (b", ".join(values).decode("latin-1") for values in kept.values())
    return Reply(status_code=status_code, body=body, is_whole=is_whole, retry_after=retry_after, date=date)


def date_of(reply: Reply) -> datetime | None:
    """When the server sent a reply, by its own clock; None where it does not say. Pure."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # slow to load, and hardly ever needed

    try:
        date = parsedate_to_datetime(reply.date)
    except (ValueError, TypeError, OverflowError):
        return None
    return date.replace(tzinfo=date.tzinfo or UTC)


@frozen(kw_only=True)
class NotWritten:
    """The operating system got no byte of the request."""

    reason: str = field(repr=False)
    """Not masked: it may quote a server, and a server may repeat a secret."""


@frozen(kw_only=True)
class NoResponse:
    """The request may have arrived, and no usable reply came back."""

    reason: str = field(repr=False)
    """Not masked, as above."""


Evidence = Reply | NotWritten | NoResponse


@frozen(kw_only=True)
class Attempt:
    """One request about the order, as outcomes list it."""

    status_code: int | None
    """The status of the reply, or None without a reply."""
    evidence: str
    """The reply or the problem, in words."""
    what: str = "cancel"
    """cancel, read or list."""
    started_at: float = 0.0
    """Seconds from the beginning of the call to the beginning of this request, on the client's clock."""
    seconds: float
    """Seconds from the beginning of this request to the last byte of the reply that was read."""
