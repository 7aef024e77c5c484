"""What may be tried again: the decisions, driven by hand."""

from typing import Any

import pytest

from autoshares_cancel import Attempt
from autoshares_cancel._auth import AccessToken
from autoshares_cancel._evidence import Evidence, NothingLeft, Reply, Silence
from autoshares_cancel._retry import GetToken, Grant, SendCancel, cancellation
from autoshares_cancel._secret import Secret

OLD, NEW = AccessToken(Secret("old"), 1.0), AccessToken(Secret("new"), 2.0)
REFUSED = Reply(status_code=401)


def drive(
    evidence: list[Evidence], grants: list[Grant], *, renewable: bool = True
) -> tuple[list[Any], Evidence, list[str]]:
    """What was asked for and sent, the evidence that counts, and the attempts, named by their tokens."""
    steps, seen = cancellation(renewable=renewable), list[Any]()
    answer: Any = None
    for _ in range(10):
        try:
            step = steps.send(answer)
        except StopIteration as end:
            assert not evidence
            assert not grants
            return seen, end.value[0], [attempt.evidence for attempt in end.value[1]]
        if isinstance(step, GetToken):
            seen.append(step.refused)
            answer = grants.pop(0)
        else:
            assert isinstance(step, SendCancel)
            seen.append(step.token.reveal())
            sent = evidence.pop(0)
            answer = sent, Attempt(status_code=None, evidence=seen[-1], seconds=0.0)
    raise AssertionError("the call does not end")


def test_401_is_answered_with_one_fresh_token() -> None:
    """Law 6: a 401 with a token from before is tried once more, with another token; both attempts are remembered."""
    done = Reply(status_code=204)
    grants = [Grant(OLD, fresh=False), Grant(NEW, fresh=True)]
    assert drive([REFUSED, done], grants) == ([None, "old", OLD, "new"], done, ["old", "new"])


@pytest.mark.parametrize("second", [Grant(NEW, fresh=True), Grant(NEW, fresh=False)])
def test_the_second_401_stands(second: Grant) -> None:
    """Law 6: one fresh token a call, whoever fetched it."""
    grants = [Grant(OLD, fresh=False), second]
    assert drive([REFUSED, REFUSED], grants) == ([None, "old", OLD, "new"], REFUSED, ["old", "new"])


def test_401_with_a_token_of_this_call_stands() -> None:
    """Law 6: a call that has just logged in does not log in again."""
    assert drive([REFUSED], [Grant(NEW, fresh=True)]) == ([None, "new"], REFUSED, ["new"])


def test_401_with_a_given_token_stands() -> None:
    """A token that was given can't be renewed."""
    assert drive([REFUSED], [Grant(OLD, fresh=False)], renewable=False) == ([None, "old"], REFUSED, ["old"])


@pytest.mark.parametrize(
    "evidence",
    [
        *(Reply(status_code=code) for code in (200, 204, 403, 409, 422, 429, 500, 503)),
        Silence(reason=""),
        NothingLeft(reason=""),
    ],
    ids=str,
)
def test_nothing_else_is_tried_again(evidence: Evidence) -> None:
    """A cancel that may have been acted upon is not repeated blindly."""
    assert drive([evidence], [Grant(OLD, fresh=False)]) == ([None, "old"], evidence, ["old"])
