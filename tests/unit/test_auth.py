"""The token's life, without a network: the dialog is driven by hand, the clock is passed in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from autoshares_cancel import (
    AuthenticationError,
    InvalidCredentials,
    PasswordCredentials,
    SecondFactorRequired,
    TokenCredentials,
    TokenUnavailable,
)
from autoshares_cancel._auth import (
    LIFETIME,
    AskSecondFactor,
    AskToken,
    TokenCache,
    called_second_factor,
    log_in,
)
from autoshares_cancel._evidence import Evidence, NothingLeft, Reply, Silence
from autoshares_cancel._secret import Secret

SUCCEEDED = {"State": "Succeeded", "Token": "access"}
WANTS_CODE = {"State": "Expecting", "Step": "VerificationCode", "Reason": "Enter the code", "Token": "interim-1"}
WANTS_PIN = {"State": "Expecting", "Step": "SecutityPin", "Reason": "Enter the pin", "Token": "interim-2"}


def reply(status_code: int, body: object) -> Reply:
    return Reply(status_code=status_code, body=json.dumps(body).encode())


def credentials(**more: Any) -> PasswordCredentials:
    return PasswordCredentials(app_key="key", username="user", password="hunter2", **more)


def dialog(who: PasswordCredentials, *replies: Evidence) -> tuple[Secret, list[tuple[dict[str, str], str | None]]]:
    """Drive a log-in to its end; what was sent comes back with the token."""
    waiting, sent = list(replies), list[tuple[dict[str, str], str | None]]()
    steps = log_in(who)
    answer: Any = None
    for _ in range(20):
        try:
            step = steps.send(answer)
        except StopIteration as end:
            assert not waiting
            return end.value, sent
        if isinstance(step, AskToken):
            sent.append((dict(step.request.headers), step.interim.reveal() if step.interim else None))
            answer = waiting.pop(0)
        else:
            assert isinstance(step, AskSecondFactor)
            answer = called_second_factor(step.ask)
    raise AssertionError("the dialog does not end")


def test_user_name_and_password_are_enough() -> None:
    """One request with both headers and no interim token."""
    token, sent = dialog(credentials(), reply(200, SUCCEEDED))
    assert token.reveal() == "access"
    assert sent == [({"Username": "user", "Password": "hunter2"}, None)]


def test_code_and_pin_are_answered_with_the_interim_token() -> None:
    """Law 6: each interim token is used for the next step, with all that was given so far."""
    who = credentials(second_factor=lambda: "123456", pin_code="4711")
    token, sent = dialog(who, reply(202, WANTS_CODE), reply(202, WANTS_PIN), reply(200, SUCCEEDED))
    assert token.reveal() == "access"
    base = {"Username": "user", "Password": "hunter2"}
    assert sent == [
        (base, None),
        (base | {"VerificationCode": "123456"}, "interim-1"),
        (base | {"VerificationCode": "123456", "PinCode": "4711"}, "interim-2"),
    ]


@pytest.mark.parametrize("body", [WANTS_CODE, WANTS_PIN, {**WANTS_CODE, "Step": "Retina"}, {**WANTS_CODE, "Step": 7}])
def test_a_step_without_an_answer_is_second_factor_required(body: object) -> None:
    """The error names the step and carries the server's reason."""
    with pytest.raises(SecondFactorRequired, match="is asked for and was not given: Enter the") as caught:
        dialog(credentials(), reply(202, body))
    assert caught.value.status_code == 202


def test_an_answer_that_is_asked_for_again_was_refused() -> None:
    """The dialog ends; it does not send the same code for ever."""
    who = credentials(second_factor=lambda: "123456")
    with pytest.raises(SecondFactorRequired, match="the answer was not accepted"):
        dialog(who, reply(202, WANTS_CODE), reply(202, WANTS_CODE))


@pytest.mark.parametrize(
    ("evidence", "kind", "said"),
    [
        (reply(401, {"State": "Failed", "Reason": "Invalid credentials"}), InvalidCredentials, "Invalid credentials"),
        (Reply(status_code=401), InvalidCredentials, "no reason given"),
        (reply(200, WANTS_CODE), TokenUnavailable, "no usable token"),
        (reply(200, {"State": "Succeeded"}), TokenUnavailable, "no usable token"),
        (reply(200, {"State": "Succeeded", "Token": ""}), TokenUnavailable, "no usable token"),
        (reply(200, {"State": "Succeeded", "Token": 7}), TokenUnavailable, "no usable token"),
        (reply(200, {"State": "Succeeded", "Token": "two words"}), TokenUnavailable, "no usable token"),
        (reply(200, {"State": "Succeeded", "Token": "line\r\nend"}), TokenUnavailable, "no usable token"),
        (reply(200, ["Succeeded"]), TokenUnavailable, "no usable token"),
        (reply(200, {"Token": "access"}), TokenUnavailable, "no usable token"),
        (Reply(status_code=200, body=b"<html>"), TokenUnavailable, "no usable token"),
        (reply(202, SUCCEEDED), TokenUnavailable, "no usable token"),
        (reply(202, {**WANTS_CODE, "Token": None}), TokenUnavailable, "no usable token"),
        (reply(403, {"error": "Application key"}), TokenUnavailable, "status 403: Application"),
        (Reply(status_code=500), TokenUnavailable, "status 500: a status that is not documented"),
        (Reply(status_code=302), TokenUnavailable, "status 302"),
        (NothingLeft(reason="refused"), TokenUnavailable, "refused"),
        (Silence(reason="reset"), TokenUnavailable, "reset"),
        (Silence(reason=""), TokenUnavailable, "no reply"),
    ],
)
def test_every_other_reply_has_its_error(evidence: Evidence, kind: type[AuthenticationError], said: str) -> None:
    """Law 3: whatever /token does, it is one of the three, and says why."""
    with pytest.raises(AuthenticationError, match=said) as caught:
        dialog(credentials(second_factor=lambda: "1"), evidence)
    assert type(caught.value) is kind
    assert caught.value.status_code == (evidence.status_code if isinstance(evidence, Reply) else None)
    assert caught.value.__context__ is None


