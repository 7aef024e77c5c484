"""The decision for each evidence, and the time that a server asks to wait."""

from email.utils import format_datetime, parsedate_to_datetime
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoshares_cancel._retry.decision import (
    LONGEST_WAIT,
    Decision,
    asks_to_wait,
    decide,
    is_trouble,
    may_have_acted,
    may_pass,
    retry_after,
)
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_openapi.api.orders import cancel_order

NOTHING, SILENCE = NotWritten(reason="refused"), NoResponse(reason="reset")
NOW = "Sun, 06 Nov 1994 08:49:37 GMT"
REFUSALS = {401, 403, 409, 422}

DOCUMENTED = {
    200: Decision.DONE,
    204: Decision.DONE,
    401: Decision.STAND,
    403: Decision.STAND,
    409: Decision.EXPLAIN,
    422: Decision.STAND,
    500: Decision.FIND_OUT,
}
"""The decisions after the first attempt of a call, if no fresh token is available."""


def reply(status_code: int, retry_after: str = "", date: str = NOW) -> Reply:
    return Reply(status_code=status_code, headers={"Retry-After": retry_after, "Date": date})


def test_the_table_of_this_test_is_complete() -> None:
    """Law 2: a new status of the specification must have a decision here, too."""
    assert set(DOCUMENTED) == set(cancel_order.STATUSES)


@pytest.mark.parametrize("status_code", DOCUMENTED)
def test_every_documented_status_has_its_decision(status_code: int) -> None:
    """Rules 2 to 5 and 7: every documented status is done, stands, or is to be found out."""
    assert decide(reply(status_code), acted=False, fresh_token=False) is DOCUMENTED[status_code]


@pytest.mark.parametrize("status_code", DOCUMENTED)
def test_a_refusal_after_a_possible_cancel_settles_nothing(status_code: int) -> None:
    """Rules 5 and 8: after an attempt that may have been acted upon, a refusal does not settle the order."""
    expected = Decision.FIND_OUT if status_code in REFUSALS else DOCUMENTED[status_code]
    assert decide(reply(status_code), acted=True, fresh_token=False) is expected


@pytest.mark.parametrize("acted", [False, True])
def test_a_fresh_token_is_for_401_alone(*, acted: bool) -> None:
    """Rule 3: a 401 gets a fresh token if one is available; no other decision depends on it."""
    for status_code in range(100, 1000):
        without = decide(reply(status_code), acted=acted, fresh_token=False)
        expected = Decision.FRESH_TOKEN if status_code == 401 else without
        assert decide(reply(status_code), acted=acted, fresh_token=True) is expected


def test_every_other_status_is_found_out() -> None:
    """Rule 7: after an undocumented status the server may have acted, except after 429."""
    for status_code, acted, fresh in product(range(1000), (False, True), (False, True)):
        if status_code not in DOCUMENTED:
            expected = Decision.AGAIN if status_code == 429 else Decision.FIND_OUT
            assert decide(reply(status_code), acted=acted, fresh_token=fresh) is expected


@pytest.mark.parametrize("acted", [False, True])
@pytest.mark.parametrize("fresh", [False, True])
def test_a_request_that_did_not_leave_differs_from_silence(*, acted: bool, fresh: bool) -> None:
    """Rules 1 and 7: a request that did not leave is sent again; after silence the client finds out first."""
    assert decide(NOTHING, acted=acted, fresh_token=fresh) is Decision.AGAIN
    assert decide(SILENCE, acted=acted, fresh_token=fresh) is Decision.FIND_OUT


@pytest.mark.parametrize("acted", [False, True])
def test_a_wait_changes_no_decision(*, acted: bool) -> None:
    """Rule 6: Retry-After changes no decision; it only delays the next attempt."""
    for status_code in range(100, 1000):
        silent = decide(reply(status_code), acted=acted, fresh_token=False)
        assert decide(reply(status_code, "1"), acted=acted, fresh_token=False) is silent


@pytest.mark.parametrize(
    ("evidence", "patience"),
    {
        "429": (reply(429), True),
        "429 with seconds": (reply(429, "5"), True),
        "429 with rubbish": (reply(429, "soon"), True),
        "503": (reply(503), False),
        "503 with seconds": (reply(503, "5"), True),
        "503 at once": (reply(503, "0"), True),
        "503 with rubbish": (reply(503, "soon"), False),
        "500": (reply(500), False),
        "500 with seconds": (reply(500, "5"), True),
        "599 with seconds": (reply(599, "5"), True),
        "499 with seconds": (reply(499, "5"), False),
        "204 with seconds": (reply(204, "5"), False),
    }.values(),
)
def test_which_replies_ask_to_wait(evidence: Reply, *, patience: bool) -> None:
    """Rule 6: 429 always asks to wait, 5xx only with a valid Retry-After."""
    assert asks_to_wait(evidence) is patience


