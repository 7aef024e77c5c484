"""A log-in is repeated after trouble at /token, and after no other reply. Scripted."""

import pytest
from support.scripted_log_ins import SUCCEEDED, WANTS_CODE, Server, credentials, log_in, reply

from autoshares_cancel import (
    AuthenticationError,
    InvalidCredentials,
    RetryPolicy,
    TokenUnavailable,
)
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.secret import Secret

# With a random number of 0.5 the waits are 0.5, 1, 2 seconds ...
POLICY = RetryPolicy(attempts=3, base=1.0, cap=4.0)
BUSY, DONE = Reply(status_code=503), reply(200, SUCCEEDED)
TROUBLE: dict[str, Evidence] = {
    "nothing left": NotWritten(reason="refused"),
    "silence": NoResponse(reason="timed out"),
    "500": Reply(status_code=500),
    "502": Reply(status_code=502, body=b"<html>"),
    "599": Reply(status_code=599),
    "429": Reply(status_code=429),
    "503 with Retry-After": Reply(status_code=503, headers={"Retry-After": "1"}),
}
FINAL: dict[str, Evidence] = {
    "401": reply(401, {"State": "Failed"}),
    "half a 401": Reply(status_code=401, body=b'{"Sta', is_whole=False),
    "400": Reply(status_code=400),
    "403": Reply(status_code=403),
    "404": Reply(status_code=404, headers={"Retry-After": "1"}),
    "302": Reply(status_code=302),
    "600": Reply(status_code=600),
    "a 200 that is nonsense": Reply(status_code=200, body=b"<html>"),
    "half a 200": Reply(status_code=200, body=b'{"State": "Succ', is_whole=False),
    "a 200 that failed": reply(200, {"State": "Failed"}),
    "a 202 without a token": reply(202, {"State": "Expecting", "Step": "VerificationCode"}),
    "a 202 without an answer": reply(202, {**WANTS_CODE, "Step": "Retina"}),
}


@pytest.mark.parametrize("evidence", TROUBLE.values(), ids=TROUBLE)
def test_trouble_is_followed_by_a_new_dialog(evidence: Evidence) -> None:
    """After trouble, the log-in waits once and sends the same first request again."""
    server = Server([evidence, DONE])
    assert log_in(credentials(), server, policy=POLICY).reveal() == "access"
    assert len(server.slept) == 1
    assert server.sent == [({"Username": "user", "Password": "hunter2"}, None)] * 2


@pytest.mark.parametrize("evidence", FINAL.values(), ids=FINAL)
def test_every_other_reply_is_final(evidence: Evidence) -> None:
    """Law 6: a log-in that the server refuses, or answers with nonsense, is not repeated."""
    server = Server([evidence, DONE])
    with pytest.raises(AuthenticationError):
        log_in(credentials(), server, policy=POLICY)
    assert (server.replies, server.slept) == ([DONE], [])


def test_the_attempts_end_it_with_the_detail_of_the_last() -> None:
    """A log-in has as many dialogs as the policy has attempts, with backoff between them; the last error is raised."""
    server = Server([reply(500, {"message": f"try {number}"}) for number in (1, 2, 3, 4)])
    with pytest.raises(TokenUnavailable, match="try 3") as caught:
        log_in(credentials(), server, policy=POLICY)
    assert server.slept == [0.5, 1.0]
    assert (len(server.sent), caught.value.status_code) == (3, 500)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("evidence", TROUBLE.values(), ids=TROUBLE)
def test_a_policy_of_one_attempt_asks_once(evidence: Evidence) -> None:
    """RetryPolicy(attempts=1) switches repeated log-ins off, also if the server asks to wait."""
    server = Server([evidence, DONE])
    with pytest.raises(TokenUnavailable):
        log_in(credentials(), server, policy=RetryPolicy(attempts=1))
    assert (server.replies, server.slept) == ([DONE], [])


