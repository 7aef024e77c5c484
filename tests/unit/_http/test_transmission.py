"""The time limits of the operations of an attempt, without a socket."""

import pytest

from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.deadline import Deadline

TIMEOUTS = Timeouts(connect=2.0, read=3.0, write=4.0, pool=5.0)


def limits(seconds: float) -> list[float]:
    """The limits of all operations, this many seconds before the deadline. The clock stands still."""
    attempt = Transmission(Deadline.after(seconds, lambda: 100.0), TIMEOUTS)
    return [attempt.connecting(), attempt.reading(), attempt.writing(), attempt.queueing()]


@pytest.mark.parametrize(
    ("left", "granted"), [(30.0, [2.0, 3.0, 4.0, 5.0]), (3.5, [2.0, 3.0, 3.5, 3.5]), (0.5, [0.5] * 4)], ids=str
)
def test_an_operation_may_take_what_is_left_at_most(left: float, granted: list[float]) -> None:
    """Law 7: the limit is the operation's time-out, or the rest of the deadline if that is shorter."""
    assert limits(left) == granted


@pytest.mark.parametrize("kind", ["connecting", "reading", "writing", "queueing"])
@pytest.mark.parametrize("left", [0.0, -1.0])
def test_an_operation_without_time_is_not_begun(left: float, kind: str) -> None:
    """Law 7: an operation without time raises TimeoutError: a socket would take 0 as non-blocking."""
    attempt = Transmission(Deadline.after(left, lambda: 100.0), TIMEOUTS)
    with pytest.raises(TimeoutError, match=r"^the deadline is over$"):
        getattr(attempt, kind)()


def test_at_first_nothing_has_left() -> None:
    """Law 4: only the connection marks a request as one that may have left."""
    assert not Transmission(Deadline.after(1.0, lambda: 0.0), TIMEOUTS).may_have_left
