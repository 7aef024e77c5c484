"""This package's Client.cancel_orders, many cancels in flight."""

from bench.peers.peer_call import ACCOUNT, APP_KEY, TOKEN, every, summary_of, task

from autoshares_cancel import Cancelled, Client, TokenCredentials

asked = task()

credentials = TokenCredentials(app_key=APP_KEY, token=TOKEN)
with Client(base_url=asked.base_url, credentials=credentials) as client:
    every(
        lambda ids: summary_of(
            isinstance(outcome, Cancelled)
            for _, outcome in client.cancel_orders(
                ((ACCOUNT, order_id) for order_id in ids), concurrency=asked.in_flight
            )
        )
    )
