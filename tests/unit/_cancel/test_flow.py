"""One cancel, driven by a script without I/O: the tokens that it requests, and the requests that it sends."""

from types import SimpleNamespace
from typing import Any

import pytest
from support.scripted_calls import FRESH, KEPT, NEW, NO_TOKEN, SILENCE, conclude, play, prepare, reads, reply

from autoshares_cancel import (
    AppKeyRejected,
    Attempt,
    Cancelled,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    RetryPolicy,
    TokenUnavailable,
)
from autoshares_cancel._retry.backend import What
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken, Grant


@pytest.mark.parametrize("status_code", [200, 204])
def test_a_success_takes_one_token_and_one_request(status_code: int) -> None:
    """Rule 2: a success takes one token and one request; it is not confirmed, because the order was not read."""
    done = play([reply(status_code)])
    assert done.steps == "token; cancel old"
    assert (type(done.outcome), done.outcome.status_code, done.outcome.order) == (Cancelled, status_code, None)
    assert isinstance(done.outcome, Cancelled)
    assert not done.outcome.confirmed


@pytest.mark.parametrize(("status_code", "kind"), {403: AppKeyRejected, 422: InvalidRequest}.items())
def test_a_refusal_stands(status_code: int, kind: type) -> None:
    """Rule 4: a refusal that is the first reply is neither repeated nor followed by a read."""
    refused = play([reply(status_code)])
    assert (refused.steps, type(refused.outcome)) == ("token; cancel old", kind)


def test_401_is_answered_with_one_fresh_token() -> None:
    """Law 6: after a 401 with a cached token, the call tries once more, at once, with another token."""
    done = play([reply(401), reply(204)])
    assert done.steps == "token; cancel old; token, not old; cancel new"
    assert type(done.outcome) is Cancelled


@pytest.mark.parametrize("second", [FRESH, Grant(NEW, fresh=False)])
def test_the_second_401_stands(second: Grant) -> None:
    """Law 6: a call gets one fresh token, whichever caller fetched it."""
    refused = play([reply(401), reply(401)], grants=[KEPT, second])
    assert refused.steps == "token; cancel old; token, not old; cancel new"
    assert type(refused.outcome) is NotAuthorized
    words = "a new token was refused; another log-in of the same user may have ended its session"
    assert refused.outcome.detail == words


def test_a_token_of_another_process_is_no_fresh_one() -> None:
    """Law 6: a shared token may have ended long ago, so the call may still log in; a second one is the last."""
    shared = Grant(NEW, fresh=False, shared=True)
    assert isinstance(play([reply(401), reply(401), reply(204)], grants=[KEPT, shared, FRESH]).outcome, Cancelled)
    assert isinstance(play([reply(401), reply(204)], grants=[shared, FRESH]).outcome, Cancelled)
    for grants in ([KEPT, shared, FRESH], [KEPT, shared, shared], [shared, shared]):
        refused = play([reply(401)] * len(grants), grants=[*grants, FRESH])
        assert isinstance(refused.outcome, NotAuthorized)


@pytest.mark.parametrize(
    ("grant", "renewable", "steps"), [(FRESH, True, "token; cancel new"), (KEPT, False, "token; cancel old")]
)
def test_401_stands_where_no_fresh_token_is_available(grant: Grant, *, renewable: bool, steps: str) -> None:
    """Law 6: a call that has just logged in does not log in again, and a token that was given can't be renewed."""
    refused = play([reply(401)], grants=[grant], renewable=renewable)
    assert (refused.steps, type(refused.outcome)) == (steps, NotAuthorized)
    assert ("another log-in" in str(refused.outcome)) is grant.fresh


def test_the_attempt_after_a_fresh_token_does_not_count() -> None:
    """RetryPolicy: a call of one attempt may still use a fresh token, and is not repeated otherwise."""
    unsent = play([reply(401), SILENCE, reads("New")], policy=RetryPolicy(attempts=1))
    assert unsent.steps == "token; cancel old; token, not old; cancel new; read new"


@pytest.mark.parametrize("grants", [[NO_TOKEN], [KEPT, NO_TOKEN]], ids=["first", "second"])
def test_a_failed_log_in_is_raised_where_no_order_was_touched(grants: list[Any]) -> None:
    """The error of the log-in is raised as it is; the 401 before it is not the reason."""
    with pytest.raises(TokenUnavailable) as caught:
        play([reply(401)] * (len(grants) - 1), grants=grants)
    assert caught.value is NO_TOKEN


def test_a_failed_log_in_after_a_lost_reply_is_unknown() -> None:
    """Laws 3 and 4: AuthenticationError means that no order was touched, which is not certain here."""
    lost = play([SILENCE, reads("New"), reply(401)], grants=[KEPT, NO_TOKEN])
    assert lost.steps == "token; cancel old; read old; 0.5 s; cancel old; token, not old"
    assert (type(lost.outcome), lost.outcome.detail) == (NoReply, "the log-in failed: no; reset")
    assert isinstance(lost.outcome, NoReply)
    assert lost.outcome.__cause__ is NO_TOKEN


def test_a_read_waits_as_long_as_the_server_requires() -> None:
    """Rule 6: a read waits as long as Retry-After says, and is not repeated if the deadline comes first."""
    assert play([reply(429, "3"), reads("New")], only_read=True).steps == "token; read old; 3 s; read old"
    assert play([reply(429, "3")], only_read=True, deadline=3.0).steps == "token; read old"


def test_a_cancel_is_recorded_unless_it_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 4: an interruption knows whether the last cancel has evidence; a log-in and a read leave that as it is."""
    script, call = prepare([reply(401), SILENCE, reads("New"), reply(409), reads("Filled")])
    recorded = list[tuple[str, bool]]()
    send, token = script.send, script.token

    async def send_and_look(what: What, secret: Secret, seconds: float) -> tuple[Evidence, Attempt]:
        recorded.append((what, call.is_recorded))
        return await send(what, secret, seconds)

    async def log_in_and_look(refused: AccessToken | None) -> Grant:
        recorded.append(("log-in", call.is_recorded))
        return await token(refused)

    monkeypatch.setattr(call, "backend", SimpleNamespace(send=send_and_look, token=log_in_and_look, sleep=script.sleep))
    conclude(script, call)
    requests = ["log-in", "cancel", "log-in", "cancel", "read", "cancel", "read"]
    assert recorded == [(what, what != "cancel") for what in requests]
