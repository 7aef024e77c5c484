"""What may be tried again: evidence of a cancel → decision, as a pure table.

1. Nothing left this machine: again, after a backoff. When there is no more time or no more attempt, it was not sent.
2. 200 and 204: done.
3. 401: one fresh token, once in a call, where one can be had and this call has not just logged in. Else it stands.
4. 403 and 422: they stand; the server will say the same again.
5. 409: it stands. But once an attempt of ours may have been acted upon, it may be our own cancel that won: find out.
6. 429, and 503 with Retry-After: again, after as long as the server says, or after a backoff where it says nothing.
   Where that is longer than the call has left, find out.
7. Everything else may have been acted upon, 500, silence and rubbish among it: find out, never repeat blindly.
8. Once an attempt may have been acted upon, a refusal or a request that was not sent does not say what became of the
   order, either: find out.

9. A read changes nothing: what brings no order is asked again, as long as it may pass. 401, 403 and 422 will not, and
   neither will a whole object that is another order.

To find out is to read the order (see _cancel.flow). A 503 may have been acted upon, too; a 429 was not.
"""

import json
import re
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import Final

from autoshares_cancel._values.evidence import Evidence, NotWritten, Reply

LONGEST_WAIT: Final = 24 * 60 * 60.0
"""Seconds; whoever says to wait longer says never."""

_SECONDS: Final = re.compile(r"[0-9]+")


class Decision(Enum):
    """What to do next."""

    DONE = "done"
    STAND = "it stands"
    FRESH_TOKEN = "again, with a fresh token"  # noqa: S105  # words
    AGAIN = "again, later"
    FIND_OUT = "find out by reading the order"


STANDING: Final = {HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT}
DONE: Final = {HTTPStatus.OK, HTTPStatus.NO_CONTENT}
UNREADABLE: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
"""Documented refusals of a read; those that are left may be a proxy's, or somebody's who is busy."""


def decide(evidence: Evidence, *, acted: bool, fresh_token: bool) -> Decision:
    """What to do after an attempt to cancel. Pure and total.

    `acted` says that an earlier attempt may have been acted upon, `fresh_token` that one may still be fetched.
    """
    if isinstance(evidence, NotWritten):
        return Decision.AGAIN
    if not isinstance(evidence, Reply):
        return Decision.FIND_OUT
    status = evidence.status_code
    if status in DONE:
        return Decision.DONE
    if status == HTTPStatus.UNAUTHORIZED and fresh_token:
        return Decision.FRESH_TOKEN
    if status in STANDING | {HTTPStatus.UNAUTHORIZED}:
        return Decision.FIND_OUT if acted else Decision.STAND
    return Decision.AGAIN if told_to_wait(evidence) else Decision.FIND_OUT


def told_to_wait(reply: Reply) -> bool:
    """Whether this asks for patience."""
    if reply.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        return retry_after(reply) is not None
    return reply.status_code == HTTPStatus.TOO_MANY_REQUESTS


def may_have_acted(evidence: Evidence) -> bool:
    """Whether the order may be another one after this. Pure and total."""
    if isinstance(evidence, NotWritten):
        return False
    refused = STANDING | {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}
    return not (isinstance(evidence, Reply) and evidence.status_code in refused)


def may_pass(evidence: Evidence) -> bool:
    """Whether a read that brought no order may bring it when it is made again. Pure and total."""
    if not isinstance(evidence, Reply):
        return True
    # Who was asked for one order and describes another one whole has mixed up orders or replies. Asked again it might
    # as well put the right number to the wrong order, and that would be believed (law 1).
    return evidence.status_code not in UNREADABLE and not _describes_something(evidence)


def _describes_something(reply: Reply) -> bool:
    try:
        return reply.status_code == HTTPStatus.OK and isinstance(json.loads(reply.body), dict)
    except (ValueError, RecursionError):
        return False


def is_trouble(evidence: Evidence) -> bool:
    """Whether this is a sign that the server, or the way there, is in trouble."""
    if not isinstance(evidence, Reply):
        return True
    return evidence.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or told_to_wait(evidence)


def retry_after(reply: Reply) -> float | None:
    """Seconds that the server asks to wait, from 0; None where it says nothing that can be understood.

    A date is held against the reply's own Date, so that the clocks of two machines need not agree.
    """
    told = reply.retry_after.strip()
    if _SECONDS.fullmatch(told):
        return min(float(told), LONGEST_WAIT)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # slow to load, and hardly ever needed

    try:
        wait = parsedate_to_datetime(told) - parsedate_to_datetime(reply.date)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()).total_seconds(), LONGEST_WAIT)
