"""The command line and the output of a peer: `python -m bench.peers.NAME URL COUNT IN_FLIGHT`, one line of JSON.

Each peer is its own process, so that imports and garbage of one do not affect another. It warms up on the
connections that are then measured. `good` counts the replies with 204, or the outcomes Cancelled.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, NamedTuple

ACCOUNT = 6303
APP_KEY = "demo-app-key"
TOKEN = os.environ.get("BENCH_TOKEN", "an-access-token")
NO_CONTENT = 204
WARM_UP = 100
"""The least number of warm-up calls; with many in flight, there are two for each."""

RunSummary = tuple[int, int]
"""The number of outcomes, and the number of good ones."""
Cancel = Callable[[int], bool]
AsyncCancel = Callable[[int], Awaitable[bool]]


class Task(NamedTuple):
    """The arguments of a run."""

    base_url: str
    calls: int
    in_flight: int

    def url(self, order_id: int) -> str:
        return f"{self.base_url}{path(order_id)}"


def task() -> Task:
    """Parse the command line."""
    return Task(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))


def path(order_id: int) -> str:
    return f"/v1/accounts/{ACCOUNT}/orders/{order_id}"


def headers() -> dict[str, str]:
    """The headers of every peer. With BENCH_PREFER, Prism and the mock reply with that status."""
    preferred = os.environ.get("BENCH_PREFER")
    credentials = {"Authorization": f"Bearer {TOKEN}", "Et-App-Key": APP_KEY}
    return credentials | ({"Prefer": f"code={preferred}"} if preferred else {})


def order_ids(count: int) -> Iterator[int]:
    """Every order id once, or always BENCH_ORDER, for a server that has no other orders."""
    known = os.environ.get("BENCH_ORDER")
    return (int(known) if known else 1 + number for number in range(count))


def one_by_one(cancel: Cancel) -> None:
    """Measure calls one after the other."""
    every(lambda ids: summary_of(cancel(order_id) for order_id in ids))


def every(batch: Callable[[Iterator[int]], RunSummary]) -> None:
    """Measure batches of synchronous code."""
    asked = task()
    batch(order_ids(warm_up(asked)))
    started = time.perf_counter()
    summary = batch(order_ids(asked.calls))
    answer(time.perf_counter() - started, summary)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on asyncio, or with BENCH_UVLOOP on uvloop."""
    if os.environ.get("BENCH_UVLOOP"):
        import uvloop  # noqa: PLC0415  # only with BENCH_UVLOOP

        uvloop.run(main)
    else:
        asyncio.run(main)


def at_once(opened: AbstractAsyncContextManager[AsyncCancel]) -> None:
    """Measure calls with this many in flight."""

    async def measure() -> None:
        async with opened as cancel:
            await every_async(lambda ids: in_flight(cancel, ids, task().in_flight))

    run(measure())


async def every_async(batch: Callable[[Iterator[int]], Awaitable[RunSummary]]) -> None:
    """Measure batches of asynchronous code."""
    asked = task()
    await batch(order_ids(warm_up(asked)))
    started = time.perf_counter()
    summary = await batch(order_ids(asked.calls))
    answer(time.perf_counter() - started, summary)


async def in_flight(cancel: AsyncCancel, ids: Iterator[int], workers: int) -> RunSummary:
    """Run one worker per call in flight over one iterator of orders."""

    async def work() -> RunSummary:
        count = good = 0
        for order_id in ids:
            count += 1
            good += await cancel(order_id)
        return count, good

    summaries = await asyncio.gather(*(work() for _ in range(workers)))
    return sum(count for count, _ in summaries), sum(good for _, good in summaries)


def summary_of(outcomes: Iterable[bool]) -> RunSummary:
    """Count the outcomes."""
    count = good = 0
    for outcome in outcomes:
        count += 1
        good += outcome
    return count, good


def warm_up(asked: Task) -> int:
    return max(WARM_UP, 2 * asked.in_flight)


def answer(seconds: float, summary: RunSummary) -> None:
    """Print the figures."""
    count, good = summary
    figures = {"seconds": seconds, "count": count, "good": good, "peak_mb": peak_megabytes()}
    print(json.dumps(figures), flush=True)


def peak_megabytes() -> float:
    """The peak memory of this process."""
    # /proc comes first, because on Linux getrusage starts with the peak of the parent process.
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
