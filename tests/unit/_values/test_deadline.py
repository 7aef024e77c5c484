"""Law 7: the seconds that are left of a call, on a clock that the test moves."""

import pytest

from autoshares_cancel._values.deadline import Deadline


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_left_shrinks_with_the_clock_and_is_never_negative() -> None:
    """Law 7: the remaining time counts down from the moment the deadline was made, and stops at 0."""
    clock = Clock()
    deadline = Deadline.after(30.0, clock)
    assert deadline.remaining() == 30.0
    clock.now = 129.5
    assert deadline.remaining() == 0.5
    clock.now = 131.0
    assert deadline.remaining() == 0.0


@pytest.mark.parametrize(("asked", "granted"), [(None, 30.0), (5.0, 5.0), (30.0, 30.0), (31.0, 30.0)])
def test_no_single_wait_is_longer_than_what_is_left(asked: float | None, granted: float) -> None:
    """Law 7: a shorter wait is unchanged, a longer one is cut, and an unlimited one gets the rest."""
    assert Deadline.after(30.0, Clock()).shortened(asked) == granted


def test_nothing_is_waited_for_when_the_deadline_is_over() -> None:
    """Law 7: after the deadline every wait is 0, also one with its own time-out."""
    clock = Clock()
    deadline = Deadline.after(1.0, clock)
    clock.now = 200.0
    assert deadline.shortened(5.0) == 0.0
    assert deadline.shortened(None) == 0.0
