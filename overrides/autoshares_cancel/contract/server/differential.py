"""Sends the same request by hand and through both clients: the server's reply and each outcome must agree.

1. A raw request that a typed client can't send is left out: an id beyond int32, a missing header, a list that does not
   begin with its first page.
2. A success changes the order, so that the next cancel gets a conflict. Every other reply stays the same.
3. A log-in has an outcome of its own; after a successful one, a cancel is sent for an impossible order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from autoshares_cancel import ConfigurationError, PasswordCredentials, TokenCredentials
from autoshares_cancel._values.contract import IDS
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.calls import Called, Credentials, call
from autoshares_cancel.contract.server.checks import about_reading, about_request
from autoshares_cancel.contract.server.lists import ONLY_OPEN, PAGE
from autoshares_cancel.contract.server.scenario_table import IMPOSSIBLE
from autoshares_cancel.contract.server.specification import OPERATIONS

CLIENT_KINDS = ("sync", "asyncio")
CHANGES = {(200, 409), (204, 409)}
"""Pairs of statuses that two equal cancels may get, one after the other: a success changes the order."""
ORDINARY = frozenset({"host", "accept", "accept-encoding", "user-agent", "content-length"})
READINGS = {
    200: "Cancelled",
    204: "Cancelled",
    401: "NotAuthorized",
    403: "AppKeyRejected",
    409: "OrderConflict",
    422: "InvalidRequest",
    500: "ServerFailed",
}
READ = {"getOrder": ("Order", "OrderUnreadable"), "listOrders": ("tuple", "OrdersUnreadable")}
"""For each reading operation the class of the outcome of a 200, and of any other status."""
LISTS = {PAGE.format(0): True, PAGE.format(0) + ONLY_OPEN: False}
"""The queries that a client sends for open orders, and whether held orders are included."""
LOG_INS = {202: "SecondFactorRequired", 401: "InvalidCredentials"}
CREDENTIALS = ("Et-App-Key", "Authorization")


@frozen(kw_only=True)
class Raw:
    """A request made by hand, and the status of its reply."""

    method: str
    url: str
    headers: Mapping[str, str]
    status: int


def about_clients(aim: Aim, raw: Raw) -> Iterator[str]:
    """Yield the complaints, one line each; none if no client can make this request."""
    target = urlsplit(raw.url)
    path, query = target.path.removeprefix(urlsplit(aim.base_url).path), _as_clients_say(target.query)
    if "Prefer" in raw.headers or query is None:
        return
    for name in ("listOrders",) if query else ("cancelOrder", "cancelOrderAtVenue", "getOrder"):
        if raw.method == OPERATIONS[name].method and (ids := _ids(name, path)):
            yield from _about_orders(aim, raw, name, ids, query)
    if (raw.method, path) == (OPERATIONS["getToken"].method, OPERATIONS["getToken"].path):
        yield from _about_log_ins(aim, raw)


def _as_clients_say(query: str) -> str | None:
    """Return the same query as a client encodes it; None if no client sends it."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return next((own for own in ("", *LISTS) if parse_qsl(own[1:]) == pairs), None)


def _ids(name: str, path: str) -> tuple[int, int] | None:
    template = re.escape(OPERATIONS[name].path.format(version="1", accountId="ID", orderId="ID"))
    found = re.fullmatch(template.replace("ID", "(-?(?:0|[1-9][0-9]{0,9}))"), path)
    if found is None or "-0" in found.groups():
        return None
    account_id, order_id = map(int, (*found.groups(), 0)[:2])  # a list has no order id
    return (account_id, order_id) if account_id in IDS and order_id in IDS else None


def _about_orders(aim: Aim, raw: Raw, name: str, ids: tuple[int, int], query: str) -> Iterator[str]:
    account_id, order_id = ids
    app_key, bearer = (raw.headers.get(name, "") for name in CREDENTIALS)
    if not bearer.startswith("Bearer "):
        return
    try:
        credentials = TokenCredentials(app_key=app_key, token=bearer.removeprefix("Bearer "))
    except ConfigurationError:
        return
    expected = raw.status
    for client_kind in CLIENT_KINDS:
        called = call(aim, client_kind, credentials, account_id, order_id, operation=name, held=LISTS.get(query, True))
        reply = called.reply()
        if reply.status != expected and (name in READ or (expected, reply.status) not in CHANGES):
            yield f"{client_kind}: the server sent {expected} before, and {reply.status} to the client"
        expected = reply.status
        kind = READ[name][reply.status != HTTPStatus.OK] if name in READ else READINGS[reply.status]
        yield from about_reading(called.outcome, reply, kind, account_id, order_id)
        target = OPERATIONS[name].path.format(version="1", accountId=account_id, orderId=order_id) + query
        yield from _about_sent(aim, called, name, target, {"Et-App-Key": app_key, "Authorization": bearer})


def _about_sent(aim: Aim, called: Called, name: str, target: str, credentials: Mapping[str, str]) -> Iterator[str]:
    if len(called.requests) != 1:
        yield f"{called.client_kind}: the client sent {len(called.requests)} requests, not 1"
    path = urlsplit(aim.base_url).path + target
    yield from about_request(called.requests[0], path, OPERATIONS[name].method, credentials, ORDINARY)


def _about_log_ins(aim: Aim, raw: Raw) -> Iterator[str]:
    credentials = _password(raw.headers)
    if credentials is None:
        return
    for client_kind in CLIENT_KINDS:
        called = call(aim, client_kind, credentials, IMPOSSIBLE, IMPOSSIBLE)
        reply, kind = called.reply(), type(called.outcome).__name__
        if reply.status != raw.status:
            yield f"{client_kind}: /token sent {raw.status} before, and {reply.status} to the client"
        wanted = {"NotAuthorized", "OrderConflict"} if reply.status == HTTPStatus.OK else {_refusal(reply.status)}
        if kind not in wanted:
            yield f"{client_kind}: the client made {kind} of a {reply.status} of /token"


def _refusal(status: int) -> str:
    return LOG_INS.get(status, "TokenUnavailable")


def _password(headers: Mapping[str, str]) -> Credentials | None:
    if {"Authorization", "VerificationCode", "PinCode"} & set(headers):
        return None
    app_key, username, password = (headers.get(name, "") for name in ("Et-App-Key", "Username", "Password"))
    try:
        return PasswordCredentials(app_key=app_key, username=username, password=password)
    except ConfigurationError:
        return None
