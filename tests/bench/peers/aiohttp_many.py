"""Raw aiohttp, many requests in flight."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from bench.peers.peer_call import NO_CONTENT, AsyncCancel, at_once, headers, task

asked = task()


@asynccontextmanager
async def opened() -> AsyncIterator[AsyncCancel]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers()) as session:

        async def cancel(order_id: int) -> bool:
            async with session.delete(asked.url(order_id)) as reply:
                await reply.read()
                return bool(reply.status == NO_CONTENT)

        yield cancel


at_once(opened())
