"""Law 9: flags and counts that a caller hands in are what they say, and nothing that only looks like it."""

import pytest

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import check_connections, check_flag


def test_a_flag_is_true_or_false() -> None:
    """Law 9: nothing that only counts as one, lest "no" be yes."""
    assert [check_flag("confirm", value) for value in (True, False)] == [True, False]


@pytest.mark.parametrize("bad", [1, 0, "", "no", None, [True]])
def test_a_flag_is_nothing_else(bad: object) -> None:
    """Law 9: the message names the flag and what was given."""
    with pytest.raises(ConfigurationError, match=f"^confirm must be True or False, not {type(bad).__name__}$"):
        check_flag("confirm", bad)


def test_the_numbers_at_the_edges_make_sense() -> None:
    """From one connection to as many as are kept."""
    assert [check_connections(number) for number in (1, 2, 256)] == [1, 2, 256]
    for number in (0, 257, True, 1.5, "1"):
        with pytest.raises(ConfigurationError, match=f"connections must be a number from 1 to 256, not {number!r}"):
            check_connections(number)
