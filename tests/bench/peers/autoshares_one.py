"""This package, one cancel after the other, with all features."""

from bench.peers.peer_call import ACCOUNT, APP_KEY, TOKEN, one_by_one, task

from autoshares_cancel import Cancelled, Client, TokenCredentials

asked = task()

credentials = TokenCredentials(app_key=APP_KEY, token=TOKEN)
with Client(base_url=asked.base_url, credentials=credentials) as client:
    one_by_one(lambda order_id: isinstance(client.cancel_order(account_id=ACCOUNT, order_id=order_id), Cancelled))
