"""Invented outcomes with the truth of the exchange: planted lies, and true twins of them."""

from decimal import Decimal
from typing import Any

from attrs import evolve, field, frozen
from faults.rounds import POLICY

from autoshares_cancel import (
    Attempt,
    Cancelled,
    ConfigurationError,
    InvalidRequest,
    NoReply,
    NotSent,
    OrderConflict,
    OutcomeUnknown,
    RateLimited,
    TokenUnavailable,
)
from autoshares_cancel import Order as ReadOrder
from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.exchange.orders import Order

OPEN = Order(order_id=1, account_id=6303)
PARTLY = evolve(OPEN, status="PartiallyFilled", executed_quantity=40)
PENDING = evolve(OPEN, status="PendingCancel")
CANCELED = evolve(OPEN, status="Canceled")
FILLED = evolve(OPEN, status="Filled", executed_quantity=100)
IDS: dict[str, Any] = {"account_id": 6303, "order_id": 1}


def tried(*statuses: int | None, what: str = "cancel", evidence: str = "no reply") -> tuple[Attempt, ...]:
    return tuple(Attempt(status_code=status, evidence=evidence, what=what, seconds=0.1) for status in statuses)


def read(status: str, executed: int = 0, leaves: int = 0) -> ReadOrder:
    quantities: dict[str, Any] = {"executed_quantity": Decimal(executed), "leaves_quantity": Decimal(leaves)}
    return ReadOrder(**IDS, status=status, quantity=Decimal(100), **quantities)


def arrived(method: str = "DELETE", status: int | None = 204, fault: str | None = None) -> Seen:
    return Seen(method=method, path="/api/v1/accounts/6303/orders/1", status=status, fault=fault)


DONE = Cancelled(**IDS, status_code=204, attempts=tried(204))
LOST, LEFT = tried(None), tried(None, evidence="nothing left: refused")
FOUND = Cancelled(**IDS, status_code=None, attempts=LOST + tried(200, what="read"), confirmed=True)
GAVE_UP: dict[str, Any] = {"attempts": LOST + tried(None, None, None, None, what="read")}
WHOLE = arrived("GET", 200)
TRACED: dict[str, Any] = {"attempts": LOST + tried(200, what="read")}


def limited(*statuses: int | None, retry_after: float | None = None) -> RateLimited:
    outcome = RateLimited(**IDS, status_code=429, attempts=tried(*statuses))
    outcome.retry_after = retry_after
    return outcome


@frozen(kw_only=True)
class Case:
    """An invented outcome, the truth of the exchange, and a part of the lie's text; None for a true outcome."""

    outcome: object
    before: Order | None = OPEN
    now: Order | None = OPEN
    steps: tuple[str, ...] = ()
    requests: tuple[Seen, ...] = ()
    options: dict[str, Any] = field(factory=dict[str, Any])
    lie: str | None = None


