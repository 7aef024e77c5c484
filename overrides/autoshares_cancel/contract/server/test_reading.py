"""Reading an order: the reply shows the requested order as it is now, and the order does not change."""

from __future__ import annotations

from typing import Any

import pytest

from autoshares_cancel._values.status import STATES
from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.checks import about_reply, about_status
from autoshares_cancel.contract.server.order_requests import CANCELLED_AS, READ_AS, book, changed, raw_request, read
from autoshares_cancel.contract.server.raw import RawReply
from autoshares_cancel.contract.server.reproduce import NO_CLIENT_CODE, as_client, as_curl

SEEDED = 80000


def about_order(aim: Aim, reply: RawReply, fields: dict[str, Any], order_id: int, statuses: list[str]) -> list[str]:
    """Return the complaints about an order that was read."""
    complaints = [] if reply.status == 200 else [f"{reply.status}, not 200"]
    complaints += about_reply(reply, "getOrder", aim.secrets())
    wanted: dict[str, list[Any]] = {"Id": [order_id], "AccountId": [aim.account], "Status": statuses}
    for name, right in wanted.items():
        if fields.get(name) not in right or isinstance(fields.get(name), float):
            complaints.append(f"{name} is {fields.get(name)!r}, not {' or '.join(map(str, right))}")
    return complaints


@pytest.mark.parametrize("kind", READ_AS)
def test_an_order_reads_as_what_it_is(aim: Aim, kind: str, cell: Cell, finding: Finding) -> None:
    """Law 1: a reading returns the requested order, and does not change it."""
    cell("reading", f"an order that is {kind}", "raw", note="200")
    order_id = aim.look_at(kind)
    before = book(aim)
    request, reply, fields = read(aim, order_id)
    complaints = about_order(aim, reply, fields, order_id, READ_AS[kind])
    changes = changed(aim, before)
    if changes:
        complaints.append(f"the book has changed by {changes}")
    if complaints:
        finding(
            f"reading order {order_id}, which is {kind}: {'; '.join(complaints)}",
            client=NO_CLIENT_CODE,
            curl=as_curl(aim.base_url, request),
        )


def test_every_order_reads_as_it_stands_in_the_book(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 1: a reading shows each documented status, and the quantities, exactly as in the exchange."""
    cell("reading", "every status", "raw", note="as in the book")
    if not aim.controlled:
        not_shown("only a mock's book can be looked into")
    orders = [
        {"order_id": SEEDED + nth, "account_id": aim.account, "status": status, "executed_quantity": nth}
        for nth, status in enumerate(STATES)
    ]
    aim.control("POST", "/_mock/seed", {"orders": orders})
    for order in aim.control("GET", "/_mock/state")["orders"]:
        if order["account_id"] != aim.account:
            continue
        request, reply, fields = read(aim, order["order_id"])
        complaints = about_order(aim, reply, fields, order["order_id"], [order["status"]])
        found = [fields.get(name) for name in ("Quantity", "ExecutedQuantity", "LeavesQuantity")]
        true = [order[name] for name in ("quantity", "executed_quantity", "leaves_quantity")]
        if found != true:
            complaints.append(f"whole, executed and left are {found}, not {true}")
        if complaints:
            finding(f"reading order {order['order_id']}: {'; '.join(complaints)}", curl=as_curl(aim.base_url, request))


@pytest.mark.parametrize("kind", ["absent", "another account's"])
def test_what_an_account_does_not_have_is_not_read(
    aim: Aim, kind: str, cell: Cell, finding: Finding, remark: Remark
) -> None:
    """Law 1: an order that does not exist can't be read, and neither can one of another account."""
    cell("reading", f"an order that is {kind}", "raw", note="422")
    if aim.unknown:
        not_shown("an unknown server: --scenarios names its account")
    if kind == "absent":
        order_id = aim.take("absent")
    elif aim.controlled:
        others = [order for order in aim.control("GET", "/_mock/state")["orders"] if order["account_id"] != aim.account]
        order_id = others[0]["order_id"]
    else:
        not_shown("only a mock shows the orders of other accounts")
    request, reply, _ = read(aim, order_id)
    found = [*about_status(reply.status, [422]), *about_reply(reply, "getOrder", aim.secrets())]
    complaints = aim.findings_in(found, f"reading an order that is {kind}", remark)
    if complaints:
        what = f"reading order {order_id}, which is {kind}: {'; '.join(complaints)}"
        finding(what, client=NO_CLIENT_CODE, curl=as_curl(aim.base_url, request))


@pytest.mark.parametrize("called", CANCELLED_AS)
def test_what_was_cancelled_reads_so(aim: Aim, called: str, cell: Cell, finding: Finding) -> None:
    """Law 1: a reading after a successful cancel shows it, for the quick cancel and for the venue's."""
    cell("reading", f"an order after {called}", "raw", note=" or ".join(CANCELLED_AS[called]))
    if aim.unknown:
        not_shown("an unknown server: --scenarios names orders that may be sacrificed")
    order_id = aim.take("open")
    cancel = raw_request(aim, "right", "right", aim.account, order_id, called)
    status = aim.send(cancel).status
    request, reply, fields = read(aim, order_id)
    complaints = [] if status in {200, 204} else [f"the cancel was answered with {status}"]
    complaints += about_order(aim, reply, fields, order_id, CANCELLED_AS[called])
    if complaints:
        what = f"reading order {order_id} after {called}: {'; '.join(complaints)}"
        finding(what, client=as_client(aim.base_url, aim.account, order_id), curl=as_curl(aim.base_url, request))
