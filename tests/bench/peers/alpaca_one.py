"""alpaca-py's TradingClient, one cancel after the other. It hides the status, so its session reads it."""

from typing import Any
from uuid import UUID

from alpaca.trading.client import TradingClient
from bench.peers.peer_call import APP_KEY, NO_CONTENT, TOKEN, one_by_one, task

asked = task()

statuses: list[int] = []
client = TradingClient(APP_KEY, TOKEN, paper=True, raw_data=True, url_override=asked.base_url)


def hear(reply: Any, **_: object) -> None:
    statuses.append(reply.status_code)


def cancel(order_id: int) -> bool:
    client.cancel_order_by_id(UUID(int=order_id))
    return statuses.pop() == NO_CONTENT


client._session.hooks["response"].append(hear)
one_by_one(cancel)
