"""Clients' lists: every page of an account with many orders, and one fresh token after a refusal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from autoshares_cancel import OrdersUnreadable, PasswordCredentials, TokenCredentials
from autoshares_cancel._values.status import STATES
from autoshares_cancel.contract.report.fixture_types import Cell, Finding
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.calls import Called, call, calling
from autoshares_cancel.contract.server.clients import Call
from autoshares_cancel.contract.server.lists import FOR_TODAY, ONLY_OPEN, OPEN, PAGE, about_listed
from autoshares_cancel.contract.server.raw import parse_reply, parse_request
from autoshares_cancel.contract.server.reproduce import as_client
from autoshares_cancel.contract.server.specification import OPERATIONS

MANY = 15
"""Orders in each status: enough for three pages of all orders, and two of open ones."""


def targets_of(aim: Aim, called: Called) -> list[str]:
    """Return the targets of the requests that the client must have sent to get this many pages."""
    path = urlsplit(aim.base_url).path + OPERATIONS["listOrders"].path.format(version="1", accountId=aim.account)
    return [path + PAGE.format(page) + ("" if called.held else ONLY_OPEN) for page in range(len(called.seen))]


@pytest.mark.parametrize("held", [True, False])
def test_clients_list_what_is_open(aim: Aim, client_kind: str, *, held: bool, cell: Cell, finding: Finding) -> None:
    """Laws 1 and 8: every page is requested once, and every open order of the book is listed, whatever its status."""
    cell("lists", "what is open, by clients", f"held={held} · {client_kind}")
    if not aim.controlled:
        not_shown("only a mock is given so many orders")
    orders = [
        {"order_id": 1000 * nth + number, "account_id": aim.account, "status": status}
        for nth, status in enumerate(STATES, 1)
        for number in range(MANY)
    ]
    aim.control("POST", "/_mock/seed", {"orders": orders})
    credentials = TokenCredentials(app_key=aim.key("right") or "", token=aim.token("right") or "")
    called = call(aim, client_kind, credentials, aim.account, 0, operation="listOrders", held=held)
    listed = called.outcome if isinstance(called.outcome, tuple) else ()
    book = {
        order["order_id"]
        for order in aim.control("GET", "/_mock/state")["orders"]
        if order["account_id"] == aim.account and order["status"] in (OPEN | FOR_TODAY) - (set() if held else {"Held"})
    }
    complaints = [*about_listed(listed, [called.reply(page) for page in range(len(called.seen))], aim.account)]
    if [request.target for request in called.requests] != targets_of(aim, called) or len(called.seen) < 2:
        complaints.append(f"the client sent {[request.target for request in called.requests]}")
    if {order.order_id for order in listed} != book:
        complaints.append(f"the client lists {len(listed)} orders, and {len(book)} are open in the book")
    if complaints:
        client = as_client(aim.base_url, aim.account, 0, code=called.code)
        finding(f"a list of what is open ({client_kind}): {'; '.join(complaints)}", client=client)


def test_a_list_that_is_refused_is_asked_for_with_one_fresh_token(
    aim: Aim, client_kind: str, cell: Cell, finding: Finding
) -> None:
    """Laws 6 and 8: a client renews a refused old token once; a second refusal is final, and nothing is listed."""
    cell("lists", "another user's orders, with a password", client_kind, note="OrdersUnreadable")
    foreign = aim.table.foreign_account
    if foreign is None:
        not_shown("the table names no account of another user: foreign_account")
    username, password = aim.user("trader")
    credentials = PasswordCredentials(app_key=aim.key("right") or "", username=username, password=password)

    def use(client: Call) -> Any:
        client("open_orders", account_id=aim.account)
        return client("open_orders", account_id=foreign)

    outcome, seen = calling(aim, client_kind, credentials, use)
    requests = [parse_request(exchange.sent) for exchange in seen]
    replies = [parse_reply(each.received, request.method) for each, request in zip(seen, requests, strict=True)]
    exchanges = [(request.method, reply.status) for request, reply in zip(requests, replies, strict=True)][-3:]
    refused = isinstance(outcome, OrdersUnreadable) and outcome.status_code == 401
    if exchanges != [("GET", 401), ("POST", 200), ("GET", 401)] or not refused:
        code = as_client(aim.base_url, 0, 0, user="trader", code=f"open_orders(account_id={foreign})")
        finding(f"another user's orders ({client_kind}): {exchanges} and {type(outcome).__name__}", client=code)
