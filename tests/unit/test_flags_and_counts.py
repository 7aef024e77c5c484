"""Law 9: flags, counts and callables that a caller gives are of the very type that is expected."""

import pytest
from attrs import field, frozen

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import check_callable, check_connections, check_flag, checked


def test_a_flag_is_true_or_false() -> None:
    """Law 9: True and False are accepted and returned."""
    assert [check_flag("confirm", value) for value in (True, False)] == [True, False]


@pytest.mark.parametrize("bad", [1, 0, "", "no", None, [True]])
def test_a_flag_is_nothing_else(bad: object) -> None:
    """Law 9: any other value is refused, or "no" would count as True; the message names the flag and the type."""
    with pytest.raises(ConfigurationError, match=f"^confirm must be True or False, not {type(bad).__name__}$"):
        check_flag("confirm", bad)


def test_1_to_256_connections_are_accepted() -> None:
    """1 to 256 connections are accepted; the message names the range and the value."""
    assert [check_connections(number) for number in (1, 2, 256)] == [1, 2, 256]
    for number in (0, 257, True, 1.5, "1"):
        with pytest.raises(
            ConfigurationError, match=f"^connections must be a whole number from 1 to 256, not {number!r}$"
        ):
            check_connections(number)


def test_a_callable_can_be_called() -> None:
    """The message names the argument, and says what kind of callable is expected."""
    assert check_callable("clock", print) is print
    with pytest.raises(ConfigurationError, match=r"^clock must be a callable$"):
        check_callable("clock", 7)
    with pytest.raises(ConfigurationError, match=r"^clock must be a clock$"):
        check_callable("clock", None, "a clock")


def test_a_checked_field_names_the_public_class() -> None:
    """A message names the field, and before it the public class where one is given."""

    @frozen
    class Options:
        bare: bool = field(default=True, validator=checked(check_flag))
        named: bool = field(default=True, validator=checked(check_flag, of="Client"))

    assert Options(bare=False, named=False).bare is False
    with pytest.raises(ConfigurationError, match=r"^bare must be True or False, not int$"):
        Options(bare=1)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match=r"^Client: named must be True or False, not str$"):
        Options(named="no")  # type: ignore[arg-type]  # the mistake
