"""The client that openapi-python-client generates by its own templates, one cancel after the other."""

from autoshares_stock import AuthenticatedClient
from autoshares_stock.api.orders import cancel_order
from bench.peers.peer_call import ACCOUNT, APP_KEY, NO_CONTENT, TOKEN, one_by_one, task

asked = task()

with AuthenticatedClient(base_url=asked.base_url, token=TOKEN, headers={"Et-App-Key": APP_KEY}) as client:

    def cancel(order_id: int) -> bool:
        reply = cancel_order.sync_detailed(version="1", account_id=ACCOUNT, order_id=order_id, client=client)
        return bool(reply.status_code == NO_CONTENT)

    one_by_one(cancel)
