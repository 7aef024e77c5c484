"""Raw httpx on trio, one request after the other."""

from collections.abc import Iterator

import httpx
import trio
from bench.peers.peer_call import NO_CONTENT, RunSummary, every_async, headers, task

asked = task()


async def main() -> None:
    async with httpx.AsyncClient(headers=headers()) as client:

        async def batch(ids: Iterator[int]) -> RunSummary:
            count = good = 0
            for order_id in ids:
                count += 1
                good += (await client.delete(asked.url(order_id))).status_code == NO_CONTENT
            return count, good

        await every_async(batch)


trio.run(main)
