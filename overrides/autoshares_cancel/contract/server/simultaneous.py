"""Checks simultaneous cancels of one order: the server must answer as if they came one after the other.

1. The control are two cancels of another order, one after the other: a success, and then a refusal.
2. Of simultaneous cancels exactly one gets the control's success, and every other the control's refusal.
3. A reply with 429 is left out; the remaining replies are judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.checks import SUCCESSES
from autoshares_cancel.contract.server.clients import TLS
from autoshares_cancel.contract.server.limits import LIMITED, is_limited, retry_after
from autoshares_cancel.contract.server.raw import NoReplyError, RawRequest, send_together

TOGETHER = 4
"""Number of simultaneous cancels, each on a connection of its own."""


def statuses_together(aim: Aim, request: RawRequest) -> list[int]:
    """Send simultaneous requests, and return the statuses of the replies without any 429."""
    try:
        replies = send_together(aim.base_url, request, TOGETHER, TLS)
    except NoReplyError as problem:
        pytest.fail(f"{TOGETHER} simultaneous {request.method} were not all answered in HTTP: {problem}", pytrace=False)
    limited = [reply for reply in replies if is_limited(reply)]
    if limited:
        aim.wait_for(max(limited, key=retry_after))
    answered = [reply.status for reply in replies if reply not in limited]
    return answered if len(answered) > 1 else not_shown(LIMITED)


def about_simultaneous(statuses: Sequence[int], control: Sequence[int]) -> Iterator[str]:
    """Check rules 1 and 2."""
    success, refusal = control
    if success not in SUCCESSES or refusal in SUCCESSES:
        yield f"one after the other they get {success} and {refusal}, not a success and a refusal"
    if Counter(statuses) != Counter([success, *[refusal] * (len(statuses) - 1)]):
        got = ", ".join(map(str, statuses))
        yield f"at the same time they get {got}, and one after the other {success} and {refusal}"
