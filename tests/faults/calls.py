"""Calls, the truth of the exchange that they are compared with, and questions about both."""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from autoshares_cancel import Attempt, RetryPolicy
from autoshares_cancel import Order as ReadOrder
from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.exchange.orders import Order

NO_TOKEN, TOO_MANY = 401, 429
REQUIRED_SECONDS: Final = {"-at-once": 0, "-in-a-second": 1, "-in-an-hour": 3600}
"""The Retry-After of a fault, by the end of its name."""
REFUSALS: Final = {NO_TOKEN, 403, 409, 422, TOO_MANY}
"""Statuses after which the order is unchanged."""


@frozen(kw_only=True)
class Call:
    """One call: its order, its outcome, and an upper bound of the seconds that it took."""

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


def was_never_so(call: Call, shown: ReadOrder, truth: Truth) -> str | None:
    """The contradiction if the order never had the read state during the call, or None."""
    now, steps = truth.book.get(call.order_id), truth.steps.get(call.order_id, ())
    if now is None or call.before is None:
        return "it was read, and is not there"
    if shown.status not in {call.before.status, *steps}:
        return f"it was never {shown.status}"
    executed = shown.executed_quantity or 0
    if call.before.executed_quantity <= executed <= now.executed_quantity:
        return None
    return f"{executed} shares were executed at no time"


def required_wait(fault: str) -> int | None:
    """The Retry-After of a fault in seconds, or None."""
    return next((seconds for end, seconds in REQUIRED_SECONDS.items() if fault.endswith(end)), None)


def last_fault(call: Call, method: str, truth: Truth) -> str:
    """The fault of the last request with this method, or an empty text."""
    last = last_request(call, method, truth)
    return "" if last is None else last.fault or ""


def last_request(call: Call, method: str, truth: Truth) -> Seen | None:
    return next((seen for seen in reversed(truth.requests.get(call.order_id, ())) if seen.method == method), None)


def may_have_acted(attempt: Attempt) -> bool:
    nothing_left = attempt.status_code is None and attempt.evidence.startswith("nothing left")
    return attempt.what == "cancel" and attempt.status_code not in REFUSALS and not nothing_left
