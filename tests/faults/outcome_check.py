"""The outcome of a call, compared with the exchange's ledger. A lie is an outcome that the ledger contradicts.

The comparison comes after every call has ended, the server has stopped, and every pending cancel is carried out.

1. `Cancelled`: the order was open before, a cancel is in the ledger, and the order is Canceled now. Where the quick
   cancel only began (PendingCancel), a later fill may have won, unless the outcome is confirmed. A confirmed one is
   Canceled, with exactly the executed quantity of the outcome; only a confirmed one may have been Canceled before, and
   only where an attempt may have been acted upon. Where the 200 did not come whole, or something else made it, only a
   confirmed one is true: the reply proves nothing, even if the order was cancelled.
2. `NotSent`: the order is unchanged, and no request for it arrived.
3. `Refused` and `AuthenticationError`: the order is unchanged, and no cancel of it was carried out. After `Refused` no
   attempt may have been acted upon. `RateLimited` has the last status 429, and the Retry-After of that reply.
4. `OrderConflict`: the order is closed or missing, or a cancel is pending that is not this call's; and this call did
   not cancel it. An order that the outcome names has the status and the executed quantity of the book at that time.
5. `OutcomeUnknown`: an attempt may have been acted upon, and the call ended because the order could not be read, was
   still pending at the deadline, or still worked when policy, budget or deadline were used up. It was read as often as
   the policy allows, unless the reading was refused, a whole object came that was not the order, or a wait that the
   server required did not fit, of this call or of its batch. An order that was read and is final is never unknown. An
   order that the outcome names had this status and these executed shares at some time of the call.
6. There is no other result: no foreign exception, and no outcome for another order.
"""

from collections.abc import Callable
from typing import Any, Final

from faults.calls import TOO_MANY, Call, Truth, last_fault, may_have_acted, required_wait, was_never_so
from faults.expected import DOUBTFUL
from faults.unknown_check import unknown_lie

from autoshares_cancel import (
    AuthenticationError,
    CancelError,
    Cancelled,
    NotSent,
    OrderConflict,
    OutcomeUnknown,
    RateLimited,
    Refused,
)
from autoshares_cancel import Order as ReadOrder
from autoshares_cancel.mock.exchange.orders import PENDING_CANCEL, Order

CANCELED, FILLED = "Canceled", "Filled"
CARRIED_OUT: Final = {200, 204}


def lie_in(call: Call, truth: Truth) -> str | None:
    """The lie in the outcome, or None."""
    outcome: Any = call.outcome
    for kind, rule in RULES:
        if isinstance(outcome, kind):
            if isinstance(outcome, Cancelled | CancelError) and outcome.order_id != call.order_id:
                return "it is about another order"
            return rule(call, outcome, truth)
    return "it is no outcome"


def label(outcome: object) -> str:
    """The label under which an outcome is counted."""
    confirmed = isinstance(outcome, Cancelled) and outcome.confirmed
    return type(outcome).__name__ + (", confirmed" if confirmed else "")


def _cancelled(call: Call, outcome: Cancelled, truth: Truth) -> str | None:
    now, steps = truth.book.get(call.order_id), truth.steps.get(call.order_id, ())
    if now is None or call.before is None:
        return "there is no such order"
    if outcome.confirmed:
        return _confirmed(call, outcome, now)
    if call.confirm:
        return "it was to be confirmed, and is not"
    if last_fault(call, "DELETE", truth) in DOUBTFUL:
        return "its 200 proves nothing"
    if not call.before.is_open:
        return f"it was {call.before.status} before"
    if now.status == CANCELED or (PENDING_CANCEL in steps and now.status == FILLED):
        return None
    return f"it is {now.status}"


def _confirmed(call: Call, outcome: Cancelled, now: Order) -> str | None:
    if now.status != CANCELED:
        return f"confirmed, and it is {now.status}"
    if call.before == now and not any(map(may_have_acted, outcome.attempts)):
        return "it was Canceled before, and no attempt may have been acted upon"
    return _misread(outcome.order, now)


def _misread(outcome: ReadOrder | None, now: Order) -> str | None:
    if outcome is None:
        return "it was not read"
    read: list[object] = [outcome.status, outcome.executed_quantity, outcome.leaves_quantity]
    true: list[object] = [now.status, now.executed_quantity, now.leaves_quantity]
    return None if read == true else f"it is {true}, not {read}"


def _not_sent(call: Call, outcome: NotSent, truth: Truth) -> str | None:
    arrived = [(seen.method, seen.status) for seen in truth.requests.get(call.order_id, ())]
    return f"what arrived: {arrived}" if arrived else _touched(call, outcome, truth)


def _refused(call: Call, outcome: Refused, truth: Truth) -> str | None:
    if any(map(may_have_acted, outcome.attempts)):
        return "an attempt may have been acted upon"
    return _touched(call, outcome, truth)


def _rate_limited(call: Call, outcome: RateLimited, truth: Truth) -> str | None:
    statuses = [each.status_code for each in outcome.attempts if each.status_code is not None]
    if statuses[-1:] != [TOO_MANY]:
        return f"not limited at the end: {statuses}"
    required = required_wait(last_fault(call, "DELETE", truth))
    if required is not None and outcome.retry_after != required:
        return f"the server asked for {required} s, not {outcome.retry_after}"
    return _refused(call, outcome, truth)


def _touched(call: Call, _: object, truth: Truth) -> str | None:
    requests = truth.requests.get(call.order_id, ())
    if any(seen.method == "DELETE" and seen.status in CARRIED_OUT for seen in requests):
        return "its cancel was carried out"
    now = truth.book.get(call.order_id)
    return None if now == call.before else f"it is {now and now.status}, and was {call.before and call.before.status}"


def _conflict(call: Call, outcome: OrderConflict, truth: Truth) -> str | None:
    now = truth.book.get(call.order_id)
    if now is None:
        return None if outcome.order is None else "it was read, and is not there"
    was_pending = call.before is not None and call.before.status == PENDING_CANCEL
    if now.is_live and not was_pending:
        return f"it is {now.status}"
    if now.status == CANCELED and now != call.before and not was_pending:
        return "it was this call that cancelled it"
    if outcome.order is not None and outcome.order.status == PENDING_CANCEL:
        return was_never_so(call, outcome.order, truth)
    return None if outcome.order is None else _misread(outcome.order, now)


RULES: Final[tuple[tuple[type, Callable[[Call, Any, Truth], str | None]], ...]] = (
    (Cancelled, _cancelled),
    (NotSent, _not_sent),
    (RateLimited, _rate_limited),
    (Refused, _refused),
    (AuthenticationError, _touched),
    (OrderConflict, _conflict),
    (OutcomeUnknown, unknown_lie),
)
