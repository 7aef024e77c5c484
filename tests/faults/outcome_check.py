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

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from attrs import frozen
from faults.expected import DOUBTFUL

from autoshares_cancel import (
    Attempt,
    AuthenticationError,
    CancelError,
    Cancelled,
    NotSent,
    OrderConflict,
    OutcomeUnknown,
    RateLimited,
    Refused,
    RetryPolicy,
)
from autoshares_cancel import Order as Told
from autoshares_cancel._cancel.flow import SHORTEST_WAIT
from autoshares_cancel._values.status import State
from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.exchange.orders import PENDING_CANCEL, Order

CANCELED, FILLED = "Canceled", "Filled"
NO_TOKEN, TOO_MANY = 401, 429
CARRIED_OUT: Final = {200, 204}
REQUIRED_SECONDS: Final = {"-at-once": 0, "-in-a-second": 1, "-in-an-hour": 3600}
"""The Retry-After of a fault, by the end of its name."""
REFUSALS: Final = {NO_TOKEN, 403, 409, 422, TOO_MANY}
"""Statuses after which the order is unchanged."""
VERDICTS: Final = {NO_TOKEN, 403, 422}
"""Statuses of a read that a second read would repeat."""
OTHER_OBJECTS: Final = {"200-another-order", "200-no-success", "200-rejected", "200-error"}
"""Faults of a read after which there is no second one: a whole object came, and it was not the order."""


@frozen(kw_only=True)
class Call:
    """One call: its order, its outcome, and the seconds that it took at most."""

    account_id: int
    order_id: int
    before: Order | None
    """The order in the book just before, None if it did not exist."""
    outcome: object
    seconds: float = 0.0
    deadline: float = 1.0
    confirm: bool = False
    venue: bool = False
    holds: float = 0.0
    """Seconds that it may wait for another order of its batch."""


@frozen(kw_only=True)
class Truth:
    """The truth of the exchange: its book, the steps of each order, and the requests for each."""

    book: Mapping[int, Order]
    steps: Mapping[int, Sequence[str]]
    requests: Mapping[int, Sequence[Seen]]
    policy: RetryPolicy
    budget_ended: bool = False
    """Whether the client's budget was ever used up, so that any call may have ended early."""


def lie_in(call: Call, truth: Truth) -> str | None:
    """The lie in the outcome, or None."""
    told: Any = call.outcome
    for kind, rule in RULES:
        if isinstance(told, kind):
            if isinstance(told, Cancelled | CancelError) and told.order_id != call.order_id:
                return "it is about another order"
            return rule(call, told, truth)
    return "it is no outcome"


def label(outcome: object) -> str:
    """The label under which an outcome is counted."""
    confirmed = isinstance(outcome, Cancelled) and outcome.confirmed
    return type(outcome).__name__ + (", confirmed" if confirmed else "")


def _cancelled(call: Call, told: Cancelled, truth: Truth) -> str | None:
    now, steps = truth.book.get(call.order_id), truth.steps.get(call.order_id, ())
    if now is None or call.before is None:
        return "there is no such order"
    if told.confirmed:
        return _confirmed(call, told, now)
    if call.confirm:
        return "it was to be confirmed, and is not"
    if _last_fault(call, "DELETE", truth) in DOUBTFUL:
        return "its 200 proves nothing"
    if not call.before.is_open:
        return f"it was {call.before.status} before"
    if now.status == CANCELED or (PENDING_CANCEL in steps and now.status == FILLED):
        return None
    return f"it is {now.status}"


def _confirmed(call: Call, told: Cancelled, now: Order) -> str | None:
    if now.status != CANCELED:
        return f"confirmed, and it is {now.status}"
    if call.before == now and not any(map(_may_have_acted, told.attempts)):
        return "it was Canceled before, and no attempt may have been acted upon"
    return _misread(told.order, now)


def _misread(told: Told | None, now: Order) -> str | None:
    if told is None:
        return "it was not read"
    read: list[object] = [told.status, told.executed_quantity, told.leaves_quantity]
    true: list[object] = [now.status, now.executed_quantity, now.leaves_quantity]
    return None if read == true else f"it is {true}, not {read}"


def _was_never_so(call: Call, told: Told, truth: Truth) -> str | None:
    """Whether the book contradicts a reading at every time of the call."""
    now, steps = truth.book.get(call.order_id), truth.steps.get(call.order_id, ())
    if now is None or call.before is None:
        return "it was read, and is not there"
    if told.status not in {call.before.status, *steps}:
        return f"it was never {told.status}"
    executed = told.executed_quantity or 0
    if call.before.executed_quantity <= executed <= now.executed_quantity:
        return None
    return f"{executed} shares were executed at no time"


def _not_sent(call: Call, told: NotSent, truth: Truth) -> str | None:
    arrived = [(seen.method, seen.status) for seen in truth.requests.get(call.order_id, ())]
    return f"what arrived: {arrived}" if arrived else _touched(call, told, truth)


def _refused(call: Call, told: Refused, truth: Truth) -> str | None:
    if any(map(_may_have_acted, told.attempts)):
        return "an attempt may have been acted upon"
    return _touched(call, told, truth)


def _rate_limited(call: Call, told: RateLimited, truth: Truth) -> str | None:
    statuses = [each.status_code for each in told.attempts if each.status_code is not None]
    if statuses[-1:] != [TOO_MANY]:
        return f"not limited at the end: {statuses}"
    required = _required_wait(_last_fault(call, "DELETE", truth))
    if required is not None and told.retry_after != required:
        return f"the server asked for {required} s, not {told.retry_after}"
    return _refused(call, told, truth)