def test_what_may_have_acted() -> None:
    """Law 4: the server may have acted, unless nothing left this machine, or it refused, or it sent 429."""
    assert not may_have_acted(NOTHING)
    assert may_have_acted(SILENCE)
    innocent = {code for code in range(1000) if not may_have_acted(reply(code, "5"))}
    assert innocent == REFUSALS | {429}


def test_what_is_a_sign_of_trouble() -> None:
    """No reply, any 5xx, and a request to wait are trouble; every other reply shows a sound server."""
    assert is_trouble(NOTHING)
    assert is_trouble(SILENCE)
    assert {code for code in range(1000) if is_trouble(reply(code, "5"))} == {429, *range(500, 1000)}


@pytest.mark.parametrize(
    ("header", "seconds"),
    {
        "0": 0.0,
        "7": 7.0,
        " 7\t": 7.0,
        "007": 7.0,
        "86400": LONGEST_WAIT,
        "86401": LONGEST_WAIT,
        "999999999": LONGEST_WAIT,
        "": None,
        "-5": None,
        "1.5": None,
        "1e3": None,
        "+5": None,
        "5 s": None,
        "soon": None,
        "٣": None,  # a digit, but not one of HTTP's
        "Sun, 06 Nov 1994 08:49:37 GMT": 0.0,
        "Sun, 06 Nov 1994 08:49:47 GMT": 10.0,
        "Sun, 06 Nov 1994 09:49:47 +0100": 10.0,
        "Sun, 06 Nov 1994 08:49:27 GMT": 0.0,
        "Fri, 06 Nov 2093 08:49:27 GMT": LONGEST_WAIT,
        "Sunday, 06-Nov-94 08:49:47 GMT": 10.0,
        "Sun, 06 Nov 1994 08:49:47": None,
        "Sun, 99 Nov 1994 08:49:47 GMT": None,
        "Sun, 06 Nov 1994 08:49:47 +99999999999999999999": None,
    }.items(),
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    """The wait is exactly the server's, up to a day; None for a header that is invalid."""
    assert retry_after(reply(429, header)) == seconds


def test_a_read_may_pass_unless_it_was_answered() -> None:
    """Rule 9: a read is not repeated after a refusal or a whole object of another order; any other reply may pass."""
    assert [status for status in range(1000) if not may_pass(reply(status))] == [401, 403, 422]
    assert may_pass(SILENCE)
    assert may_pass(NOTHING)
    assert not may_pass(Reply(status_code=200, body=b'{"Id": 3}'))
    for body in (b'{"Id": 3', b'[{"Id": 3}]', b"null", b"\xff", b"[" * 100_000):
        assert may_pass(Reply(status_code=200, body=body))
    assert may_pass(Reply(status_code=200, body=b'{"Id": 3}', is_whole=False))
    assert may_pass(Reply(status_code=404, body=b'{"Message": "gone"}'))


@pytest.mark.parametrize("header", ["1000000000", "9" * 30, "9" * 5000])
def test_a_number_of_seconds_that_is_huge_is_still_one(header: str) -> None:
    """A huge number of seconds is capped at a day, not ignored."""
    assert retry_after(reply(429, header)) == LONGEST_WAIT


@pytest.mark.parametrize("date", ["", "now", "Sun, 06 Nov 1994 08:49:37"])
def test_a_date_says_nothing_without_the_servers_own(date: str) -> None:
    """Two clocks may differ, so a date counts only with the reply's own Date; seconds need none."""
    assert retry_after(reply(429, "Sun, 06 Nov 1994 08:49:47 GMT", date)) is None
    assert retry_after(reply(429, "10", date)) == 10.0


@given(st.integers(-100_000, 100_000))
def test_dates_are_held_against_the_replys_own(seconds: int) -> None:
    """A date is the number of seconds after the reply's Date, from 0 to a day."""
    now = parsedate_to_datetime(NOW)
    then = format_datetime(now.fromtimestamp(now.timestamp() + seconds, now.tzinfo))
    assert retry_after(reply(429, then)) == min(max(seconds, 0), LONGEST_WAIT)


words = st.sampled_from(
    ["Sun", "Sun,", "06", "Nov", "Nov-", "-0000", "GMT", "+9999999999", "-99", "1994", "9" * 19, "24:00:60", ":9", "٣"]
)
lines = st.lists(words | st.text(max_size=4), max_size=7).map(" ".join)


@given(lines, lines | st.just(NOW), st.sampled_from([429, 503]))
@example("Sun, 06 Nov 1994 08:49:47 -0000", NOW, 503)
def test_rubbish_is_never_an_exception(header: str, date: str, status_code: int) -> None:
    """Law 3: for any values of the two headers there is a decision, and the wait is from 0 to a day."""
    evidence: Evidence = reply(status_code, header, date)
    seconds = retry_after(reply(status_code, header, date))
    assert seconds is None or 0.0 <= seconds <= LONGEST_WAIT
    assert decide(evidence, acted=False, fresh_token=True) in {Decision.AGAIN, Decision.FIND_OUT}
