"""What a call repeats, after which wait, and when it stops: rules 1 and 6 of _retry, driven by a script."""

from typing import Any

import pytest
from support.scripted_calls import NOTHING, SILENCE, play, reads, reply

from autoshares_cancel import (
    Cancelled,
    NoReply,
    NotSent,
    OrderConflict,
    RateLimited,
    RetryPolicy,
    ServerFailed,
    UndocumentedStatus,
)
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Evidence, Reply


def test_what_did_not_leave_is_sent_again() -> None:
    """Rule 1: a request that did not leave is repeated after at least three quarters of the backoff."""
    done = play([NOTHING, NOTHING, reply(204)])
    assert done.steps == "token; cancel old; 0.875 s; cancel old; 1.75 s; cancel old"
    assert type(done.outcome) is Cancelled


def test_what_never_left_is_not_sent() -> None:
    """Rule 1: a cancel that never leaves is tried as often as the policy allows, and the order is not read."""
    unsent = play([NOTHING] * 4)
    assert unsent.steps == "token; cancel old; 0.875 s; cancel old; 1.75 s; cancel old; 3.5 s; cancel old"
    assert type(unsent.outcome) is NotSent


@pytest.mark.parametrize("random", [0.0, 0.5, 0.999])
def test_a_server_that_is_back_after_a_second_is_waited_for(random: float) -> None:
    """Rule 2 of waits: with any random number, the default policy waits more than a second in total."""
    unsent = play([NOTHING] * 5, policy=RetryPolicy(), random=random, deadline=30.0)
    assert 1.0 < 30.0 - unsent.script.left < 2.0


def test_a_request_that_did_not_leave_costs_little_of_the_budget() -> None:
    """Rule 2 of waits: such a retry costs 1, so a whole batch can wait for a server that restarts."""
    budget = RetryBudget(left=10)
    play([NOTHING, NOTHING, NOTHING, reply(403)], budget=budget)
    assert budget.left == 10 - 3 + 1


@pytest.mark.parametrize(
    ("deadline", "steps"),
    {
        3.6: "token; cancel old; 0.875 s; cancel old; 1.3625 s; cancel old; 0.68125 s; cancel old",
        0.5: "token; cancel old; 0.25 s; cancel old; 0.125 s; cancel old; 0.0625 s; cancel old",
        0.04: "token; cancel old; 0.02 s; cancel old",
        0.039: "token; cancel old",
        0.0: "token; cancel old",
    }.items(),
)
def test_no_wait_takes_all_that_is_left(deadline: float, steps: str) -> None:
    """Law 7: the client's own wait is at most half of the time left, and none if no request could follow."""
    unsent = play([], forever=NOTHING, deadline=deadline)
    assert (unsent.steps, type(unsent.outcome)) == (steps, NotSent)


@pytest.mark.parametrize("before", [reply(401), reply(429)], ids=["401", "429"])
def test_not_sent_means_that_nothing_of_the_call_left(before: Reply) -> None:
    """Law 4: after an attempt with a reply the outcome is never NotSent: a request of this call has left."""
    unsent = play([before], forever=NOTHING)
    assert type(unsent.outcome) is not NotSent


@pytest.mark.parametrize(
    ("evidence", "wait"),
    {
        "429 in seconds": (reply(429, "3"), "3 s"),
        "429 at once": (reply(429, "0"), "0.75 s"),
        "429 without a time": (reply(429), "0.75 s"),
        "429 with rubbish": (reply(429, "soon"), "0.75 s"),
    }.values(),
)
def test_the_server_says_how_long_to_wait(evidence: Reply, wait: str) -> None:
    """Rule 6: the wait is as long as Retry-After says, or a backoff if that is longer or no time is given."""
    done = play([evidence, reply(204)])
    assert done.steps == f"token; cancel old; {wait}; cancel old"
    assert type(done.outcome) is Cancelled


@pytest.mark.parametrize("status_code", [500, 502, 503, 504])
def test_an_order_is_read_after_the_wait_that_a_5xx_requests(status_code: int) -> None:
    """Rule 6: the 5xx may have taken effect, so the order is read after the wait, and cancelled only if it works."""
    again = play([reply(status_code, "9"), reads("New"), reply(204)])
    assert (again.steps, type(again.outcome)) == ("token; cancel old; 9 s; read old; cancel old", Cancelled)
    done = play([reply(status_code, "9"), reads("Canceled")])
    assert (done.steps, type(done.outcome)) == ("token; cancel old; 9 s; read old", Cancelled)


def test_waiting_that_the_server_asks_for_costs_no_attempt_and_no_budget() -> None:
    """Rule 6: a wait that the server requests costs only time. The backoffs double up to the cap."""
    policy, budget = RetryPolicy(attempts=2, base=1.0, cap=4.0), RetryBudget(left=0)
    patient = play([reply(429)] * 6 + [reply(204)], policy=policy, budget=budget, deadline=60.0)
    waits = "0.75 s; cancel old; 1.5 s; cancel old; 3 s; cancel old; 3 s; cancel old; 3 s; cancel old; 3 s; cancel old"
    assert (patient.steps, type(patient.outcome)) == (f"token; cancel old; {waits}", Cancelled)


