"""One cancel driven by hand, without I/O: the script that performs its steps, and what tokens it asks for."""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any, TypeVar

import pytest
from attrs import define, field

from autoshares_cancel import (
    AppKeyRejected,
    Attempt,
    AuthenticationError,
    CancelError,
    Cancelled,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    OrderConflict,
    RetryPolicy,
    TokenUnavailable,
)
from autoshares_cancel._auth.token_cache import AccessToken
from autoshares_cancel._cancel.flow import Cancellation, Conclusion, Terms
from autoshares_cancel._cancel.outcomes import outcome_of
from autoshares_cancel._cancel.replies import order_of
from autoshares_cancel._cancel.steps import GetToken, Grant, Send, Sleep, Step
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.secret import Secret

T = TypeVar("T")

OLD, NEW = AccessToken(Secret("old"), 1.0), AccessToken(Secret("new"), 2.0)
KEPT, FRESH = Grant(OLD, fresh=False), Grant(NEW, fresh=True)
NO_TOKEN = TokenUnavailable(detail="no")
NOTHING, SILENCE = NotWritten(reason="refused"), NoResponse(reason="reset")
# Waits, with a random number of 0.5: 0.5, 1, 2, 2 seconds ...
POLICY = RetryPolicy(attempts=4, base=1.0, cap=4.0)


def reply(status_code: int, retry_after: str = "") -> Reply:
    return Reply(status_code=status_code, retry_after=retry_after)


def reads(status: str) -> Reply:
    """What a read brings."""
    return Reply(status_code=200, body=b'{"Id": 2, "AccountId": 1, "Status": "%s"}' % status.encode())


@define(kw_only=True)
class Script:
    """Performs the steps of a call by a script, on a clock that only waiting moves."""

    evidence: list[Evidence]
    forever: Evidence | None
    """What every Send is answered with when the script is over."""
    grants: list[Grant | AuthenticationError]
    left: float
    steps: list[str] = field(factory=list[str])
    sent: list[tuple[str, Evidence]] = field(factory=list[tuple[str, Evidence]])

    def run(self, call: Generator[Step, Any, Conclusion]) -> Conclusion:
        conclusion = self.drive(call)
        assert [each.evidence for each in conclusion.attempts] == [what for what, _ in self.sent]
        return conclusion

    def drive(self, call: Generator[Step, Any, T]) -> T:
        answer: Any = None
        while True:
            assert len(self.steps) < 2000, "the call does not end"
            try:
                step = call.throw(answer) if isinstance(answer, AuthenticationError) else call.send(answer)
            except StopIteration as end:
                assert self.forever is not None or not self.evidence
                result: T = end.value
                return result
            answer = self._perform(step)

    def _perform(self, step: Step) -> object:
        match step:
            case GetToken():
                refused = step.refused and step.refused.secret.reveal()
                self.steps.append(f"token, not {refused}" if refused else "token")
                return self.grants.pop(0)
            case Send():
                evidence = self.evidence.pop(0) if self.evidence or self.forever is None else self.forever
                self.steps.append(f"{step.what} {step.token.reveal()}")
                self.sent.append((step.what, evidence))
                return evidence, Attempt(status_code=None, evidence=step.what, seconds=0.0)
            case Sleep():
                assert 0.0 <= step.seconds <= self.left, "law 7: no wait goes beyond the deadline"
                self.left -= step.seconds
                self.steps.append(f"{step.seconds:g} s")
                return None


@define(kw_only=True)
class Play:
    """How a call went."""

    steps: str
    conclusion: Conclusion
    script: Script

    @property
    def outcome(self) -> Cancelled | CancelError:
        return outcome_of(self.conclusion, account_id=1, order_id=2, secrets=())


def prepare(
    evidence: Sequence[Evidence],
    *,
    forever: Evidence | None = None,
    grants: Sequence[Grant | AuthenticationError] = (KEPT, FRESH),
    deadline: float = 10.0,
    random: float = 0.5,
    **terms: Any,
) -> tuple[Script, Cancellation]:
    """A script, and a call that has only its clock."""
    script = Script(evidence=[*evidence], forever=forever, grants=[*grants], left=deadline)
    defaults: dict[str, Any] = {
        "policy": POLICY,
        "budget": RetryBudget(),
        "renewable": True,
        "resolve": True,
        "confirm": False,
    }
    allowed = Terms(
        **defaults | terms,
        remaining=lambda: script.left,
        random=lambda: random,
        order_of=partial(order_of, account_id=1, order_id=2),
    )
    return script, Cancellation(allowed)


