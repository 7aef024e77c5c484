"""The evidence of one attempt: a reply, the proof that nothing left this machine, or silence."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from attrs import field, frozen

from autoshares_cancel._values.headers import NAMES, Headers


@frozen(kw_only=True)
class Reply:
    """A status line and headers that arrived, and the part of the body that the client read."""

    status_code: int
    body: bytes = field(default=b"", repr=False)
    """Incomplete if the connection broke or the reply was too long. It may contain a token."""
    is_whole: bool = True
    """Whether the body ended where the server ended it."""
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """The kept headers by their usual names, unchanged. They may contain a secret."""

    @property
    def retry_after(self) -> str:
        """The header Retry-After, unchanged; empty if there is none."""
        return self.headers.get("Retry-After", "")

    @property
    def date(self) -> str:
        """The header Date, unchanged; empty if there is none."""
        return self.headers.get("Date", "")


def reply_of(status_code: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, *, is_whole: bool = True) -> Reply:
    """Make a Reply of what arrived. The values of a repeated header are joined with commas."""
    kept: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = NAMES.get(raw_name.lower())
        if name is not None:
            value = raw_value.decode("latin-1")
            kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return Reply(status_code=status_code, body=body, is_whole=is_whole, headers=kept)


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
    sent_at: datetime | None = None
    """When the client handed the request over to be sent, in UTC, by the clock of this machine."""
    date: str | None = None
    """The header Date of the reply, by the clock of the server; None without one."""
    headers: Mapping[str, str] = field(factory=Headers, converter=Headers)
    """Headers of the reply for a talk with the broker, by name in any case; no other header is kept.

    X-Request-Id, Request-Id, X-Correlation-Id, Correlation-Id, X-Trace-Id, Traceparent, X-Ms-Request-Id, X-Azure-Ref,
    X-Amzn-RequestId, X-Amzn-Trace-Id, X-Amz-Cf-Id, CF-Ray, Retry-After and Server. Each value is one printable line of
    at most 200 characters without secrets; the values of a repeated header are joined with commas.
    """
