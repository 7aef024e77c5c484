"""The dialog with /token, over a scripted backend."""

from collections.abc import Callable

import pytest
from support.scripted_log_ins import SUCCEEDED, WANTS_CODE, WANTS_PIN, Server, credentials, log_in, reply

from autoshares_cancel import (
    AuthenticationError,
    InvalidCredentials,
    PasswordCredentials,
    SecondFactorRequired,
    TokenUnavailable,
)
from autoshares_cancel._auth.login import called_second_factor
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.secret import Secret

NO_TOKEN = "the 200 carries no usable token"


def dialog(user: PasswordCredentials, *replies: Evidence) -> tuple[Secret, list[tuple[dict[str, str], str | None]]]:
    """Run a log-in; returns the token and the sent requests."""
    server = Server([*replies])
    token = log_in(user, server)
    assert not server.replies
    return token, server.sent


def test_user_name_and_password_are_enough() -> None:
    """A log-in without a second factor is one request with both headers and no interim token."""
    token, sent = dialog(credentials(), reply(200, SUCCEEDED))
    assert token.reveal() == "access"
    assert sent == [({"Username": "user", "Password": "hunter2"}, None)]


def test_code_and_pin_are_answered_with_the_interim_token() -> None:
    """Law 6: each interim token is used for the next step, with all answers so far."""
    user = credentials(second_factor=lambda: "123456", pin_code="4711")
    token, sent = dialog(user, reply(202, WANTS_CODE), reply(202, WANTS_PIN), reply(200, SUCCEEDED))
    assert token.reveal() == "access"
    base = {"Username": "user", "Password": "hunter2"}
    assert sent == [
        (base, None),
        (base | {"VerificationCode": "123456"}, "interim-1"),
        (base | {"VerificationCode": "123456", "PinCode": "4711"}, "interim-2"),
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (WANTS_CODE, "VerificationCode is asked for and was not given: Enter the code"),
        (WANTS_PIN, "SecutityPin is asked for and was not given: Enter the pin"),
        ({**WANTS_CODE, "Step": "Retina"}, "Retina is asked for and was not given: Enter the code"),
        ({**WANTS_CODE, "Step": 7}, "an unnamed step is asked for and was not given: Enter the code"),
        ({**WANTS_CODE, "Reason": None}, "VerificationCode is asked for and was not given: no reason given"),
    ],
)
def test_a_step_without_an_answer_is_second_factor_required(body: object, reason: str) -> None:
    """The error names the step and carries the server's reason."""
    with pytest.raises(SecondFactorRequired) as caught:
        dialog(credentials(), reply(202, body))
    assert caught.value.detail == reason
    assert caught.value.status_code == 202


def test_a_step_is_known_even_if_its_name_holds_a_secret() -> None:
    """Law 5: masking changes only what is shown, so the log-in still works."""
    user = PasswordCredentials(app_key="key", username="Code", password="hunter2", second_factor=lambda: "123456")
    token, sent = dialog(user, reply(202, WANTS_CODE), reply(200, SUCCEEDED))
    assert token.reveal() == "access"
    assert len(sent) == 2


def test_an_answer_that_is_asked_for_again_was_refused() -> None:
    """A dialog whose code was refused ends, and never sends the same code again."""
    user = credentials(second_factor=lambda: "123456")
    with pytest.raises(SecondFactorRequired, match="the answer was not accepted: Enter the code") as caught:
        dialog(user, reply(202, WANTS_CODE), reply(202, WANTS_CODE))
    assert caught.value.status_code == 202


@pytest.mark.parametrize(
    ("evidence", "kind", "reason"),
    [
        (reply(401, {"State": "Failed", "Reason": "Invalid credentials"}), InvalidCredentials, "Invalid credentials"),
        (Reply(status_code=401), InvalidCredentials, "no reason given"),
        (Reply(status_code=401, body=b"\xff"), InvalidCredentials, "no reason given"),
        (reply(200, WANTS_CODE), TokenUnavailable, NO_TOKEN),
        (reply(200, {"State": "Succeeded"}), TokenUnavailable, NO_TOKEN),
        (reply(200, {"State": "Succeeded", "Token": ""}), TokenUnavailable, NO_TOKEN),
        (reply(200, {"State": "Succeeded", "Token": 7}), TokenUnavailable, NO_TOKEN),
        (reply(200, {"State": "Succeeded", "Token": "two words"}), TokenUnavailable, NO_TOKEN),
        (
            reply(200, {"State": "Succeeded", "Token": "line\r\nend"}),
            TokenUnavailable,
            NO_TOKEN,
        ),
        (reply(200, ["Succeeded"]), TokenUnavailable, NO_TOKEN),
        (reply(200, {"Token": "access"}), TokenUnavailable, NO_TOKEN),
        (Reply(status_code=200, body=b"<html>"), TokenUnavailable, NO_TOKEN),
        (reply(202, SUCCEEDED), TokenUnavailable, "the 202 carries no usable token"),
        (reply(202, {**WANTS_CODE, "Token": None}), TokenUnavailable, "the 202 carries no usable token"),
        (reply(403, {"error": "Wrong application"}), TokenUnavailable, "status 403: Wrong application"),
        (Reply(status_code=500), TokenUnavailable, "status 500: a status that is not documented"),
        (Reply(status_code=302), TokenUnavailable, "status 302: a status that is not documented"),
        (NotWritten(reason="refused"), TokenUnavailable, "refused"),
        (NoResponse(reason="reset"), TokenUnavailable, "reset"),
        (NoResponse(reason=""), TokenUnavailable, "no reply"),
    ],
)
def test_every_other_reply_has_its_error(evidence: Evidence, kind: type[AuthenticationError], reason: str) -> None:
    """Law 3: any other reply of /token becomes one of three errors, with a reason."""
    with pytest.raises(AuthenticationError) as caught:
        dialog(credentials(second_factor=lambda: "1"), evidence)
    assert type(caught.value) is kind
    assert caught.value.detail == reason
    assert caught.value.status_code == (evidence.status_code if isinstance(evidence, Reply) else None)
    assert caught.value.__context__ is None


