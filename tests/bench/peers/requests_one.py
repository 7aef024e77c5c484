"""A requests.Session, one request after the other."""

import requests
from bench.peers.peer_call import NO_CONTENT, headers, one_by_one, task

asked = task()

with requests.Session() as session:
    session.headers.update(headers())
    one_by_one(lambda order_id: session.delete(asked.url(order_id)).status_code == NO_CONTENT)
