"""Success means that the order is cancelled: a second cancel fails, and a reading, if possible, shows Canceled."""

from __future__ import annotations

import pytest

from autoshares_cancel import TokenCredentials
from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.calls import call
from autoshares_cancel.contract.server.checks import about_status
from autoshares_cancel.contract.server.differential import READINGS
from autoshares_cancel.contract.server.order_requests import book, changed
from autoshares_cancel.contract.server.reproduce import as_client


def expect(found: str, wanted: str, what: str) -> str:
    """Return a complaint, or an empty text."""
    return "" if found == wanted else f"{what}: {found}, not {wanted}"


def test_a_success_can_t_be_had_twice(aim: Aim, client_kind: str, cell: Cell, finding: Finding) -> None:
    """Law 1: success, then Canceled in the book, then a conflict: a server that always sends 409 or 204 fails here."""
    cell("checks", "cancel means cancel", client_kind)
    if aim.unknown:
        not_shown("an unknown server: --scenarios names orders that may be sacrificed")
    order_id = aim.take("open")
    credentials = TokenCredentials(app_key=aim.key("right") or "", token=aim.token("right") or "")
    before = book(aim)
    first = call(aim, client_kind, credentials, aim.account, order_id).outcome
    changes = changed(aim, before)
    second = call(aim, client_kind, credentials, aim.account, order_id).outcome
    complaints = [
        expect(type(first).__name__, "Cancelled", f"a cancel of open order {order_id}"),
        expect(str(changes), str({order_id: "Canceled"} if order_id in before else {}), "what has changed in the book"),
        expect(type(second).__name__, "OrderConflict", "the same cancel again"),
    ]
    aim.cancelled += [order_id] if type(first).__name__ == "Cancelled" else []
    if any(complaints):
        client = as_client(aim.base_url, aim.account, order_id)
        finding("; ".join(filter(None, complaints)), client=f"{client}  # twice")


@pytest.mark.parametrize("kind", ["filled", "cancelled", "absent"])
def test_what_is_over_is_not_cancelled(
    aim: Aim, client_kind: str, kind: str, cell: Cell, finding: Finding, remark: Remark
) -> None:
    """Law 1: a cancel of a filled, cancelled or absent order is a conflict, and does not change the order."""
    cell("checks", f"an order that is {kind} is a conflict", client_kind)
    if aim.unknown:
        not_shown("an unknown server: --scenarios names its orders")
    order_id = aim.take(kind)
    before = book(aim)
    credentials = TokenCredentials(app_key=aim.key("right") or "", token=aim.token("right") or "")
    called = call(aim, client_kind, credentials, aim.account, order_id)
    outcome, changes = type(called.outcome).__name__, changed(aim, before)
    wrong = aim.findings_in(about_status(called.reply().status, [409]), f"a cancel of an order that is {kind}", remark)
    if wrong or changes or outcome != READINGS.get(called.reply().status, "UndocumentedStatus"):
        what = f"a cancel of order {order_id}, which is {kind}: {outcome}, not OrderConflict"
        what += f"; the book has changed by {changes}" if changes else ""
        finding(what, client=as_client(aim.base_url, aim.account, order_id))