def test_a_429_does_not_count_as_an_attempt() -> None:
    """Rule 6: after three 429s, a policy of two attempts still has both."""
    twice = RetryPolicy(attempts=2, base=0.1, cap=0.1)
    assert type(play([reply(429)] * 3 + [NOTHING, reply(204)], policy=twice).outcome) is Cancelled
    stopped = play([reply(429)] * 3 + [NOTHING] * 2, policy=twice)
    assert stopped.steps.count("cancel") == 5


def test_reads_wait_for_the_server_without_cost_as_cancels_do() -> None:
    """Rule 6 for reads: a read that the server puts off costs no attempt and no budget."""
    policy, budget = RetryPolicy(attempts=2, base=1.0, cap=4.0), RetryBudget(left=0)
    read = play([reply(429, "1")] * 4 + [reads("New")], only_read=True, policy=policy, budget=budget, deadline=60.0)
    assert read.steps == "token; read old; 1 s; read old; 1.5 s; read old; 3 s; read old; 3 s; read old"
    found = play([SILENCE, *[reply(503, "2")] * 3, reads("Canceled")], policy=policy, budget=RetryBudget(left=0))
    assert type(found.outcome) is Cancelled
    late = play([reply(429, "1")] * 3 + [SILENCE, reads("New")], only_read=True, policy=policy, deadline=60.0)
    assert late.conclusion.order is not None


@pytest.mark.parametrize(("header", "seconds"), [("99", 99.0), ("", None), ("soon", None)])
def test_a_429_until_the_deadline_is_rate_limited(header: str, seconds: float | None) -> None:
    """Law 4: the outcome is RateLimited and not unknown: the order is unchanged, so it is not read."""
    limited = play([reply(429, header)], forever=reply(429, header))
    assert isinstance(limited.outcome, RateLimited)
    assert (limited.outcome.status_code, limited.outcome.retry_after) == (429, seconds)
    assert "read" not in limited.steps


def test_a_429_after_an_attempt_that_may_have_been_acted_upon_is_no_refusal() -> None:
    """Law 4: the order is read, and the outcome is unknown if the read does not settle it."""
    lost = play([SILENCE, reads("New"), reply(429, "99"), reply(403)])
    assert type(lost.outcome) is NoReply


@pytest.mark.parametrize(
    "evidence",
    [reply(503, "86400"), reply(503), reply(500), reply(502, "10")],
    ids=["503 too long", "503 without a time", "500", "502 to the deadline"],
)
def test_without_a_wait_that_fits_the_order_is_read_at_once(evidence: Reply) -> None:
    """Rules 6 and 7: a wait that does not fit is not cut short; the order is read before any repetition."""
    over = play([evidence, reads("Filled")])
    assert over.steps == "token; cancel old; read old"
    assert type(over.outcome) is OrderConflict


def test_the_last_attempt_is_not_followed_by_a_wait() -> None:
    """One attempt switches retries off: nothing is repeated, not even a request that did not leave."""
    once = RetryPolicy(attempts=1)
    assert play([NOTHING], policy=once).steps == "token; cancel old"
    assert play([reply(429, "1")], policy=once).steps == "token; cancel old"
    unknown = play([reply(503, "1"), reads("New")], policy=once)
    assert (unknown.steps, type(unknown.outcome)) == ("token; cancel old; read old", UndocumentedStatus)


def test_an_exhausted_budget_stops_every_retry() -> None:
    """All calls of a client share one budget; without it no cancel and no failed read is repeated."""
    assert play([NOTHING], budget=RetryBudget(left=0)).steps == "token; cancel old"
    failed = play([reply(500), reads("New")], budget=RetryBudget(left=3))
    assert (failed.steps, type(failed.outcome)) == ("token; cancel old; read old", ServerFailed)
    assert play([SILENCE, SILENCE], budget=RetryBudget(left=4)).steps == "token; cancel old; read old"


@pytest.mark.parametrize(
    ("options", "left"),
    {
        "deadline": ({"deadline": 0.03}, 20),
        "attempts": ({"policy": RetryPolicy(attempts=1)}, 20),
        "read": ({}, 16),
    }.values(),
)
def test_a_budget_is_not_paid_for_a_read_that_is_not_repeated(options: dict[str, Any], left: int) -> None:
    """A retry costs 5; nothing is paid if no time or no attempt is left for it."""
    budget = RetryBudget(left=20)
    play([SILENCE], only_read=True, forever=reads("New"), budget=budget, **options)
    assert budget.left == left


@pytest.mark.parametrize(
    ("evidence", "left"),
    {
        "good": ([reply(204)], 11),
        "bad": ([reply(500), reads("New"), reply(204)], 7),
        "unsent": ([NOTHING, reply(422)], 10),
        "refused": ([reply(403)], 11),
    }.values(),
)
def test_a_budget_is_paid_for_retries_and_earns_by_good_replies(evidence: list[Evidence], left: int) -> None:
    """A retry costs 5, or 1 if the request did not leave; each reply without a sign of trouble earns 1."""
    budget = RetryBudget(left=10)
    play(evidence, budget=budget)
    assert budget.left == left
