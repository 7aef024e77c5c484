"""At the end of a run cancelled orders are still cancelled, and orders that no request named are still open."""

from __future__ import annotations

from autoshares_cancel.contract.report.fixture_types import Cell, Finding
from autoshares_cancel.contract.server.aim import DAY_SECONDS, Aim, not_shown
from autoshares_cancel.contract.server.effects import how_to_read
from autoshares_cancel.contract.server.order_requests import raw_request
from autoshares_cancel.contract.server.reproduce import NO_CLIENT_CODE
from autoshares_cancel.contract.server.side_effects import about_cancelled, about_spared


def test_what_was_cancelled_stays_cancelled(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 1: an order whose cancel succeeded is still cancelled at the end of the run."""
    cell("at the end", "what was cancelled", "raw")
    if aim.controlled:  # a mock is reset for each test, so it needs a cancel of its own
        aim.cancelled = [aim.take("open")]
        aim.send(raw_request(aim, "right", "right", aim.account, aim.cancelled[0]))
        aim.control("POST", "/_mock/clock", {"advance": DAY_SECONDS})
        aim.forget_tokens()
    if not aim.cancelled:
        not_shown("no cancel of this run was answered with success")
    complaints = [each for order_id in aim.cancelled for each in about_cancelled(aim, order_id)]
    if complaints:
        reading = "; ".join(how_to_read(aim, order_id) for order_id in aim.cancelled)
        finding("; ".join(complaints), client=NO_CLIENT_CODE, curl=reading)


def test_what_no_request_named_still_works(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 1: an order that no request of the run should have cancelled is still open."""
    cell("at the end", "what no request named", "raw")
    if aim.unknown or not aim.spared:
        not_shown("the table has no open order left: orders.open")
    complaints = [each for order_id in aim.spared for each in about_spared(aim, order_id)]
    if complaints:
        reading = "; ".join(how_to_read(aim, order_id) for order_id in aim.spared)
        finding("; ".join(complaints), client=NO_CLIENT_CODE, curl=reading)
