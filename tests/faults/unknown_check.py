"""When an OutcomeUnknown is a lie: rule 5 of outcome_check."""

from http import HTTPStatus
from typing import Final

from faults.calls import (
    NO_TOKEN,
    TOO_MANY,
    Call,
    Truth,
    last_fault,
    last_request,
    may_have_acted,
    required_wait,
    was_never_so,
)

from autoshares_cancel import OutcomeUnknown
from autoshares_cancel._cancel.terms import THROTTLED
from autoshares_cancel._retry.waits import SHORTEST_WAIT
from autoshares_cancel._values.status import State

VERDICTS: Final = {NO_TOKEN, 403, 422}
"""Statuses of a read that a second read would get again."""
OTHER_OBJECTS: Final = {"200-another-order", "200-no-success", "200-rejected", "200-error"}
"""Faults of a read that the client does not repeat: it got a whole object that was not the order."""


def unknown_lie(call: Call, outcome: OutcomeUnknown, truth: Truth) -> str | None:
    if not any(map(may_have_acted, outcome.attempts)):
        return "no attempt may have been acted upon"
    if outcome.order is not None and outcome.order.named and (lie := was_never_so(call, outcome.order, truth)):
        return lie
    state, last = outcome.order.state if outcome.order else State.UNKNOWN, outcome.attempts[-1]
    if state in {State.CANCELLED, State.OVER}:
        return f"it was read, and is {state.value}"
    # A batch may hold an order until or beyond its deadline; then no time is left to read it.
    is_throttled = THROTTLED.reason in (outcome.detail or "")
    if call.holds and (call.deadline - call.seconds <= call.holds or is_throttled):
        return None
    if last.what == "cancel" or last.status_code == NO_TOKEN:
        has_no_time = last.status_code == NO_TOKEN or call.seconds >= call.deadline
        return None if has_no_time else "it was not read after the last attempt"
    if last.status_code != 200 or not _came_whole(call, truth):
        gave_up = _gave_up_reading(call, outcome, truth)
        # A reply with a fault may still have been readable; then the order's state ended the call.
        was_read = last.status_code == 200 and state is State.WORKING
        return _gave_up_cancelling(call, outcome, truth) if gave_up and was_read else gave_up
    if state is State.WORKING:
        return _gave_up_cancelling(call, outcome, truth)
    if call.deadline - call.seconds < 2 * SHORTEST_WAIT:
        return None
    return f"it was read whole, with {call.deadline - call.seconds:.2f} s left: {outcome.order}"


def _came_whole(call: Call, truth: Truth) -> bool:
    reads = [seen for seen in truth.requests.get(call.order_id, ()) if seen.method == "GET"]
    return bool(reads) and reads[-1].status == 200 and reads[-1].fault is None


def _gave_up_reading(call: Call, outcome: OutcomeUnknown, truth: Truth) -> str | None:
    reads = _reads_in_vain(call, outcome, truth)
    refused = outcome.attempts[-1].status_code in VERDICTS or last_fault(call, "GET", truth) in OTHER_OBJECTS
    ended = reads >= truth.policy.attempts or call.deadline - call.seconds < 2 * SHORTEST_WAIT
    ended |= _was_put_off(call, "GET", truth)
    return None if refused or ended or truth.budget_ended else f"it was read {reads} times only"


def _reads_in_vain(call: Call, outcome: OutcomeUnknown, truth: Truth) -> int:
    """The number of reads at the end that gave no order; reads with a 200 count only up to the number of faults."""
    broken = sum(seen.method == "GET" and seen.fault is not None for seen in truth.requests.get(call.order_id, ()))
    reads = 0
    for attempt in reversed(outcome.attempts):
        broken -= attempt.status_code == HTTPStatus.OK
        if attempt.what != "read" or attempt.status_code in VERDICTS - {NO_TOKEN} or broken < 0:
            break
        reads += 1
    return reads


def _gave_up_cancelling(call: Call, outcome: OutcomeUnknown, truth: Truth) -> str | None:
    cancels = [each for each in outcome.attempts if each.what == "cancel" and each.status_code != NO_TOKEN]
    ended = len(cancels) >= truth.policy.attempts or call.deadline - call.seconds < truth.policy.cap
    ended |= _was_put_off(call, "DELETE", truth)
    return None if ended or truth.budget_ended else f"it works, and was cancelled {len(cancels)} times only"


def _was_put_off(call: Call, method: str, truth: Truth) -> bool:
    """Whether the last reply to this method was from the rate limit, or required a wait that does not fit."""
    last = last_request(call, method, truth)
    if last is not None and last.status == TOO_MANY:
        return True
    return (required_wait(last_fault(call, method, truth)) or 0) >= call.deadline - call.seconds
