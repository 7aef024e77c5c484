"""The bytes that a client sends and gets, whatever its kind, before and after TLS.

Every byte of a client passes the two methods below, which are the same for both clients (see _network.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import field, frozen

from autoshares_cancel._http.response import ResponseBuffer
from autoshares_cancel._http.transmission import Transmission


@frozen
class Seen:
    """One request and what came back on its connection."""

    sent: bytes = field(repr=False)
    received: bytes = field(repr=False)


@contextmanager
def tapped() -> Iterator[list[Seen]]:
    """Record the bytes of all clients of the process; the list is filled when the block ends."""
    heard: list[tuple[str, bytes]] = []
    seen: list[Seen] = []
    writes, grows = Transmission.writes, ResponseBuffer.grows

    def writing(transmission: Transmission, data: bytes) -> None:
        heard.append(("sent", bytes(data)))
        writes(transmission, data)

    def growing(reply: ResponseBuffer, data: bytes, error: type[Exception]) -> None:
        heard.append(("received", bytes(data)))
        grows(reply, data, error)

    _set(writing, growing)
    try:
        yield seen
    finally:
        _set(writes, grows)
        seen += _pairs(heard)


def _set(writes: Any, grows: Any) -> None:
    Transmission.writes, ResponseBuffer.grows = writes, grows  # type: ignore[method-assign]  # that is how one listens


def _pairs(heard: list[tuple[str, bytes]]) -> list[Seen]:
    pairs: list[list[bytes]] = []
    last = "received"
    for what, data in heard:
        if not pairs or (what == "sent" and last == "received"):
            pairs.append([b"", b""])
        pairs[-1][what == "received"] += data
        last = what
    return [Seen(sent, received) for sent, received in pairs]
