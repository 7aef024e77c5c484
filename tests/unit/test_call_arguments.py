"""The checks of a call's arguments and of related options: accepted values, and error messages."""

from typing import Any

import pytest

from autoshares_cancel import ConfigurationError, OutcomeUnknown, RetryPolicy, ServerFailed, Timeouts
from autoshares_cancel._validation import (
    DAY,
    check_app_name,
    check_in_doubt,
    check_kind,
    check_pause,
    check_reference,
)

EARLIER = ServerFailed(account_id=1, order_id=2)
PRODUCTS = 'products as in "my-desk/2.1", at most 64 characters'
ASCII = "visible ASCII, at most 64 characters, without spaces around it"
SECONDS = "a number of seconds from 0 to 86400"


def message_of(check: Any, *arguments: Any) -> str:
    """The message of the error."""
    with pytest.raises(ConfigurationError) as caught:
        check(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("value", [True, False, EARLIER], ids=str)
def test_in_doubt_is_yes_no_or_the_earlier_outcome(value: object) -> None:
    """check_in_doubt returns the value as it was given."""
    assert check_in_doubt(value, 1, 2) is value


@pytest.mark.parametrize(("account_id", "order_id"), [(1, 3), (3, 2), (2, 1)])
def test_the_outcome_of_another_order_is_refused(account_id: int, order_id: int) -> None:
    """Law 1: the outcome of another order says nothing about this one."""
    expected = f"in_doubt is the outcome of order 2 of account 1, and order_id is {order_id} of {account_id}"
    assert message_of(check_in_doubt, EARLIER, account_id, order_id) == expected


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), ("yes", "str"), (OutcomeUnknown, "type")])
def test_in_doubt_is_nothing_else(value: object, kind: str) -> None:
    """The message names what was given."""
    expected = f"in_doubt must be True, False or the OutcomeUnknown of the earlier call, not {kind}"
    assert message_of(check_in_doubt, value, 1, 2) == expected


def test_a_kind_is_an_instance_of_one_of_the_classes() -> None:
    """A class in place of an instance is named as one, because that is the usual mistake."""
    policy = RetryPolicy()
    assert check_kind("retry", policy, (Timeouts, RetryPolicy)) is policy
    both = "retry must be Timeouts(...) or RetryPolicy(...)"
    assert message_of(check_kind, "retry", 5, (Timeouts, RetryPolicy)) == f"{both}, not int"
    assert message_of(check_kind, "retry", RetryPolicy, (RetryPolicy,)) == (
        "retry must be RetryPolicy(...), not the class RetryPolicy"
    )


@pytest.mark.parametrize("value", ["my-desk", "my-desk/2.1 other/3", "x" * 64])
def test_an_app_name_is_one_or_more_products(value: str) -> None:
    """An app name has up to 64 characters."""
    assert check_app_name("app_name", value) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [(5, "int"), ("", "''"), ("a  b", "'a  b'"), ("a/b/c", "'a/b/c'"), ("x" * 65, repr("x" * 40 + "…"))],
)
def test_no_other_app_name(value: object, shown: str) -> None:
    """The message has the form that is expected, and what was given."""
    assert message_of(check_app_name, "app_name", value) == f"app_name must be {PRODUCTS}, not {shown}"


@pytest.mark.parametrize("value", [None, "a", "ticket 4711", "x" * 64])
def test_a_reference_is_visible_ascii(value: str | None) -> None:
    """A reference has up to 64 characters, or is None."""
    assert check_reference("reference", value) == value


@pytest.mark.parametrize(
    ("value", "shown"), [(5, "int"), ("", "''"), (" a", "' a'"), ("a\n", r"'a\n'"), ("x" * 65, repr("x" * 40 + "…"))]
)
def test_no_other_reference(value: object, shown: str) -> None:
    """Any other value is refused; a line end would break a line of the log."""
    assert message_of(check_reference, "reference", value) == f"reference must be {ASCII}, not {shown}"


@pytest.mark.parametrize("value", [0, 0.5, 1, DAY])
def test_a_pause_lasts_from_nothing_to_a_day(value: float) -> None:
    """A pause of 0 seconds and one of a whole day are accepted."""
    assert check_pause("login_pause", value) == value


@pytest.mark.parametrize("value", [-0.1, DAY + 1, True, "60", None, float("nan")], ids=repr)
def test_no_other_pause(value: object) -> None:
    """Any other value is refused; True is no number of seconds."""
    assert message_of(check_pause, "login_pause", value) == f"login_pause must be {SECONDS}, not {value!r}"
