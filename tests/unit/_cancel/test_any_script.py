"""Laws 1, 4 and 7 hold for any sequence of replies and network failures."""

from typing import Any

from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st
from support.scripted_calls import FRESH, KEPT, NO_TOKEN, NOTHING, SILENCE, conclude, prepare, reads, reply

from autoshares_cancel import (
    AuthenticationError,
    CancelError,
    Cancelled,
    NotSent,
    OrderConflict,
    Refused,
    RetryPolicy,
)
from autoshares_cancel._cancel.outcomes import outcome_of
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence, NotWritten, Reply
from autoshares_cancel._values.status import STATES, State
from autoshares_cancel._values.token import Grant

REFUSALS = {401, 403, 409, 422}

answers = (
    st.sampled_from([NOTHING, SILENCE, reply(429, "2"), reply(429), reply(503, "1"), reply(503, "60"), reply(418)])
    | st.sampled_from([200, 204, *REFUSALS, 500]).map(reply)
    | st.sampled_from([*STATES, "Frozen"]).map(reads)
)
"""Each can answer a cancel or a read: a 200 with an order in it is a possible reply to a cancel, too."""

TYPICAL: Any = {
    "grants": (KEPT, FRESH),
    "deadline": 3.0,
    "attempts": 2,
    "left": 500,
    "random": 0.3,
    "resolve": True,
    "confirm": False,
}


def is_plain(success: Evidence) -> bool:
    """Whether the body of one of these answers is empty, or gives a status that fits a cancel."""
    body = success.body.decode() if isinstance(success, Reply) else ""
    return not body or '"Canceled"' in body or '"PendingCancel"' in body


@frozen(kw_only=True)
class Facts:
    """The facts that an outcome is compared with. They are derived from the script alone."""

    codes: list[int | None]
    """The status of each cancel; None where no reply came."""
    plain: list[bool]
    """For each cancel: whether its reply is a success and its body does not contradict that."""
    suspect: bool
    """Whether an attempt has taken effect, or may have."""
    all_unsent: bool
    last_read: str

    @property
    def succeeded(self) -> bool:
        """Whether a reply says that the order is cancelled."""
        return any(self.plain)

    @property
    def last_code(self) -> int | None:
        """The status of the reply to the last cancel."""
        return self.codes[-1]

    @classmethod
    def of(cls, sent: list[tuple[str, Evidence]]) -> "Facts":
        cancels = [evidence for what, evidence in sent if what == "cancel"]
        codes = [evidence.status_code if isinstance(evidence, Reply) else None for evidence in cancels]
        innocent = [
            isinstance(one, NotWritten) or code in REFUSALS | {429} for one, code in zip(cancels, codes, strict=True)
        ]
        what, last = sent[-1] if sent else ("", NOTHING)
        body = last.body.decode() if what == "read" and isinstance(last, Reply) else ""
        return cls(
            codes=codes,
            plain=[code in {200, 204} and is_plain(one) for one, code in zip(cancels, codes, strict=True)],
            suspect=not all(innocent),
            all_unsent=all(isinstance(one, NotWritten) for one in cancels),
            last_read=next((status for status in STATES if f'"{status}"' in body), ""),
        )


@given(
    evidence=st.lists(answers, max_size=8),
    forever=answers,
    grants=st.sampled_from([(KEPT, FRESH), (KEPT, NO_TOKEN), (FRESH,)]),
    deadline=st.sampled_from([0.0, 0.5, 3.0, 20.0]),
    attempts=st.integers(1, 4),
    left=st.sampled_from([0, 7, 500]),
    random=st.sampled_from([0.0, 0.3, 0.99]),
    resolve=st.booleans(),
    confirm=st.booleans(),
)
@example(**TYPICAL | {"evidence": [reply(429, "60")], "forever": reads("Canceled")})
@example(**TYPICAL | {"evidence": [reply(401)], "forever": NOTHING})
@example(**TYPICAL | {"evidence": [reply(204)], "forever": reply(401), "grants": (KEPT, NO_TOKEN), "confirm": True})
@example(**TYPICAL | {"evidence": [SILENCE, reads("New")], "forever": reply(409)})
@example(**TYPICAL | {"evidence": [SILENCE], "forever": reads("PendingCancel"), "random": 0.0})
def test_the_outcome_is_never_more_than_what_is_known(
    *,
    evidence: list[Evidence],
    forever: Evidence,
    grants: tuple[Grant | AuthenticationError, ...],
    deadline: float,
    attempts: int,
    left: int,
    random: float,
    resolve: bool,
    confirm: bool,
) -> None:
    """Laws 1, 4 and 7: every call ends in bounded steps within its deadline, and reports a true outcome.

    The script itself checks the steps and waits.
    """
    script, call = prepare(
        evidence,
        forever=forever,
        grants=grants,
        deadline=deadline,
        policy=RetryPolicy(attempts=attempts, base=1.0, cap=4.0),
        budget=RetryBudget(left=left),
        random=random,
        resolve=resolve,
        confirm=confirm,
    )
    try:
        conclusion = conclude(script, call)
    except AuthenticationError:
        assert not Facts.of(script.sent).suspect, "law 4: an order may have been touched"
        return
    check(outcome_of(conclusion, account_id=1, order_id=2, secrets=()), Facts.of(script.sent), confirm=confirm)


def check(outcome: Cancelled | CancelError, facts: Facts, *, confirm: bool) -> None:
    """Check law 1 for Cancelled, law 4 for the others, and that no known outcome is reported as unknown."""
    state = outcome.order.state if outcome.order else None
    match outcome:
        case Cancelled():
            read = facts.suspect and facts.last_read == "Canceled"
            assert read if outcome.confirmed else facts.succeeded
            assert outcome.confirmed or not confirm
        case OrderConflict(order=None):
            assert facts.last_code == 409
            assert not facts.suspect
        case OrderConflict():
            # A plain 409 stands, whatever status the order has.
            assert state is State.OVER or (facts.last_code == 409 and not facts.suspect)
            assert outcome.order is not None
            assert facts.last_read == outcome.order.status
        case Refused():
            assert not facts.suspect
        case NotSent():
            assert facts.all_unsent
        case _:
            assert facts.suspect
            assert not facts.succeeded or confirm
