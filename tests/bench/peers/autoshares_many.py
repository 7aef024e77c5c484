"""This package's AsyncClient.cancel_orders, many cancels in flight; takes the orders one by one from a generator."""

from collections.abc import Iterator

from bench.peers.peer_call import ACCOUNT, APP_KEY, TOKEN, RunSummary, every_async, run, task

from autoshares_cancel import AsyncClient, Cancelled, TokenCredentials

asked = task()


async def main() -> None:
    credentials = TokenCredentials(app_key=APP_KEY, token=TOKEN)
    async with AsyncClient(base_url=asked.base_url, credentials=credentials) as client:

        async def batch(ids: Iterator[int]) -> RunSummary:
            count = good = 0
            orders = ((ACCOUNT, order_id) for order_id in ids)
            async for _, outcome in client.cancel_orders(orders, concurrency=asked.in_flight):
                count += 1
                good += isinstance(outcome, Cancelled)
            return count, good

        await every_async(batch)


run(main())