def test_the_deadline_ends_it() -> None:
    """Law 7: a log-in fails at once if a wait would leave no time for another dialog before the deadline."""
    server = Server([BUSY, DONE], left=0.03)
    with pytest.raises(TokenUnavailable):
        log_in(credentials(), server, policy=POLICY)
    assert (server.replies, server.slept) == ([DONE], [])
    for busy in (
        Reply(status_code=503, headers={"Retry-After": "2"}),
        Reply(status_code=429, headers={"Retry-After": "86400"}),
    ):
        server = Server([busy, DONE], left=0.5)
        with pytest.raises(TokenUnavailable):
            log_in(credentials(), server, policy=POLICY)
        assert (server.replies, server.slept) == ([DONE], [])


TOO_MANY = " ".join(f'token: "{number}"' for number in range(200))
"""More values that look like tokens than are masked."""


@pytest.mark.parametrize(
    ("evidence", "detail"),
    [
        (Reply(status_code=500, body=TOO_MANY.encode()), "status 500: a status that is not documented"),
        (Reply(status_code=401, body=TOO_MANY.encode()), "no reason given"),
        (NoResponse(reason=TOO_MANY), "no reply"),
    ],
    ids=["undocumented", "documented", "no reply"],
)
def test_a_reply_with_too_many_tokens_shows_no_word(evidence: Evidence, detail: str) -> None:
    """Law 5: a reply with more tokens than can be masked in time is not shown at all."""
    with pytest.raises(AuthenticationError) as caught:
        log_in(credentials(), Server([evidence]), policy=RetryPolicy(attempts=1))
    assert caught.value.detail == detail


def test_a_token_with_the_wrong_state_is_learned() -> None:
    """Law 5: a token in a failed reply is masked in later replies, because it may be valid."""
    learned = list[Secret]()
    with pytest.raises(TokenUnavailable):
        log_in(credentials(), Server([reply(200, {"State": "Failed", "Token": "t0k3n-1"})]), learned.append)
    assert [secret.reveal() for secret in learned] == ["t0k3n-1"]


def test_the_budget_of_the_client_ends_it() -> None:
    """A server in trouble gets no more retries than the client's budget allows."""
    budget = RetryBudget(left=5)
    for replies in ([BUSY, BUSY, DONE], [BUSY, DONE]):
        server = Server([*replies])
        with pytest.raises(TokenUnavailable):
            log_in(credentials(), server, policy=POLICY, budget=budget)
        assert server.replies == [DONE]


def test_a_log_in_waits_as_long_as_the_server_asks() -> None:
    """A 503 with Retry-After costs time, but no attempt."""
    patient = Reply(status_code=503, headers={"Retry-After": "2"})
    server = Server([*(patient,) * 4, DONE], left=60.0)
    assert log_in(credentials(), server, policy=POLICY).reveal() == "access"
    assert len(server.slept) == 4
    assert min(server.slept) >= 2.0
    server = Server([*(patient,) * 3, BUSY, DONE], left=60.0)
    assert log_in(credentials(), server, policy=RetryPolicy(attempts=2)).reveal() == "access"


def test_each_dialog_begins_from_its_beginning() -> None:
    """Law 6: each dialog asks for a new second factor, and uses no interim token of an earlier dialog."""
    codes = iter(["111111", "222222"])
    second = {**WANTS_CODE, "Token": "interim-9"}
    server = Server([reply(202, WANTS_CODE), BUSY, reply(202, second), DONE])
    log_in(credentials(second_factor=lambda: next(codes)), server, policy=POLICY)
    base = {"Username": "user", "Password": "hunter2"}
    assert server.sent == [
        (base, None),
        (base | {"VerificationCode": "111111"}, "interim-1"),
        (base, None),
        (base | {"VerificationCode": "222222"}, "interim-9"),
    ]


def test_what_an_earlier_dialog_used_stays_secret() -> None:
    """Law 5: code and interim token are masked in the replies of the next dialog."""
    echo = reply(401, {"State": "Failed", "Reason": "c0de-c0de interim-1"})
    server = Server([reply(202, WANTS_CODE), BUSY, echo])
    with pytest.raises(InvalidCredentials) as caught:
        log_in(credentials(second_factor=lambda: "c0de-c0de"), server, policy=POLICY)
    assert caught.value.detail == "********** **********"
