"""A fault: a name, a number, a sentence, and a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import frozen

from autoshares_cancel.mock.faults.plans import IntactReply, Plan

When = Literal["before", "after"]
"""Whether the reply is lost before or after the order is touched."""
Moment = Literal["accept", "head", "reply"]
"""When the fault strikes: as the connection is made, while the request is read, or in place of the reply."""

AFTER: tuple[When, ...] = ("after",)
BEFORE: tuple[When, ...] = ("before",)
EITHER: tuple[When, ...] = ("after", "before")


@frozen
class Fault:
    """One way in which a server, or what lies before it, fails on the wire.

    `whens` begins with the default. A fault that leaves a reply which a client may believe can't strike before the
    order is touched: the mock does not lie about orders.
    """

    number: int
    name: str
    summary: str
    plan: Callable[[IntactReply], Plan]
    whens: tuple[When, ...] = AFTER
    moment: Moment = "reply"
    needs_wire: bool = True
    """Whether it needs a connection; without one, only whole replies of HTTP can be given."""
