"""Decides what to do after an attempt to cancel, from its evidence, as a pure table.

1. Nothing left this machine: try again after a backoff. Without time or attempts left, the request was not sent.
2. 200 and 204: done. But a 200 whose body speaks against the cancel is evidence of something else: find out.
3. 401: get one fresh token, once in a call, if the client can and has not just logged in. Otherwise the 401 stands.
4. 403 and 422 stand; the server would give the same answer again.
5. 409 stands, and one reading explains it. But if an earlier attempt may have been acted upon, the conflict may be our
   own cancel: find out.
6. 429: the server did nothing. Try again after its time, or after a backoff if that is longer or it names none. Such
   waiting costs no attempt. If it is longer than the rest of the call, the 429 stands. 5xx with Retry-After: wait the
   same way, but find out then, because the server may have acted.
7. Any other evidence, as 500, silence or broken replies: the server may have acted. Find out, never repeat blindly.
8. If an earlier attempt may have been acted upon, a refusal, or a request that was not sent, does not settle the order
   either: find out.
9. A read changes nothing, so a read without an order is repeated while that may help. It does not help after 401, 403
   and 422, and after a whole body that is an object, but not this order.

To find out means to read the order (see _cancel.flow).
"""

import json
import re
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import Final

from autoshares_cancel._values.evidence import Evidence, NotWritten, Reply

LONGEST_WAIT: Final = 24 * 60 * 60.0
"""Seconds. Longer values of Retry-After are capped here."""

TOO_MANY: Final = HTTPStatus.TOO_MANY_REQUESTS
SERVER_ERROR: Final = HTTPStatus.INTERNAL_SERVER_ERROR
"""The first of the statuses from 500."""

_SECONDS: Final = re.compile(r"[0-9]+")


class Decision(Enum):
    """What to do next."""

    DONE = "done"
    STAND = "it stands"
    EXPLAIN = "it stands; read the order once to say why"
    FRESH_TOKEN = "again, with a fresh token"  # noqa: S105  # words
    AGAIN = "again, later"
    FIND_OUT = "find out by reading the order"


STANDING: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
"""Documented refusals of a cancel and of a read. Others may come from a proxy or a busy server, and may pass."""
DONE: Final = {HTTPStatus.OK, HTTPStatus.NO_CONTENT}


def decide(evidence: Evidence, *, acted: bool, fresh_token: bool, doubted: bool = False) -> Decision:
    """Decide what to do after an attempt to cancel. Pure and total.

    `acted`: an earlier attempt may have been acted upon. `fresh_token`: this call may still fetch one. `doubted`: the
    body of a 200 speaks against the cancel.
    """
    if isinstance(evidence, NotWritten):
        return Decision.AGAIN
    if not isinstance(evidence, Reply):
        return Decision.FIND_OUT
    status = evidence.status_code
    if status in DONE:
        return Decision.FIND_OUT if doubted else Decision.DONE
    if status == HTTPStatus.UNAUTHORIZED and fresh_token:
        return Decision.FRESH_TOKEN
    if status == HTTPStatus.CONFLICT:
        return Decision.FIND_OUT if acted else Decision.EXPLAIN
    if status in STANDING:
        return Decision.FIND_OUT if acted else Decision.STAND
    return Decision.AGAIN if status == TOO_MANY else Decision.FIND_OUT


def asks_to_wait(evidence: Evidence) -> bool:
    """Whether this is a reply that asks the client to wait: 429, or 5xx with Retry-After. Pure and total."""
    if not isinstance(evidence, Reply):
        return False
    if evidence.status_code >= SERVER_ERROR:
        return retry_after(evidence) is not None
    return evidence.status_code == TOO_MANY


def may_have_acted(evidence: Evidence) -> bool:
    """Whether the attempt may have changed the order. Pure and total."""
    if isinstance(evidence, NotWritten):
        return False
    refused = STANDING | {HTTPStatus.CONFLICT, TOO_MANY}
    return not (isinstance(evidence, Reply) and evidence.status_code in refused)


def may_pass(evidence: Evidence) -> bool:
    """Whether a repeated read may give the order that this read did not. Pure and total."""
    if not isinstance(evidence, Reply):
        return True
    # A server that describes another order has mixed up orders or replies. Its next reply could name the right order
    # and describe the wrong one, and the client would believe it (law 1).
    return evidence.status_code not in STANDING and not _describes_something(evidence)


def _describes_something(reply: Reply) -> bool:
    try:
        return reply.status_code == HTTPStatus.OK and reply.is_whole and isinstance(json.loads(reply.body), dict)
    except (ValueError, RecursionError):
        return False


def is_trouble(evidence: Evidence) -> bool:
    """Whether the evidence shows that the server or the network is in trouble. Pure and total."""
    if not isinstance(evidence, Reply):
        return True
    return evidence.status_code >= SERVER_ERROR or evidence.status_code == TOO_MANY


def retry_after(reply: Evidence | None) -> float | None:
    """The seconds that the server asks to wait, from 0 to LONGEST_WAIT; None without a valid Retry-After. Pure.

    A date is compared with the reply's own Date, because the clocks of two machines may differ.
    """
    if not isinstance(reply, Reply):
        return None
    header = reply.retry_after.strip()
    if _SECONDS.fullmatch(header):
        return min(float(header), LONGEST_WAIT)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # slow to load, rarely needed

    try:
        wait = parsedate_to_datetime(header) - parsedate_to_datetime(reply.date)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()).total_seconds(), LONGEST_WAIT)
