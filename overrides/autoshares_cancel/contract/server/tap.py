"""Records the bytes that a client of any kind sends, before encryption, and receives, after decryption.

Every byte passes `Connection._write` or `Connection._read`, which all kinds of client share.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from attrs import field, frozen

from autoshares_cancel._http.connection import Connection
from autoshares_cancel._http.transmission import Transmission


@frozen
class Seen:
    """The bytes of one request, and the bytes received on its connection."""

    sent: bytes = field(repr=False)
    received: bytes = field(repr=False)


@contextmanager
def tapped() -> Generator[list[Seen]]:
    """Record the bytes of all clients of the process; the list is filled when the block ends."""
    chunks: list[tuple[str, bytes]] = []
    seen: list[Seen] = []
    write, read = Connection._write, Connection._read

    async def writing(connection: Connection, data: bytes, transmission: Transmission) -> None:
        chunks.append(("sent", data))
        await write(connection, data, transmission)

    async def reading(connection: Connection, transmission: Transmission) -> bytes:
        data = await read(connection, transmission)
        chunks.append(("received", data))
        return data

    _set(writing, reading)
    try:
        yield seen
    finally:
        _set(write, read)
        seen += _pairs(chunks)


def _set(write: Any, read: Any) -> None:
    Connection._write, Connection._read = write, read  # type: ignore[method-assign]  # replaced to record


def _pairs(chunks: list[tuple[str, bytes]]) -> list[Seen]:
    pairs: list[list[bytes]] = []
    last = "received"
    for what, data in chunks:
        if not pairs or (what == "sent" and last == "received"):
            pairs.append([b"", b""])
        pairs[-1][what == "received"] += data
        last = what
    return [Seen(sent, received) for sent, received in pairs]
