"""The asynchronous client that openapi-python-client generates by its own templates, many cancels in flight."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from autoshares_stock import AuthenticatedClient
from autoshares_stock.api.orders import cancel_order
from bench.peers.peer_call import ACCOUNT, APP_KEY, NO_CONTENT, TOKEN, AsyncCancel, at_once, task

asked = task()


@asynccontextmanager
async def opened() -> AsyncIterator[AsyncCancel]:
    async with AuthenticatedClient(base_url=asked.base_url, token=TOKEN, headers={"Et-App-Key": APP_KEY}) as client:

        async def cancel(order_id: int) -> bool:
            reply = await cancel_order.asyncio_detailed(
                version="1", account_id=ACCOUNT, order_id=order_id, client=client
            )
            return bool(reply.status_code == NO_CONTENT)

        yield cancel


at_once(opened())
