"""Side effects that a request must not have, with a control request on the same server for each rule.

1. An order of another user can't be cancelled through one's own account, whether or not it can be read there. The
   control is a GET of the same path: an order that it shows in one's own account is not another user's, and is spared.
2. Encoded line ends in a request don't become a header of the reply. The control is the same request without them.
3. After a target of many kilobytes the server still answers the next request, as it did before.
4. An order that was cancelled stays cancelled, and an order that no request named still works.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.checks import SUCCESSES
from autoshares_cancel.contract.server.effects import BOTH, ORDER, Probe, status_of, values_for
from autoshares_cancel.contract.server.order_requests import CANCELLED_AS, READ_AS, raw_request, read
from autoshares_cancel.contract.server.raw import RawReply

INJECTED: Final = "X-Injected"
LINES: Final = f"%0d%0a{INJECTED}:%20yes%0d%0a"
INJECTIONS: Final = {
    probe.name: probe
    for probe in (
        Probe("line ends in the query", "GET", ORDER + "?sortField=" + LINES),
        Probe("line ends in the number", "GET", ORDER + LINES),
        Probe("line ends in the version", "GET", ORDER.replace("/v1/", f"/v1{LINES}/")),
        Probe("line ends in a header", "GET", headers=BOTH | {"X-Request-Id": LINES, "X-Correlation-Id": LINES}),
    )
}
LONG: Final = Probe("a target of 60 kilobytes", "GET", ORDER + "?filter=" + "x" * 60_000)


def about_another_user(aim: Aim, order_id: int) -> Iterator[str]:
    """Check rule 1."""
    _, control, fields = read(aim, order_id)
    if fields.get("AccountId") == aim.account:
        not_shown(f"order {order_id} is of account {aim.account}, and not another user's: foreign_order")
    reply = aim.send(raw_request(aim, "right", "right", aim.account, order_id))
    if reply.status in SUCCESSES:
        yield (
            f"DELETE of another user's order {order_id} in account {aim.account} was answered with {reply.status};"
            f" the control, its reading, with {control.status}"
        )


def about_injection(aim: Aim, probe: Probe, order_id: int) -> Iterator[str]:
    """Check rule 2."""
    reply = aim.attempt(probe.request(values_for(aim, order_id)))
    if isinstance(reply, RawReply) and reply.values(INJECTED):
        yield f"{probe.name}: the reply has {INJECTED}: {reply.values(INJECTED)[0]}; no other reply has it"


def about_service(aim: Aim, order_id: int) -> Iterator[str]:
    """Check rule 3."""
    control = status_of(aim, order_id)
    aim.attempt(LONG.request(values_for(aim, order_id)))
    again = aim.attempt(raw_request(aim, "right", "right", aim.account, order_id, "getOrder"))
    if not isinstance(again, RawReply):
        yield f"after {LONG.name} the next request was not answered: {again}; the control before it: {control}"


def about_cancelled(aim: Aim, order_id: int) -> Iterator[str]:
    """Check rule 4 for an order whose cancel succeeded."""
    status = status_of(aim, order_id)
    if status in READ_AS["open"] and status not in CANCELLED_AS["cancelOrder"]:
        yield f"order {order_id} is {status}; the control, its cancel, was answered with success"


def about_spared(aim: Aim, order_id: int) -> Iterator[str]:
    """Check rule 4 for an order that was open at the start and that no request named."""
    status = status_of(aim, order_id)
    if status in CANCELLED_AS["cancelOrder"]:
        yield f"order {order_id} is {status}, and no request was to cancel it; it was open at the start"
