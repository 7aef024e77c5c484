"""Simultaneous cancels of one order must get the statuses that the server gives to cancels one after the other."""

from __future__ import annotations

from autoshares_cancel.contract.report.fixture_types import Cell, Finding
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.order_requests import CANCELLED_AS, raw_request, read
from autoshares_cancel.contract.server.raw import RawRequest
from autoshares_cancel.contract.server.reproduce import as_client, as_curl
from autoshares_cancel.contract.server.simultaneous import TOGETHER, about_simultaneous, statuses_together


def as_shell(base_url: str, control: RawRequest, request: RawRequest) -> str:
    """Make a shell command that sends the control, then the simultaneous requests."""
    alone, together = as_curl(base_url, control), as_curl(base_url, request)
    return f"for n in 1 2; do {alone}; done; for n in $(seq {TOGETHER}); do {together} & done; wait"


def test_one_of_simultaneous_cancels_succeeds(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 1: one cancel succeeds, the others are refused, and a reading, if possible, shows the cancel."""
    cell("checks", "simultaneous cancels of one order", "raw", note="one success")
    if aim.unknown:
        not_shown("an unknown server: --scenarios names orders that may be sacrificed")
    alone, order_id = aim.take("open"), aim.take("open")
    control, request = (raw_request(aim, "right", "right", aim.account, each) for each in (alone, order_id))
    one_by_one = [aim.send(control).status for _ in range(2)]
    complaints = list(about_simultaneous(statuses_together(aim, request), one_by_one))
    _, reply, fields = read(aim, order_id)
    if reply.status == 200 and fields.get("Status") not in CANCELLED_AS["cancelOrder"]:
        complaints.append(f"then the order is {fields.get('Status')!r}")
    if complaints:
        what = f"{TOGETHER} simultaneous cancels of order {order_id}, with order {alone} as the control"
        finding(
            f"{what}: {'; '.join(complaints)}",
            client=f"{as_client(aim.base_url, aim.account, order_id)}  # {TOGETHER} times at the same time",
            curl=as_shell(aim.base_url, control, request),
        )
