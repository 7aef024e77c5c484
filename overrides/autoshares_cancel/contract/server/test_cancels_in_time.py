"""Cancels that take time, and fills that race with them. Each story is a list of steps, because their order decides.

Only a mock's fills can be timed. Here its quick cancel is pending for a minute; the venue's cancel is final at once.
"""

from __future__ import annotations

import time

import pytest

from autoshares_cancel.contract.report.fixture_types import Cell, Finding
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.order_requests import raw_request, read
from autoshares_cancel.contract.server.reproduce import as_client

PENDING_SECONDS = 60
TICK_SECONDS = 0.01  # some clocks have no finer resolution
CANCELS = {"cancel": "cancelOrder", "venue": "cancelOrderAtVenue"}

# cancel, venue   the status of DELETE of orders/NUMBER, and of syncorders/NUMBER
# read            status, shares executed, shares left
# wait            the exchange's clock is advanced by so many seconds
# before, after   a fill of so many shares comes just before the next cancel is decided, or just after it has begun
# elsewhere       like `before`, but a fill of another order
STORIES = {
    "a quick cancel is pending until its time has come": (
        "cancel 204; read PendingCancel 0 100; cancel 409; venue 409; wait 50; read PendingCancel 0 100; wait 10;"
        "read Canceled 0 0; cancel 409"
    ),
    "the venue's cancel is final at once": "venue 204; read Canceled 0 0; wait 60; read Canceled 0 0; venue 409",
    "what is filled before can't be cancelled": "before 100; cancel 409; read Filled 100 0",
    "what is filled before the venue decides can't be cancelled": "before 100; venue 409; read Filled 100 0",
    "no more is filled than is left": "before 1000; venue 409; read Filled 100 0",
    "a part that is filled before stays filled": "before 40; venue 204; read Canceled 40 0",
    "a fill comes once": (
        "before 40; cancel 204; read PendingCancel 40 60; cancel 409; read PendingCancel 40 60; wait 60;"
        "read Canceled 40 0"
    ),
    "a fill while it is pending wins": "after 100; cancel 204; read Filled 100 0; wait 60; read Filled 100 0",
    "a part is filled while it is pending": (
        "after 40; cancel 204; read PendingCancel 40 60; cancel 409; wait 60; read Canceled 40 0; cancel 409"
    ),
    "nothing is filled after the venue's word": "after 40; venue 204; read Canceled 0 0",
    "another order's fill is another order's": "elsewhere 100; venue 204; read Canceled 0 0",
}


def perform(aim: Aim, step: str, order_id: int) -> str:
    """Perform a step of a story, and return the step with its real result."""
    what, _, more = step.partition(" ")
    if what in CANCELS:
        reply = aim.send(raw_request(aim, "right", "right", aim.account, order_id, CANCELS[what]))
        return f"{what} {reply.status}"
    if what == "read":
        _, reply, fields = read(aim, order_id)
        values = [fields.get(name) for name in ("Status", "ExecutedQuantity", "LeavesQuantity")]
        return " ".join(map(str, ["read", *values])) if reply.status == 200 else f"read {reply.status}"
    if what == "wait":
        aim.control("POST", "/_mock/clock", {"advance": int(more)})
        return step
    race = {
        "order_id": order_id + (what == "elsewhere"),
        "quantity": int(more),
        "when": what.replace("elsewhere", "before"),
    }
    aim.control("POST", "/_mock/races", {"races": [race]})
    return step


@pytest.mark.parametrize("name", STORIES)
def test_steps_of_an_order_have_the_documented_outcome(aim: Aim, name: str, cell: Cell, finding: Finding) -> None:
    """Law 1: the first step wins, no share is both filled and cancelled, and every reading shows the real state."""
    cell("cancels in time", name, "raw")
    if not aim.controlled:
        not_shown("only a mock's fills can be timed")
    aim.control("POST", "/_mock/settings", {"cancel_delay": PENDING_SECONDS})
    order_id = aim.take("open")
    steps = [step.strip() for step in STORIES[name].split(";")]
    performed = [perform(aim, step, order_id) for step in steps]
    if performed != steps:
        finding(
            f"{name}: {'; '.join(performed)}, not {'; '.join(steps)}",
            client=as_client(aim.base_url, aim.account, order_id),
        )


def test_the_venue_takes_its_time(aim: Aim, cell: Cell, finding: Finding) -> None:
    """The reply to a cancel at the venue comes after the venue's decision, not before."""
    cell("cancels in time", "the venue takes its time", "raw")
    if not aim.controlled:
        not_shown("only a mock's venue can be delayed")
    aim.control("POST", "/_mock/settings", {"venue_delay": 0.1})
    order_id = aim.take("open")
    began = time.monotonic()
    performed = perform(aim, "venue", order_id)
    seconds = time.monotonic() - began
    if performed != "venue 204" or seconds < 0.1 - TICK_SECONDS:
        finding(f"{performed} after {seconds:.3f} s", client=as_client(aim.base_url, aim.account, order_id))
