"""The standard library's http.client, one request after the other: the minimum in Python."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from bench.peers.peer_call import NO_CONTENT, headers, one_by_one, path, task

asked = task()

server = urlsplit(asked.base_url)
connection = HTTPConnection(server.hostname or "", server.port)
every_header = headers()


def cancel(order_id: int) -> bool:
    connection.request("DELETE", server.path + path(order_id), headers=every_header)
    reply = connection.getresponse()
    reply.read()
    return reply.status == NO_CONTENT


one_by_one(cancel)
connection.close()
