"""One cancel by a script, without I/O: what tokens it asks for, and what it sends."""

from typing import Any

import pytest
from support.scripted_calls import FRESH, KEPT, NEW, NO_TOKEN, SILENCE, play, reads, reply

from autoshares_cancel import (
    AppKeyRejected,
    Cancelled,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    RetryPolicy,
    TokenUnavailable,
)
from autoshares_cancel._values.token import Grant


@pytest.mark.parametrize("status_code", [200, 204])
def test_a_success_is_all(status_code: int) -> None:
    """Rule 2: one token, one request; not confirmed, because the order was not read."""
    done = play([reply(status_code)])
    assert done.steps == "token; cancel old"
    assert (type(done.outcome), done.outcome.status_code, done.outcome.order) == (Cancelled, status_code, None)
    assert isinstance(done.outcome, Cancelled)
    assert not done.outcome.confirmed


@pytest.mark.parametrize(("status_code", "kind"), {403: AppKeyRejected, 422: InvalidRequest}.items())
def test_a_refusal_stands(status_code: int, kind: type) -> None:
    """Rule 4: neither repeated nor read, where it is the first reply."""
    refused = play([reply(status_code)])
    assert (refused.steps, type(refused.outcome)) == ("token; cancel old", kind)


def test_401_is_answered_with_one_fresh_token() -> None:
    """Law 6: a 401 with a token from before is tried once more, at once, with another token."""
    done = play([reply(401), reply(204)])
    assert done.steps == "token; cancel old; token, not old; cancel new"
    assert type(done.outcome) is Cancelled


@pytest.mark.parametrize("second", [FRESH, Grant(NEW, fresh=False)])
def test_the_second_401_stands(second: Grant) -> None:
    """Law 6: one fresh token a call, whichever caller fetched it."""
    refused = play([reply(401), reply(401)], grants=[KEPT, second])
    assert refused.steps == "token; cancel old; token, not old; cancel new"
    assert type(refused.outcome) is NotAuthorized
    words = "a new token was refused; another log-in of the same user may have ended its session"
    assert refused.outcome.detail == words


def test_a_token_of_another_process_is_no_fresh_one() -> None:
    """Law 6: it may have been ended long ago, so the call may still log in. A second such token is the last."""
    shared = Grant(NEW, fresh=False, shared=True)
    assert isinstance(play([reply(401), reply(401), reply(204)], grants=[KEPT, shared, FRESH]).outcome, Cancelled)
    assert isinstance(play([reply(401), reply(204)], grants=[shared, FRESH]).outcome, Cancelled)
    for grants in ([KEPT, shared, FRESH], [KEPT, shared, shared], [shared, shared]):
        refused = play([reply(401)] * len(grants), grants=[*grants, FRESH])
        assert isinstance(refused.outcome, NotAuthorized)


@pytest.mark.parametrize(
    ("grant", "renewable", "steps"), [(FRESH, True, "token; cancel new"), (KEPT, False, "token; cancel old")]
)
def test_401_stands_where_no_fresh_token_is_to_be_had(grant: Grant, *, renewable: bool, steps: str) -> None:
    """Law 6: a call that has just logged in does not log in again, and a token that was given can't be renewed."""
    refused = play([reply(401)], grants=[grant], renewable=renewable)
    assert (refused.steps, type(refused.outcome)) == (steps, NotAuthorized)
    assert ("another log-in" in str(refused.outcome)) is grant.fresh


def test_the_attempt_after_a_fresh_token_does_not_count() -> None:
    """RetryPolicy: even a call of one attempt gets its fresh token, and nothing more."""
    unsent = play([reply(401), SILENCE, reads("New")], policy=RetryPolicy(attempts=1))
    assert unsent.steps == "token; cancel old; token, not old; cancel new; read new"


@pytest.mark.parametrize("grants", [[NO_TOKEN], [KEPT, NO_TOKEN]], ids=["first", "second"])
def test_a_failed_log_in_gets_out_where_no_order_was_touched(grants: list[Any]) -> None:
    """The caller learns that it is the log-in; the text of the 401 is not the reason any more."""
    with pytest.raises(TokenUnavailable) as caught:
        play([reply(401)] * (len(grants) - 1), grants=grants)
    assert caught.value is NO_TOKEN


def test_a_failed_log_in_after_a_suspect_is_unknown() -> None:
    """Laws 3 and 4: AuthenticationError says that no order was touched, which is no longer sure."""
    lost = play([SILENCE, reads("New"), reply(401)], grants=[KEPT, NO_TOKEN])
    assert lost.steps == "token; cancel old; read old; 0.5 s; cancel old; token, not old"
    assert (type(lost.outcome), lost.outcome.detail) == (NoReply, "the log-in failed: no; reset")
    assert isinstance(lost.outcome, NoReply)
    assert lost.outcome.__cause__ is NO_TOKEN


def test_a_read_waits_as_long_as_the_server_requires() -> None:
    """Rule 6 for reads: not sooner, and not at all where the deadline would be over."""
    assert play([reply(429, "3"), reads("New")], only_read=True).steps == "token; read old; 3 s; read old"
    assert play([reply(429, "3")], only_read=True, deadline=3.0).steps == "token; read old"