CASES = {
    "cancelled": Case(outcome=DONE, now=CANCELED),
    "cancelled, and works": Case(outcome=DONE, lie="it is New"),
    "cancelled, and not there": Case(outcome=DONE, before=None, now=None, lie="there is no such order"),
    "cancelled, and was before": Case(outcome=DONE, before=CANCELED, now=CANCELED, lie="it was Canceled before"),
    "cancelled, and was filled at once": Case(outcome=DONE, now=FILLED, lie="it is Filled"),
    "cancelled, and filled while pending": Case(outcome=DONE, now=FILLED, steps=("New", "PendingCancel", "Filled")),
    "cancelled, and not confirmed": Case(outcome=DONE, now=CANCELED, options={"confirm": True}, lie="to be confirmed"),
    "cancelled, by a 200 that was cut off": Case(
        outcome=DONE, now=CANCELED, requests=(arrived(fault="truncated-body"),), lie="proves nothing"
    ),
    "cancelled, by a maintenance page": Case(
        outcome=DONE, now=CANCELED, requests=(arrived(fault="200-maintenance-page"),), lie="proves nothing"
    ),
    "cancelled, after a 200 that was cut off": Case(
        outcome=DONE, now=CANCELED, requests=(arrived(status=None, fault="truncated-body"), arrived())
    ),
    "cancelled, another order": Case(outcome=evolve(DONE, order_id=2), now=CANCELED, lie="another order"),
    "confirmed": Case(outcome=evolve(FOUND, order=read("Canceled")), now=CANCELED),
    "confirmed, and filled": Case(outcome=evolve(FOUND, order=read("Canceled")), now=FILLED, lie="it is Filled"),
    "confirmed, and never read": Case(outcome=FOUND, now=CANCELED, lie="not read"),
    "confirmed, with other shares": Case(outcome=evolve(FOUND, order=read("Canceled", 1)), now=CANCELED, lie="not ["),
    "confirmed, and not by us": Case(
        outcome=Cancelled(**IDS, status_code=None, attempts=tried(409), confirmed=True, order=read("Canceled")),
        before=CANCELED,
        now=CANCELED,
        lie="Canceled before",
    ),
    "not sent": Case(outcome=NotSent(**IDS, attempts=LEFT)),
    "not sent after a refusal": Case(outcome=NotSent(**IDS), requests=(arrived(status=401),), lie="401"),
    "not sent, and arrived": Case(outcome=NotSent(**IDS), requests=(arrived(status=None),), lie="what arrived"),
    "not sent, and cancelled": Case(outcome=NotSent(**IDS), now=CANCELED, lie="it is Canceled"),
    "refused": Case(outcome=InvalidRequest(**IDS)),
    "refused, and cancelled": Case(outcome=InvalidRequest(**IDS), now=CANCELED, lie="it is Canceled"),
    "refused, and filled": Case(outcome=InvalidRequest(**IDS), before=PARTLY, now=FILLED, lie="it is Filled"),
    "refused, and carried out": Case(outcome=InvalidRequest(**IDS), requests=(arrived(),), lie="was carried out"),
    "refused, after silence": Case(outcome=InvalidRequest(**IDS, attempts=tried(None, 422)), lie="may have been acted"),
    "limited": Case(outcome=limited(429, 429), requests=(arrived(status=429), arrived(status=429))),
    "limited, and no token later": Case(outcome=limited(429, 401), lie="not limited at the end: [429, 401]"),
    "limited, after silence": Case(outcome=limited(None, 429), lie="may have been acted upon"),
    "limited, and cancelled": Case(outcome=limited(429), now=CANCELED, lie="it is Canceled"),
    "limited, for a second": Case(
        outcome=limited(429, retry_after=1), requests=(arrived(status=None, fault="429-in-a-second"),)
    ),
    "limited, for another time": Case(
        outcome=limited(429, retry_after=1),
        requests=(arrived(status=None, fault="429-in-an-hour"),),
        lie="asked for 3600",
    ),
    "no token": Case(outcome=TokenUnavailable(detail="")),
    "no token, and cancelled": Case(outcome=TokenUnavailable(detail=""), now=CANCELED, lie="it is Canceled"),
    "conflict": Case(outcome=OrderConflict(**IDS), before=FILLED, now=FILLED),
    "conflict, and not there": Case(outcome=OrderConflict(**IDS), before=None, now=None),
    "conflict, and works": Case(outcome=OrderConflict(**IDS), lie="it is New"),
    "conflict with ourselves": Case(outcome=OrderConflict(**IDS), now=CANCELED, lie="this call that cancelled it"),
    "conflict, named": Case(outcome=OrderConflict(**IDS, order=read("Filled", 100)), now=FILLED),
    "conflict, misnamed": Case(outcome=OrderConflict(**IDS, order=read("Expired", 100)), now=FILLED, lie="Expired"),
    "conflict, with other shares": Case(outcome=OrderConflict(**IDS, order=read("Filled", 1)), now=FILLED, lie="not ["),
    "conflict with a cancel of others": Case(outcome=OrderConflict(**IDS), before=PENDING, now=PENDING),
    "conflict with a cancel of others, named": Case(
        outcome=OrderConflict(**IDS, order=read("PendingCancel", 0, 100)), before=PENDING, now=CANCELED
    ),
    "conflict, named as pending, and it never was": Case(
        outcome=OrderConflict(**IDS, order=read("PendingCancel", 0, 100)),
        before=FILLED,
        now=FILLED,
        lie="never Pending",
    ),
    "conflict, named as pending, with other shares": Case(
        outcome=OrderConflict(**IDS, order=read("PendingCancel", 9, 91)), before=PENDING, now=PENDING, lie="9 shares"
    ),
    "conflict, named and not there": Case(
        outcome=OrderConflict(**IDS, order=read("Filled")), before=None, now=None, lie="is not there"
    ),
    "unknown": Case(outcome=NoReply(**IDS, **GAVE_UP)),
    "unknown, and nothing left": Case(outcome=NoReply(**IDS, attempts=LEFT), lie="no attempt may have"),
    "unknown, and never read": Case(outcome=NoReply(**IDS, attempts=LOST), lie="not read after"),
    "unknown, and hardly read": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(None, what="read")), lie="read 1 times only"
    ),
    "unknown, and read whole": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(200, what="read")), requests=(arrived(), WHOLE), lie="read whole"
    ),
    "unknown, and read broken": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(*[200] * POLICY.attempts, what="read")),
        requests=(arrived("GET", 200, "truncated-body"),) * POLICY.attempts,
    ),
    "unknown, and hardly read broken": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(200, what="read")),
        requests=(arrived("GET", 200, "truncated-body"),),
        lie="read 1 times only",
    ),
    "unknown, and read broken after it was whole": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(*[200] * POLICY.attempts, what="read")),
        requests=(WHOLE,) * (POLICY.attempts - 1) + (arrived("GET", 200, "truncated-body"),),
        lie="read 1 times only",
    ),
    "unknown, and read as no order": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(200, what="read"), order=evolve(read("New"), named=False)),
        requests=(arrived("GET", 200, "200-no-success"),),
    ),
    "unknown, and read as another order": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(200, what="read")),
        requests=(arrived("GET", 200, "200-another-order"),),
    ),
    "unknown, and hardly read, as an object that was cut off": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(200, what="read")),
        requests=(arrived("GET", 200, "cut-chunks"),),
        lie="read 1 times only",
    ),
    "unknown, and put off": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(503, what="read")),
        requests=(arrived(status=None), arrived("GET", None, "503-in-a-second")),
    ),
    "unknown, and put off for less than was left": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(503, what="read")),
        requests=(arrived(status=None), arrived("GET", None, "503-in-a-second")),
        options={"deadline": 2.0},
        lie="read 1 times only",
    ),
    "unknown, working, and put off": Case(
        outcome=NoReply(**IDS, attempts=tried(503) + tried(200, what="read"), order=read("New", 0, 100)),
        requests=(arrived("DELETE", None, "503-in-a-second"), WHOLE),
    ),
    "unknown, working, put off, and read in a strange way": Case(
        outcome=NoReply(**IDS, attempts=tried(503) + tried(200, what="read"), order=read("New", 0, 100)),
        requests=(arrived("DELETE", None, "503-in-a-second"), arrived("GET", 200, "early-hints-first")),
    ),
    "unknown, working, and read in a strange way": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(200, what="read"), order=read("New", 0, 100)),
        requests=(arrived(status=None), arrived("GET", 200, "early-hints-first")),
        lie="cancelled 1 times only",
    ),
    "unknown, and limited while it is read": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(429, what="read")), requests=(arrived(), arrived("GET", 429))
    ),
    "unknown, and put off for an hour": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(503, what="read")),
        requests=(arrived(status=None), arrived("GET", None, "503-in-an-hour")),
        options={"deadline": 60.0},
    ),
    "unknown, and it never was so": Case(
        outcome=NoReply(**IDS, **TRACED, order=read("PartiallyFilled", 40, 60)),
        requests=(WHOLE,),
        lie="never Partially",
    ),
    "unknown, with shares that it never had": Case(
        outcome=NoReply(**IDS, **TRACED, order=read("New", 1, 99)),
        requests=(WHOLE,),
        lie="1 shares were executed at no",
    ),
    "unknown, and refused": Case(outcome=NoReply(**IDS, attempts=LOST + tried(403, what="read"))),
    "unknown, and hardly found": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(404, what="read")), lie="read 1 times only"
    ),
    "unknown, and final": Case(
        outcome=NoReply(**IDS, **GAVE_UP, order=read("Filled", 100)), before=FILLED, now=FILLED, lie="is over"
    ),
    "unknown, and working": Case(
        outcome=NoReply(**IDS, attempts=LOST + tried(200, what="read"), order=read("New", 0, 100)),
        requests=(WHOLE,),
        lie="cancelled 1 times only",
    ),
    "unknown, pending at the deadline": Case(
        outcome=OutcomeUnknown(
            **IDS, attempts=tried(204) + tried(200, what="read"), order=read("PendingCancel", 0, 100)
        ),
        requests=(WHOLE,),
        now=PENDING,
        steps=("PendingCancel",),
        options={"seconds": 1.0},
    ),
    "unknown, pending long before": Case(
        outcome=OutcomeUnknown(
            **IDS, attempts=tried(204) + tried(200, what="read"), order=read("PendingCancel", 0, 100)
        ),
        requests=(WHOLE,),
        now=PENDING,
        steps=("PendingCancel",),
        lie="1.00 s left",
    ),
    "unknown, and its batch was held": Case(
        outcome=OutcomeUnknown(**IDS, attempts=tried(500)), options={"seconds": 0.1, "holds": 1.0}
    ),
    "unknown, and its batch was held until its deadline": Case(
        outcome=OutcomeUnknown(**IDS, attempts=tried(500)), options={"seconds": 1.1, "holds": 1.0}
    ),
    "unknown, and its batch was not held so long": Case(
        outcome=OutcomeUnknown(**IDS, attempts=tried(500)),
        options={"seconds": 0.1, "holds": 0.5},
        lie="it was not read",
    ),
    "an exception of others": Case(outcome=KeyError("x"), lie="no outcome"),
    "a mistake of ours": Case(outcome=ConfigurationError("x"), lie="no outcome"),
}
