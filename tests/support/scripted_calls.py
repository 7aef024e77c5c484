"""Run a flow over a scripted backend and record its steps, without I/O and in virtual time."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from attrs import define, field

from autoshares_cancel import Attempt, AuthenticationError, CancelError, Cancelled, RetryPolicy, TokenUnavailable
from autoshares_cancel._cancel.flow import Cancellation
from autoshares_cancel._cancel.outcomes import outcome_of
from autoshares_cancel._cancel.replies import order_of
from autoshares_cancel._cancel.success import doubt_about
from autoshares_cancel._cancel.terms import Conclusion, Terms
from autoshares_cancel._engine.run import run
from autoshares_cancel._retry.backend import What
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken, Grant

OLD, NEW = AccessToken(Secret("old"), 1.0), AccessToken(Secret("new"), 2.0)
KEPT, FRESH = Grant(OLD, fresh=False), Grant(NEW, fresh=True)
NO_TOKEN = TokenUnavailable(detail="no")
NOTHING, SILENCE = NotWritten(reason="refused"), NoResponse(reason="reset")
# With a random number of 0.5, the waits are 0.5, 1, 2, 2 seconds ...
POLICY = RetryPolicy(attempts=4, base=1.0, cap=4.0)
MOST_STEPS = 3000
"""More steps than the longest deadline allows with the shortest waits."""


def reply(status_code: int, retry_after: str = "") -> Reply:
    return Reply(status_code=status_code, headers={"Retry-After": retry_after})


def reads(status: str) -> Reply:
    """The reply to a read of an order with this status."""
    return Reply(status_code=200, body=b'{"Id": 2, "AccountId": 1, "Status": "%s"}' % status.encode())


@define(kw_only=True)
class Script:
    """The scripted backend of a call; only the call's waits move the clock."""

    evidence: list[Evidence]
    forever: Evidence | None
    """The evidence of every request after the end of the script."""
    grants: list[Grant | AuthenticationError]
    left: float
    steps: list[str] = field(factory=list[str])
    sent: list[tuple[str, Evidence]] = field(factory=list[tuple[str, Evidence]])
    limits: list[float] = field(factory=list[float])
    """The seconds that each request may take."""

    async def token(self, refused: AccessToken | None) -> Grant:
        self._step(f"token, not {refused.secret.reveal()}" if refused else "token")
        grant = self.grants.pop(0)
        if isinstance(grant, AuthenticationError):
            raise grant
        return grant

    async def send(self, what: What, token: Secret, seconds: float) -> tuple[Evidence, Attempt]:
        assert 0.0 <= seconds <= self.left, "law 7: no attempt goes beyond the deadline"
        evidence = self.evidence.pop(0) if self.evidence or self.forever is None else self.forever
        self._step(f"{what} {token.reveal()}")
        self.sent.append((what, evidence))
        self.limits.append(seconds)
        return evidence, Attempt(status_code=None, evidence=what, seconds=0.0)

    async def sleep(self, seconds: float) -> None:
        assert 0.0 <= seconds <= self.left, "law 7: no wait goes beyond the deadline"
        self.left -= seconds
        self._step(f"{seconds:g} s")

    def _step(self, step: str) -> None:
        assert len(self.steps) < MOST_STEPS, "the call does not end"
        self.steps.append(step)


@define(kw_only=True)
class Play:
    """The steps and the conclusion of a call."""

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
    """A script, and a flow over it."""
    script = Script(evidence=[*evidence], forever=forever, grants=[*grants], left=deadline)
    defaults: dict[str, Any] = {
        "policy": POLICY,
        "budget": RetryBudget(),
        "renewable": True,
        "resolve": True,
        "confirm": False,
    }
    defaults |= {"remaining": lambda: script.left, "random": lambda: random}
    allowed = Terms(
        **defaults | terms,
        order_of=partial(order_of, account_id=1, order_id=2),
        doubt_about=partial(doubt_about, account_id=1, order_id=2),
    )
    return script, Cancellation(allowed, script)


def conclude(script: Script, call: Cancellation, *, only_read: bool = False) -> Conclusion:
    """Run a call. Asserts that the script is used up, and that every request is recorded."""
    conclusion = run(call.read() if only_read else call.run())
    assert script.forever is not None or not script.evidence
    assert [each.evidence for each in conclusion.attempts] == [what for what, _ in script.sent]
    return conclusion


def play(evidence: Sequence[Evidence], *, only_read: bool = False, **options: Any) -> Play:
    """Run a call over a script."""
    script, call = prepare(evidence, **options)
    conclusion = conclude(script, call, only_read=only_read)
    return Play(steps="; ".join(script.steps), conclusion=conclusion, script=script)
