"""Raw httpx, one request after the other."""

import httpx
from bench.peers.peer_call import NO_CONTENT, headers, one_by_one, task

asked = task()

with httpx.Client(headers=headers()) as client:
    one_by_one(lambda order_id: client.delete(asked.url(order_id)).status_code == NO_CONTENT)
