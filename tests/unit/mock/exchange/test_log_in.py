"""Tokens and the log-in dialog that issues them, without a server and without waiting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.times import without_times

from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.users import LogIn

HOUR = 3600.0


def access_token(exchange: Exchange) -> str:
    answer = exchange.log_in("trader", "correct-horse")
    assert answer.token is not None
    return answer.token


def interim_token(exchange: Exchange, username: str = "two-factor") -> str:
    answer = exchange.log_in(username, "correct-horse")
    assert (answer.state, answer.token is None) == ("Expecting", False)
    return answer.token or ""


# Tokens and the dialog


def test_a_right_password_gives_an_access_token(exchange: Exchange) -> None:
    """The log-in succeeds, and its token belongs to the user."""
    user = exchange.user_of(access_token(exchange))
    assert user is not None
    assert user.username == "trader"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("trader", "wrong"),
        ("nobody", "correct-horse"),
        ("other", "correct-horse"),
        ("trader", None),
        (None, "correct-horse"),
        (None, None),
        ("trader", ""),
    ],
)
def test_wrong_credentials_fail_at_the_first_step(
    exchange: Exchange, username: str | None, password: str | None
) -> None:
    """The answer has the vendor's step and reason, and no token."""
    assert exchange.log_in(username, password) == LogIn(
        state="Failed", step="BaseAuthentication", reason="Invalid credentials"
    )


def test_a_token_lives_for_24_hours(exchange: Exchange) -> None:
    """A token is good until just before, and unknown from then on."""
    token = access_token(exchange)
    exchange.advance(24 * HOUR - 1)
    assert exchange.user_of(token) is not None
    exchange.advance(1)
    assert exchange.user_of(token) is None


def test_a_second_log_in_leaves_the_first_token_good(exchange: Exchange) -> None:
    """Both tokens belong to the user, and they differ."""
    first, second = access_token(exchange), access_token(exchange)
    assert first != second
    assert exchange.user_of(first) == exchange.user_of(second) == exchange.users["trader"]


def test_revoked_tokens_are_unknown(exchange: Exchange) -> None:
    """A revoke ends access tokens and interim tokens alike."""
    token, interim = access_token(exchange), interim_token(exchange)
    exchange.revoke_tokens()
    assert exchange.user_of(token) is None
    answer = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code="123456")
    assert answer.reason == "Corrupted ticket"


def test_an_interim_token_belongs_to_no_user(exchange: Exchange) -> None:
    """user_of gives no user for an interim token."""
    assert exchange.user_of(interim_token(exchange)) is None


@pytest.mark.parametrize(
    ("username", "step", "reason"),
    [
        ("two-factor", "VerificationCode", "Enter the verification code"),
        ("both", "VerificationCode", "Enter the verification code"),
        ("pin", "SecutityPin", "Enter the security pin"),
    ],
)
def test_a_second_factor_is_asked_for(exchange: Exchange, username: str, step: str, reason: str) -> None:
    """The answer is Expecting, with the step in the vendor's spelling and an interim token."""
    answer = exchange.log_in(username, "correct-horse")
    assert (answer.state, answer.step, answer.reason) == ("Expecting", step, reason)
    assert answer.token


def test_a_right_code_gives_an_access_token(exchange: Exchange) -> None:
    """The follow-up with the interim token and the code succeeds."""
    answer = exchange.log_in(
        "two-factor", "correct-horse", interim_token=interim_token(exchange), verification_code="123456"
    )
    assert (answer.state, answer.step, answer.reason) == ("Succeeded", None, None)
    assert exchange.user_of(answer.token or "") == exchange.users["two-factor"]


def test_a_right_pin_gives_an_access_token(exchange: Exchange) -> None:
    """The follow-up with the interim token and the PIN succeeds."""
    answer = exchange.log_in("pin", "correct-horse", interim_token=interim_token(exchange, "pin"), pin_code="4711")
    assert exchange.user_of(answer.token or "") == exchange.users["pin"]


def test_who_has_both_is_asked_twice(exchange: Exchange) -> None:
    """After the code comes the PIN, with another interim token, even when the PIN was sent with the code."""
    first = interim_token(exchange, "both")
    second = exchange.log_in("both", "correct-horse", interim_token=first, verification_code="123456", pin_code="4711")
    assert (second.state, second.step, second.token != first) == ("Expecting", "SecutityPin", True)
    third = exchange.log_in("both", "correct-horse", interim_token=second.token, pin_code="4711")
    assert exchange.user_of(third.token or "") == exchange.users["both"]


def test_the_code_is_not_taken_where_the_pin_is_wanted(exchange: Exchange) -> None:
    """The interim token defines the step."""
    second = exchange.log_in(
        "both", "correct-horse", interim_token=interim_token(exchange, "both"), verification_code="123456"
    )
    again = exchange.log_in("both", "correct-horse", interim_token=second.token, verification_code="123456")
    assert again == LogIn(state="Failed", step="SecutityPin", reason="Invalid security pin")


@pytest.mark.parametrize("code", ["654321", "", None])
def test_a_wrong_code_fails_at_its_step_and_may_be_tried_again(exchange: Exchange, code: str | None) -> None:
    """The interim token is still good for the right code."""
    interim = interim_token(exchange)
    wrong = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code=code)
    assert wrong == LogIn(state="Failed", step="VerificationCode", reason="Invalid verification code")
    right = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code="123456")
    assert right.state == "Succeeded"


@pytest.mark.parametrize("kind", ["missing", "unknown", "expired", "spent", "another user's", "access"])
def test_a_follow_up_without_a_good_interim_token_is_refused(exchange: Exchange, kind: str) -> None:
    """The answer is Corrupted ticket, even with the right code."""
    tokens: dict[str, Callable[[], str | None]] = {
        "missing": lambda: None,
        "unknown": lambda: "unknown",
        "expired": lambda: interim_token(exchange),
        "spent": lambda: interim_token(exchange),
        "another user's": lambda: interim_token(exchange, "both"),
        "access": lambda: access_token(exchange),
    }
    token = tokens[kind]()
    if kind == "expired":
        exchange.advance(600)
    if kind == "spent":
        exchange.log_in("two-factor", "correct-horse", interim_token=token, verification_code="123456")
    assert exchange.log_in("two-factor", "correct-horse", interim_token=token, verification_code="123456") == LogIn(
        state="Failed", step="BaseAuthentication", reason="Corrupted ticket"
    )


def test_an_interim_token_lives_for_ten_minutes(exchange: Exchange) -> None:
    """An interim token is good until just before ten minutes have passed."""
    interim = interim_token(exchange)
    exchange.advance(599)
    answer = exchange.log_in("two-factor", "correct-horse", interim_token=interim, verification_code="123456")
    assert answer.state == "Succeeded"


def test_a_follow_up_needs_the_password_again(exchange: Exchange) -> None:
    """The interim token does not replace the password."""
    answer = exchange.log_in("two-factor", None, interim_token=interim_token(exchange), verification_code="123456")
    assert answer.reason == "Invalid credentials"


def test_no_secret_is_in_a_repr(exchange: Exchange) -> None:
    """Law 5: the objects of the mock show no secret, either."""
    token = access_token(exchange)
    parts = [exchange, exchange.users, exchange.log_in("trader", "correct-horse"), exchange._tokens]
    shown = without_times(repr(parts))
    for secret in ("correct-horse", "battery-staple", "123456", "4711", token):
        assert secret not in shown
