"""Requests about an order as they go out: with credentials of any kind, and its reading with the right ones."""

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
"""The statuses of an order of each kind."""
CANCELLED_AS = {"cancelOrder": ["Canceled", "PendingCancel"], "cancelOrderAtVenue": ["Canceled"]}
"""The statuses of an order that was cancelled: the quick cancel is not the venue's word."""


def raw_request(
    aim: Aim, token: str, key: str, account_id: int, order_id: int, called: str = "cancelOrder"
) -> RawRequest:
    """A request with these two credentials; an absent one is not sent."""
    values = {"Et-App-Key": aim.key(key), "Authorization": _bearer(aim.token(token))}
    headers = tuple((name, value) for name, value in values.items() if value is not None)
    operation = OPERATIONS[called]
    target = operation.target(version="1", accountId=account_id, orderId=order_id)
    return RawRequest(method=operation.method, target=target, headers=headers)


def read(aim: Aim, order_id: int) -> tuple[RawRequest, RawReply, dict[str, Any]]:
    """Read an order with both right credentials; no fields if it can't be read."""
    request = raw_request(aim, "right", "right", aim.account, order_id, "getOrder")
    reply = aim.send(request)
    try:
        fields: Any = json.loads(reply.body) if reply.status == 200 else {}
    except ValueError:
        fields = {}
    return request, reply, fields if isinstance(fields, dict) else {}


def book(aim: Aim) -> dict[int, str]:
    """The status of every order of a mock; elsewhere of the one that must be refused a cancel, if it can be read."""
    if aim.controlled:
        return {order["order_id"]: order["status"] for order in aim.control("GET", "/_mock/state")["orders"]}
    if aim.reserved is None:
        return {}
    _, reply, fields = read(aim, aim.reserved)
    return {aim.reserved: str(fields.get("Status"))} if reply.status == HTTPStatus.OK else {}


def changed(aim: Aim, before: Mapping[int, str]) -> dict[int, str]:
    """Those whose status has changed, with the new one."""
    return {order_id: status for order_id, status in book(aim).items() if before.get(order_id, status) != status}


def _bearer(token: str | None) -> str | None:
    return token if token is None else f"Bearer {token}".rstrip()
