"""Raw pyreqwest, many requests in flight. It also generates the load for the mock and Prism."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.peers.peer_call import NO_CONTENT, AsyncCancel, at_once, headers, task
from pyreqwest.client import ClientBuilder

asked = task()


@asynccontextmanager
async def opened() -> AsyncIterator[AsyncCancel]:
    async with ClientBuilder().default_headers(headers()).build() as client:

        async def cancel(order_id: int) -> bool:
            reply = await client.delete(asked.url(order_id)).build().send()
            return bool(reply.status == NO_CONTENT)

        yield cancel


at_once(opened())
# Its threads may request the GIL while the interpreter ends, and then abort the process: seen with 0.15.1.
os._exit(0)