def _touched(call: Call, _: object, truth: Truth) -> str | None:
    requests = truth.requests.get(call.order_id, ())
    if any(seen.method == "DELETE" and seen.status in CARRIED_OUT for seen in requests):
        return "its cancel was carried out"
    now = truth.book.get(call.order_id)
    return None if now == call.before else f"it is {now and now.status}, and was {call.before and call.before.status}"


def _conflict(call: Call, told: OrderConflict, truth: Truth) -> str | None:
    now = truth.book.get(call.order_id)
    if now is None:
        return None if told.order is None else "it was read, and is not there"
    was_pending = call.before is not None and call.before.status == PENDING_CANCEL
    if now.is_live and not was_pending:
        return f"it is {now.status}"
    if now.status == CANCELED and now != call.before and not was_pending:
        return "it was this call that cancelled it"
    if told.order is not None and told.order.status == PENDING_CANCEL:
        return _was_never_so(call, told.order, truth)
    return None if told.order is None else _misread(told.order, now)


def _unknown(call: Call, told: OutcomeUnknown, truth: Truth) -> str | None:
    if not any(map(_may_have_acted, told.attempts)):
        return "no attempt may have been acted upon"
    if told.order is not None and told.order.named and (lie := _was_never_so(call, told.order, truth)):
        return lie
    state, last = told.order.state if told.order else State.UNKNOWN, told.attempts[-1]
    if state in {State.CANCELLED, State.OVER}:
        return f"it was read, and is {state.value}"
    if 0 < call.deadline - call.seconds <= call.holds:
        return None
    if last.what == "cancel" or last.status_code == NO_TOKEN:
        return None if last.status_code == NO_TOKEN else "it was not read after the last attempt"
    if last.status_code != 200 or not _came_whole(call, truth):
        gave_up = _gave_up_reading(call, told, truth)
        # A reply with a fault may have been readable; then the order ended the call.
        was_read = last.status_code == 200 and state is State.WORKING
        return _gave_up_cancelling(call, told, truth) if gave_up and was_read else gave_up
    if state is State.WORKING:
        return _gave_up_cancelling(call, told, truth)
    if call.deadline - call.seconds < 2 * SHORTEST_WAIT:
        return None
    return f"it was read whole, with {call.deadline - call.seconds:.2f} s left: {told.order}"


def _came_whole(call: Call, truth: Truth) -> bool:
    reads = [seen for seen in truth.requests.get(call.order_id, ()) if seen.method == "GET"]
    return bool(reads) and reads[-1].status == 200 and reads[-1].fault is None


def _gave_up_reading(call: Call, told: OutcomeUnknown, truth: Truth) -> str | None:
    reads = _reads_in_vain(call, told, truth)
    refused = told.attempts[-1].status_code in VERDICTS or _last_fault(call, "GET", truth) in OTHER_OBJECTS
    ended = reads >= truth.policy.attempts or call.deadline - call.seconds < 2 * SHORTEST_WAIT
    ended |= _was_put_off(call, "GET", truth)
    return None if refused or ended or truth.budget_ended else f"it was read {reads} times only"


def _reads_in_vain(call: Call, told: OutcomeUnknown, truth: Truth) -> int:
    """How many of the last requests were reads without an order: no more of them with a 200 than had a fault."""
    broken = sum(seen.method == "GET" and seen.fault is not None for seen in truth.requests.get(call.order_id, ()))
    reads = 0
    for attempt in reversed(told.attempts):
        broken -= attempt.status_code == HTTPStatus.OK
        if attempt.what != "read" or attempt.status_code in VERDICTS - {NO_TOKEN} or broken < 0:
            break
        reads += 1
    return reads


def _gave_up_cancelling(call: Call, told: OutcomeUnknown, truth: Truth) -> str | None:
    cancels = [each for each in told.attempts if each.what == "cancel" and each.status_code != NO_TOKEN]
    ended = len(cancels) >= truth.policy.attempts or call.deadline - call.seconds < truth.policy.cap
    ended |= _was_put_off(call, "DELETE", truth)
    return None if ended or truth.budget_ended else f"it works, and was cancelled {len(cancels)} times only"


def _was_put_off(call: Call, method: str, truth: Truth) -> bool:
    """Whether the last reply of this kind required a wait that does not fit, or came from the limit of the rate."""
    last = _last_request(call, method, truth)
    if last is not None and last.status == TOO_MANY:
        return True
    return (_required_wait(_last_fault(call, method, truth)) or 0) >= call.deadline - call.seconds


def _required_wait(fault: str) -> int | None:
    """The Retry-After of a fault; None where it has none."""
    return next((seconds for end, seconds in REQUIRED_SECONDS.items() if fault.endswith(end)), None)


def _last_fault(call: Call, method: str, truth: Truth) -> str:
    """The fault of the last request of this kind; empty where there was none."""
    last = _last_request(call, method, truth)
    return "" if last is None else last.fault or ""


def _last_request(call: Call, method: str, truth: Truth) -> Seen | None:
    return next((seen for seen in reversed(truth.requests.get(call.order_id, ())) if seen.method == method), None)


def _may_have_acted(attempt: Attempt) -> bool:
    nothing_left = attempt.status_code is None and attempt.evidence.startswith("nothing left")
    return attempt.what == "cancel" and attempt.status_code not in REFUSALS and not nothing_left


RULES: Final[tuple[tuple[type, Callable[[Call, Any, Truth], str | None]], ...]] = (
    (Cancelled, _cancelled),
    (NotSent, _not_sent),
    (RateLimited, _rate_limited),
    (Refused, _refused),
    (AuthenticationError, _touched),
    (OrderConflict, _conflict),
    (OutcomeUnknown, _unknown),
)
