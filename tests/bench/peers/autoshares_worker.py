"""This package's AsyncClient.work_off: one process of a sweep. It waits for a line before it begins.

It has the command line of every peer, with the sweep in BENCH_DATABASE and BENCH_SWEEP; the number of calls is that of
all workers together.
"""

import asyncio
import os
import sys
import time

from bench.peers.peer_call import APP_KEY, TOKEN, answer, run, task

from autoshares_cancel import AsyncClient, Cancelled, Outcome, Sweep, TokenCredentials

asked = task()


async def main() -> None:
    count = good = 0

    def ended(_: tuple[int, int], outcome: Outcome) -> None:
        nonlocal count, good
        count += 1
        good += isinstance(outcome, Cancelled)

    credentials = TokenCredentials(app_key=APP_KEY, token=TOKEN)
    async with (
        AsyncClient(base_url=asked.base_url, credentials=credentials) as client,
        Sweep(os.environ["BENCH_DATABASE"], name=os.environ["BENCH_SWEEP"], must_exist=True) as sweep,
    ):
        print("ready", flush=True)  # noqa: T201  # peers print their results
        await asyncio.to_thread(sys.stdin.readline)
        started = time.perf_counter()
        await client.work_off(sweep, concurrency=asked.in_flight, on_ended=ended)
        answer(time.perf_counter() - started, (count, good))


run(main())
