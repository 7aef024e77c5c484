"""The class of a fault: its number, name, summary, and plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import frozen

from autoshares_cancel.mock.faults.plans import IntactReply, Plan

When = Literal["before", "after"]
"""Whether the reply is lost before the request is carried out, or after it."""
Moment = Literal["accept", "head", "reply"]
"""When the fault strikes: when the connection is made, while the request is read, or in place of the reply."""

AFTER: tuple[When, ...] = ("after",)
BEFORE: tuple[When, ...] = ("before",)
EITHER: tuple[When, ...] = ("after", "before")


@frozen
class Fault:
    """One way in which a server, or a proxy before it, fails to send the right reply.

    `whens` begins with the default. A fault whose reply a client may believe can't strike before the request is carried
    out: the mock does not lie about orders.
    """

    number: int
    name: str
    summary: str
    plan: Callable[[IntactReply], Plan]
    whens: tuple[When, ...] = AFTER
    moment: Moment = "reply"
    needs_wire: bool = True
    """Whether the fault needs a connection; a transport without one can only return whole replies."""