def test_no_secret_in_the_errors_of_a_log_in() -> None:
    """Law 5: password, code and interim token are masked when the server sends them back."""
    user = credentials(second_factor=lambda: "c0de-c0de")
    echo = {"State": "Failed", "Reason": "hunter2 c0de-c0de interim-1"}
    with pytest.raises(InvalidCredentials) as caught:
        dialog(user, reply(202, WANTS_CODE), reply(401, echo))
    assert caught.value.detail == "********** ********** **********"
    assert not any("hunter2" in repr(frame.locals) for frame in caught.traceback[2:])


def test_no_secret_that_looks_like_an_escape_in_the_errors_of_a_log_in() -> None:
    """Law 5: a password is masked even if JSON would read its backslash and t as a tab."""
    user = PasswordCredentials(app_key="key", username="user", password="hunter\\two")
    echo = Reply(status_code=401, body=b'{"State": "Failed", "Reason": "not hunter\\two"}')
    with pytest.raises(InvalidCredentials) as caught:
        dialog(user, echo)
    assert caught.value.detail == "not **********"


@pytest.mark.parametrize("secret", ["State", "Reason", "Failed", "id", '"', "Invalid-credentials"])
def test_a_reason_is_found_whatever_the_secrets_are(secret: str) -> None:
    """Law 5: a reply of /token is parsed unmasked, and masked when it is shown."""
    user = PasswordCredentials(app_key="key", username=secret, password="hunter2")
    with pytest.raises(InvalidCredentials) as caught:
        dialog(user, reply(401, {"State": "Failed", "Reason": "Invalid credentials of hunter2"}))
    assert caught.value.detail == "Invalid credentials of **********"


def test_a_reason_that_json_has_changed_is_not_shown() -> None:
    """Law 5: a reason is not shown if JSON reads the beginning of a secret in it as an escape."""
    user = PasswordCredentials(app_key="key", username="user", password="n3w-pass")
    echo = Reply(status_code=401, body=b'{"State": "Failed", "Reason": "not DOMAIN\\n3w-pass"}')
    with pytest.raises(InvalidCredentials) as caught:
        dialog(user, echo)
    assert caught.value.detail == "no reason given"


def test_a_code_is_taken_as_it_is_returned() -> None:
    """A code keeps its zeros and inner spaces."""
    assert called_second_factor(lambda: "00 42 00").reveal() == "00 42 00"


def fails() -> str:
    raise KeyError("hunter2")


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (fails, "raised KeyError"),
        (lambda: None, "did not return a code"),
        (lambda: 123456, "did not return a code"),
        (lambda: "", "did not return a code"),
        (lambda: "12\n34", "did not return a code"),
    ],
    ids=["raises", "None", "int", "empty", "two lines"],
)
def test_a_second_factor_that_fails_is_named(ask: Callable[[], object], reason: str) -> None:
    """Laws 3 and 5: an exception of the caller's function is not raised further, and its message is not shown."""
    with pytest.raises(SecondFactorRequired, match=reason) as caught:
        called_second_factor(ask)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


def test_what_a_log_in_brings_is_learned() -> None:
    """Law 5: the interim token and the code of a log-in are masked in every later reply."""
    learned: list[Secret] = []
    server = Server([reply(202, WANTS_CODE), reply(200, SUCCEEDED)])
    log_in(credentials(second_factor=lambda: "123456"), server, learned.append)
    assert [secret.reveal() for secret in learned] == ["interim-1", "123456"]


def test_a_reply_does_not_show_its_own_token() -> None:
    """Law 5: a reason that contains the interim token of the same reply is masked."""
    with pytest.raises(SecondFactorRequired) as caught:
        dialog(credentials(), reply(202, {**WANTS_CODE, "Reason": "use interim-1 now"}))
    assert "interim-1" not in str(caught.value)
