"""The orders of a running mock: its accounts, which orders are live, new ones, and the requests about them."""

from collections.abc import Iterable

from autoshares_cancel.mock import MockServer

OWN, FOREIGN = 6303, 6400
KNOWN = {*range(73552, 73562), 73563}
"""The open orders that the mock has at start."""
FIRST_PLACED = 100_000


def live(server: MockServer, account_id: int = OWN) -> set[int]:
    """The account's orders that may still be executed."""
    orders = server.exchange.orders.values()
    return {order.order_id for order in orders if order.account_id == account_id and order.is_live}


def place(server: MockServer, order_ids: Iterable[int]) -> set[int]:
    """Place open orders with these ids."""
    return {server.exchange.place(OWN, order_id=order_id).order_id for order_id in order_ids}


def order_methods(server: MockServer) -> list[str]:
    """The method of every request about orders, oldest first."""
    requests = server._app.state.traffic.requests
    return [seen.method for seen in requests if "/orders" in seen.path]
