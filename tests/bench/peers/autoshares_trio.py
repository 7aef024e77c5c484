"""This package's AsyncClient on trio, one cancel after the other."""

from collections.abc import Iterator

import trio
from bench.peers.peer_call import ACCOUNT, APP_KEY, TOKEN, RunSummary, every_async, task

from autoshares_cancel import AsyncClient, Cancelled, TokenCredentials

asked = task()


async def main() -> None:
    credentials = TokenCredentials(app_key=APP_KEY, token=TOKEN)
    async with AsyncClient(base_url=asked.base_url, credentials=credentials) as client:

        async def batch(ids: Iterator[int]) -> RunSummary:
            count = good = 0
            for order_id in ids:
                count += 1
                good += isinstance(await client.cancel_order(account_id=ACCOUNT, order_id=order_id), Cancelled)
            return count, good

        await every_async(batch)


trio.run(main)
