"""A scripted call under the throttle of its batch: when it waits, and when it can't."""

from typing import Any

import pytest
from support.scripted_calls import SILENCE, play, reply

from autoshares_cancel import Cancelled, NoReply, NotSent, RetryPolicy


def paced(*waits: float) -> Any:
    """Returns these waits, one after the other."""
    left = [*waits]
    return lambda: left.pop(0)


@pytest.mark.parametrize(
    ("waits", "steps"),
    [
        ((0.0,), "token; cancel old"),
        ((0.25, 0.0), "token; 0.25 s; cancel old"),
        ((2.0, 0.5, 0.0), "token; 2 s; 0.5 s; cancel old"),
        ((9.9, 0.0), "token; 9.9 s; cancel old"),
    ],
)
def test_a_request_waits_until_it_may_be_sent(waits: tuple[float, ...], steps: str) -> None:
    """Rule 4 of a batch: the call waits after it has its token, as often as the throttle requires."""
    done = play([reply(204)], throttle=paced(*waits))
    assert (done.steps, type(done.outcome)) == (steps, Cancelled)


@pytest.mark.parametrize("wait", [10.0, 11.0])
def test_an_order_without_time_for_the_throttle_is_not_sent(wait: float) -> None:
    """Laws 4 and 7: a wait that reaches the deadline is not begun; the order is NotSent, and says why."""
    unsent = play([], throttle=lambda: wait, policy=RetryPolicy(attempts=1))
    assert (unsent.steps, type(unsent.outcome)) == ("token", NotSent)
    assert unsent.outcome.detail == "the throttle of the batch left no time"


def test_a_read_waits_for_the_throttle_too() -> None:
    """Law 4: a cancel without a reply is unknown if the throttle leaves no time to read the order."""
    lost = play([SILENCE], throttle=paced(0.0, 20.0), policy=RetryPolicy(attempts=1))
    assert (lost.steps, type(lost.outcome)) == ("token; cancel old", NoReply)