def play(evidence: Sequence[Evidence], *, only_read: bool = False, **options: Any) -> Play:
    """Run a call by a script."""
    script, call = prepare(evidence, **options)
    conclusion = script.run(call.read() if only_read else call.run())
    return Play(steps="; ".join(script.steps), conclusion=conclusion, script=script)


@pytest.mark.parametrize("status_code", [200, 204])
def test_a_success_is_all(status_code: int) -> None:
    """Rule 2: one token, one request; not confirmed, because nobody has read the order."""
    done = play([reply(status_code)])
    assert done.steps == "token; cancel old"
    assert (type(done.outcome), done.outcome.status_code, done.outcome.order) == (Cancelled, status_code, None)
    assert isinstance(done.outcome, Cancelled)
    assert not done.outcome.confirmed


@pytest.mark.parametrize(
    ("status_code", "kind"), {403: AppKeyRejected, 409: OrderConflict, 422: InvalidRequest}.items()
)
def test_a_refusal_stands(status_code: int, kind: type) -> None:
    """Rules 4 and 5: neither repeated nor looked into, where it is the first answer."""
    refused = play([reply(status_code)])
    assert (refused.steps, type(refused.outcome)) == ("token; cancel old", kind)


def test_401_is_answered_with_one_fresh_token() -> None:
    """Law 6: a 401 with a token from before is tried once more, at once, with another token."""
    done = play([reply(401), reply(204)])
    assert done.steps == "token; cancel old; token, not old; cancel new"
    assert type(done.outcome) is Cancelled


@pytest.mark.parametrize("second", [FRESH, Grant(NEW, fresh=False)])
def test_the_second_401_stands(second: Grant) -> None:
    """Law 6: one fresh token a call, whoever fetched it."""
    refused = play([reply(401), reply(401)], grants=[KEPT, second])
    assert refused.steps == "token; cancel old; token, not old; cancel new"
    assert type(refused.outcome) is NotAuthorized


@pytest.mark.parametrize(
    ("grant", "renewable", "steps"), [(FRESH, True, "token; cancel new"), (KEPT, False, "token; cancel old")]
)
def test_401_stands_where_no_fresh_token_is_to_be_had(grant: Grant, *, renewable: bool, steps: str) -> None:
    """Law 6: a call that has just logged in does not log in again, and a token that was given can't be renewed."""
    refused = play([reply(401)], grants=[grant], renewable=renewable)
    assert (refused.steps, type(refused.outcome)) == (steps, NotAuthorized)


def test_the_attempt_after_a_fresh_token_does_not_count() -> None:
    """RetryPolicy: even a call of one attempt gets its fresh token, and nothing more."""
    unsent = play([reply(401), SILENCE, reads("New")], policy=RetryPolicy(attempts=1))
    assert unsent.steps == "token; cancel old; token, not old; cancel new; read new"


@pytest.mark.parametrize("grants", [[NO_TOKEN], [KEPT, NO_TOKEN]], ids=["first", "second"])
def test_a_failed_log_in_gets_out_where_no_order_was_touched(grants: list[Any]) -> None:
    """The caller learns that it is the log-in; what a 401 said is not the reason any more."""
    with pytest.raises(TokenUnavailable) as caught:
        play([reply(401)] * (len(grants) - 1), grants=grants)
    assert caught.value is NO_TOKEN


def test_a_failed_log_in_after_a_suspect_is_unknown() -> None:
    """Laws 3 and 4: AuthenticationError says that no order was touched, which is no longer sure."""
    lost = play([SILENCE, reads("New"), reply(401)], grants=[KEPT, NO_TOKEN])
    assert lost.steps == "token; cancel old; read old; 0.5 s; cancel old; token, not old"
    assert (type(lost.outcome), lost.outcome.detail) == (NoReply, "reset")


def test_a_read_waits_as_long_as_it_is_told() -> None:
    """Rule 6 for reads: not sooner, and not at all where the deadline would be over."""
    assert play([reply(429, "3"), reads("New")], only_read=True).steps == "token; read old; 3 s; read old"
    assert play([reply(429, "3")], only_read=True, deadline=3.0).steps == "token; read old"
