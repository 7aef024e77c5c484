"""Batches at servers that limit the request rate, in real time: how long they take, and how often they get a 429.

    PYTHONPATH=tests .venv/bin/python -m bench.limits
    PYTHONPATH=tests .venv/bin/python -m bench.limits --limits 20 --kinds sync,asyncio

A local server allows a number of requests in any second, and answers the others with 429 and Retry-After: 1. Each
batch has 300 orders, 64 in flight, and 30 s for each order. Exit code 1 if a batch misses its targets: all cancelled,
within 1.3 times the shortest time and 3 s, and from the third pause on less than a tenth of the requests refused.
"""

import argparse
import asyncio
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from attrs import define, field, frozen
from support.clients import CLIENT_KINDS, open_caller
from support.limited_servers import SlidingWindow, openings_of

from autoshares_cancel import Cancelled, RetryPolicy, TokenCredentials

ORDERS, IN_FLIGHT, DEADLINE = 300, 64, 30.0
REFUSED: Final = 429
SILENCE: Final = 0.85
"""The seconds without a request after a 429 that count as a pause."""
REPLIES: Final = {
    204: b"HTTP/1.1 204 No Content\r\n\r\n",
    429: b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
}
TABLE: Final = "{:>8} {:>6} {:>8} {:>8} {:>9} {:>5} {:>7} {:>10} {:>10}  {}"
TITLES: Final = ("client", "limit", "seconds", "at most", "requests", "429s", "pauses", "429s late", "cancelled", "")


@define
class _Connection(asyncio.Protocol):
    """Answers every request as soon as its head is complete."""

    limit: SlidingWindow
    replies: list[tuple[float, int]]
    _head: bytes = b""
    _transport: asyncio.Transport | None = field(default=None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._head = (self._head + data).split(b"\r\n\r\n")
        for _ in heads:
            now = time.monotonic()
            status_code = 204 if self.limit.allows(now) else REFUSED
            self.replies.append((now, status_code))
            assert self._transport is not None
            self._transport.write(REPLIES[status_code])


@contextmanager
def limited_server(rate: float) -> Iterator[tuple[str, list[tuple[float, int]]]]:
    """A server on a free port, in a thread: its base URL, and the time and status of each reply."""
    loop, replies, limit = asyncio.new_event_loop(), list[tuple[float, int]](), SlidingWindow(rate)
    server = loop.run_until_complete(loop.create_server(lambda: _Connection(limit, replies), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api", replies
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


@frozen(kw_only=True)
class Row:
    """One batch."""

    client_kind: str
    limit: int
    seconds: float
    cancelled: int
    openings: list[list[int]]
    """The statuses of all replies, split at pauses."""

    @property
    def most_seconds(self) -> float:
        return 1.3 * ORDERS / self.limit + 3

    @property
    def late_share(self) -> float:
        """The share of 429s from the third pause on."""
        late = [status for opening in self.openings[3:] for status in opening]
        return late.count(REFUSED) / max(1, len(late))

    @property
    def is_met(self) -> bool:
        return self.cancelled == ORDERS and self.seconds <= self.most_seconds and self.late_share < 0.1  # the target

    def __str__(self) -> str:
        statuses = [status for opening in self.openings for status in opening]
        return TABLE.format(
            self.client_kind,
            self.limit,
            f"{self.seconds:.1f}",
            f"{self.most_seconds:.1f}",
            len(statuses),
            statuses.count(REFUSED),
            len(self.openings) - 1,
            f"{self.late_share:.1%}",
            self.cancelled,
            "met" if self.is_met else "MISSED",
        )


def measure(client_kind: str, limit: int) -> Row:
    """Cancel all orders at a server with this limit."""
    credentials = TokenCredentials(app_key="an-app-key", token="an-access-token")
    with (
        limited_server(limit) as (base_url, replies),
        open_caller(client_kind, base_url=base_url, credentials=credentials, retry=RetryPolicy()) as caller,
    ):
        began = time.monotonic()
        orders = [(6303, order_id) for order_id in range(1, ORDERS + 1)]
        results = caller.batch(orders, concurrency=IN_FLIGHT, deadline=DEADLINE)
        return Row(
            client_kind=client_kind,
            limit=limit,
            seconds=time.monotonic() - began,
            cancelled=sum(isinstance(outcome, Cancelled) for _, outcome in results),
            openings=openings_of(replies, SILENCE),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every kind of client at every limit, one after the other, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limits", default="10,20,50", help="requests a second, with commas between")
    parser.add_argument("--kinds", default="sync,asyncio", help=f"some of {','.join(CLIENT_KINDS)}")
    options = parser.parse_args(arguments)
    print(
        TABLE.format(
            "client", "limit", "seconds", "at most", "requests", "429s", "pauses", "429s late", "cancelled", ""
        )
    )
    is_met = True
    for limit in map(int, options.limits.split(",")):
        for client_kind in options.kinds.split(","):
            row = measure(client_kind, limit)
            print(row, flush=True)
            is_met &= row.is_met
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
