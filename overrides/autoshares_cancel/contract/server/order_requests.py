"""Makes raw requests about an order with credentials of any kind, and reads orders with the right ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from autoshares_cancel._values.status import STATES, State
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.raw import RawReply, RawRequest
from autoshares_cancel.contract.server.specification import OPERATIONS

READ_AS = {
    "open": [status for status, state in STATES.items() if state is State.WORKING],
    "filled": ["Filled"],
    "cancelled": ["Canceled"],
}
"""The statuses that an order of each kind may have."""
CANCELLED_AS = {"cancelOrder": ["Canceled", "PendingCancel"], "cancelOrderAtVenue": ["Canceled"]}
"""The statuses of an order after each cancel: the venue may not have confirmed the quick one yet."""


def raw_request(
    aim: Aim, token: str, key: str, account_id: int, order_id: int, called: str = "cancelOrder"
) -> RawRequest:
    """Make a request with credentials of these kinds; an absent credential is not sent."""
    values = {"Et-App-Key": aim.key(key), "Authorization": _bearer(aim.token(token))}
    headers = tuple((name, value) for name, value in values.items() if value is not None)
    operation = OPERATIONS[called]
    target = operation.target(version="1", accountId=account_id, orderId=order_id)
    return RawRequest(method=operation.method, target=target, headers=headers)


def read(aim: Aim, order_id: int) -> tuple[RawRequest, RawReply, dict[str, Any]]:
    """Read an order with both right credentials. The fields are empty if it can't be read."""
    request = raw_request(aim, "right", "right", aim.account, order_id, "getOrder")
    reply = aim.send(request)
    try:
        fields: Any = json.loads(reply.body) if reply.status == 200 else {}
    except ValueError:
        fields = {}
    return request, reply, fields if isinstance(fields, dict) else {}


def book(aim: Aim) -> dict[int, str]:
    """Return orders with their statuses: all orders of a mock; elsewhere only the reserved order, if it can be read."""
    if aim.controlled:
        return {order["order_id"]: order["status"] for order in aim.control("GET", "/_mock/state")["orders"]}
    if aim.reserved is None:
        return {}
    _, reply, fields = read(aim, aim.reserved)
    return {aim.reserved: str(fields.get("Status"))} if reply.status == HTTPStatus.OK else {}


def changed(aim: Aim, before: Mapping[int, str]) -> dict[int, str]:
    """Return the orders whose status has changed, with the new status."""
    return {order_id: status for order_id, status in book(aim).items() if before.get(order_id, status) != status}


def _bearer(token: str | None) -> str | None:
    return token if token is None else f"Bearer {token}".rstrip()
