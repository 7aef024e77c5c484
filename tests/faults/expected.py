"""The client's outcome for every fault of the mock's catalogue: one table."""

from typing import Literal

from attrs import frozen

from autoshares_cancel import (
    CancelError,
    Cancelled,
    NoReply,
    NotAuthorized,
    OrderConflict,
    OutcomeUnknown,
    RateLimited,
    ServerFailed,
    UndocumentedStatus,
)


@frozen
class Row:
    """The outcome of a fault.

    `ends` names what ends a call that the server does not end: the time-out of one read, or the deadline. `kept`
    marks a connection that may be used again; `then` has the outcomes of the later calls.
    """

    outcome: type[Cancelled | CancelError]
    status_code: int | None = None
    ends: Literal["silence", "deadline"] | None = None
    kept: bool = False
    then: tuple[type[CancelError], ...] = (OrderConflict,)


LOST = Row(NoReply)
DONE = Row(Cancelled, 200)
GONE = Row(Cancelled, 204)
DOUBTED = Row(OutcomeUnknown, 200)
"""A 200 whose body is incomplete or does not mention a cancel."""

EXPECTED: dict[str, Row] = {
    "reset-on-accept": LOST,
    "reset-during-request": LOST,
    "reset-after-request": LOST,
    "reset-in-head": LOST,
    "reset-in-body": DOUBTED,
    "close-without-reply": LOST,
    "close-in-status-line": LOST,
    "close-in-head": LOST,
    "close-after-reply": GONE,
    # The request may have left before the client saw the connection's end, so it may have been acted upon.
    "close-on-reuse": Row(Cancelled, 204, kept=True, then=(NoReply, OrderConflict)),
    "stall": Row(NoReply, ends="silence"),
    "stall-in-head": Row(NoReply, ends="silence"),
    "stall-in-body": Row(OutcomeUnknown, 200, ends="silence"),
    "drip": Row(NoReply, ends="deadline"),
    "drip-body": Row(OutcomeUnknown, 200, ends="deadline"),
    "two-replies": GONE,
    "late-reply": GONE,
    "truncated-body": DOUBTED,
    "length-too-long": Row(OutcomeUnknown, 200, ends="silence"),
    "length-too-short": DOUBTED,
    "two-lengths": LOST,
    "broken-chunks": DOUBTED,
    "cut-chunks": DOUBTED,
    "length-and-chunks": DONE,
    "204-with-a-body": GONE,
    "304-with-a-reply": Row(UndocumentedStatus, 304),
    "unknown-encoding": Row(Cancelled, 200, kept=True),
    "false-gzip": Row(Cancelled, 200, kept=True),
    "gzip-bomb": DOUBTED,
    "bad-content-type": Row(Cancelled, 200, kept=True),
    "huge-head": LOST,
    "invalid-status-line": LOST,
    "status-0": LOST,
    "status-000": LOST,
    "status-1000": LOST,
    "status-999": Row(UndocumentedStatus, 999),
    "http-0.9": LOST,
    "http-1.0": DONE,
    "garbage": LOST,
    "continue-first": GONE,
    "early-hints-first": GONE,
    "early-hints-only": LOST,
    "switching-protocols": LOST,
    **{
        f"{status}-{wait}": Row(kind, status, kept=True)
        for status, kind in ((429, RateLimited), (503, UndocumentedStatus))
        for wait in ("at-once", "in-a-second")
    },
    "429-in-an-hour": Row(RateLimited, 429, kept=True),
    "503-in-an-hour": Row(UndocumentedStatus, 503, kept=True),
    "200-maintenance-page": Row(OutcomeUnknown, 200, kept=True),
    "200-another-order": Row(OutcomeUnknown, 200, kept=True),
    "200-no-success": Row(OutcomeUnknown, 200, kept=True),
    "200-rejected": Row(OutcomeUnknown, 200, kept=True),
    "200-error": Row(OutcomeUnknown, 200, kept=True),
    "200-no-object": Row(OutcomeUnknown, 200, kept=True),
    "401": Row(NotAuthorized, 401, kept=True),
    "404": Row(UndocumentedStatus, 404, kept=True),
    "429": Row(RateLimited, 429, kept=True),
    "500": Row(ServerFailed, 500, kept=True),
    "503": Row(UndocumentedStatus, 503, kept=True),
    "201-with-the-reply": Row(UndocumentedStatus, 201, kept=True),
    "500-with-the-reply": Row(ServerFailed, 500, kept=True),
    **{
        f"redirect-{status}-{goal}": Row(UndocumentedStatus, status, kept=True)
        for status in (301, 302, 303, 307, 308)
        for goal in ("itself", "other", "http")
    },
}

DOUBTFUL: frozenset[str] = frozenset(name for name, row in EXPECTED.items() if row.outcome is OutcomeUnknown)
"""Faults that give a 200 that proves nothing."""