def test_no_secret_in_the_errors_of_a_log_in() -> None:
    """Law 5: password, code and interim token are masked when the server sends them back."""
    who = credentials(second_factor=lambda: "c0de-c0de")
    echo = {"State": "Failed", "Reason": "hunter2 c0de-c0de interim-1"}
    with pytest.raises(InvalidCredentials) as caught:
        dialog(who, reply(202, WANTS_CODE), reply(401, echo))
    assert caught.value.detail == "********** ********** **********"
    assert not any("hunter2" in repr(frame.locals) for frame in caught.traceback[2:])


def test_no_secret_that_looks_like_an_escape_in_the_errors_of_a_log_in() -> None:
    """Law 5: sent back bare into JSON, a backslash and a t would be read as a tab."""
    who = PasswordCredentials(app_key="key", username="user", password="hunter\\two")
    echo = Reply(status_code=401, body=b'{"State": "Failed", "Reason": "not hunter\\two"}')
    with pytest.raises(InvalidCredentials) as caught:
        dialog(who, echo)
    assert caught.value.detail == "not **********"


def fails() -> str:
    raise KeyError("hunter2")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (fails, "raised KeyError"),
        (lambda: None, "did not return a code"),
        (lambda: 123456, "did not return a code"),
        (lambda: "", "did not return a code"),
        (lambda: "12\n34", "did not return a code"),
    ],
    ids=["raises", "None", "int", "empty", "two lines"],
)
def test_a_second_factor_that_fails_is_named(ask: Callable[[], object], said: str) -> None:
    """Laws 3 and 5: the caller's function can't bring a foreign exception in, and its words are not repeated."""
    with pytest.raises(SecondFactorRequired, match=said) as caught:
        called_second_factor(ask)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_kept_until_its_margin() -> None:
    """A token asked for at 1000 s is used until 1000 s + 24 h minus its margin, and not at that moment."""
    clock = Clock()
    cache = TokenCache(credentials(), margin=300.0, clock=clock)
    token = cache.keep(Secret("access"), asked_at=1000.0)
    clock.now = 1000.0 + LIFETIME - 300.0 - 0.001
    assert cache.usable(None) is token
    clock.now = 1000.0 + LIFETIME - 300.0
    assert cache.usable(None) is None


def test_a_refused_token_is_not_used_again_but_a_newer_one_is() -> None:
    """Law 6: who was refused with the old token takes the one that somebody else has fetched since."""
    cache = TokenCache(credentials(), margin=300.0, clock=Clock())
    old = cache.keep(Secret("access"), asked_at=1000.0)
    assert cache.usable(old) is None
    new = cache.keep(Secret("access"), asked_at=1000.0)
    assert cache.usable(old) is new


def test_a_failure_is_shared_with_those_who_waited_for_it_only() -> None:
    """Law 6: who waited gets the same error, as a copy; who comes later tries anew."""
    cache = TokenCache(credentials(), margin=300.0, clock=Clock())
    failure = InvalidCredentials(detail="no", status_code=401)
    before = cache.rounds
    cache.fail(failure)
    with pytest.raises(InvalidCredentials, match="no") as caught:
        cache.settled(None, before)
    assert caught.value is not failure
    assert cache.settled(None, cache.rounds) is None
    cache.fail(None)
    assert cache.settled(None, before) is None
    token = cache.keep(Secret("access"), asked_at=1000.0)
    assert cache.settled(None, before) is token


def test_a_given_token_is_never_renewed_and_never_ends() -> None:
    """TokenCredentials are used as they are."""
    clock = Clock()
    cache = TokenCache(TokenCredentials(app_key="key", token="given"), margin=300.0, clock=clock)
    clock.now = 1e12
    token = cache.usable(None)
    assert token is not None
    assert token.secret.reveal() == "given"
    assert not cache.renewable
    assert "given" not in repr(cache)
