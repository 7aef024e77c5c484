"""Whether a 200 says that the order was cancelled: only with an empty body, or an object that does not contradict.

Proxies, maintenance pages and other servers answer 200, too. The vendor documents no field of the object (its page on
cancelling an order), so every field may be there. What counts is what speaks against the cancel, at any depth, in any
spelling of its name:

1. another order or account, except in the legs of an order;
2. a status that is neither cancelled nor pending cancel;
3. an error, or a success that is denied.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, cast

from autoshares_cancel._cancel.replies import whole_number
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.status import STATES, State, status_named
from autoshares_openapi.types import unique_members

ORDERS: Final = {"id", "orderid"}
ACCOUNTS: Final = {"accountid"}
STATUSES: Final = {"status", "orderstatus"}
ERRORS: Final = {"error", "errors", "errorcode", "errormessage", "exception", "exceptionmessage", "fault", "modelstate"}
SUCCESSES: Final = {"success", "succeeded", "successful", "issuccess", "ok", "canceled", "cancelled"}
DENIALS: Final = {"false", "no", "0"}
NOTHING: Final = {"", "none", "null", "0", *DENIALS}


OK: Final = HTTPStatus.OK


def doubt_about(reply: Evidence, account_id: int, order_id: int) -> str | None:
    """Why a 200 does not prove that the order was cancelled, in words of our own.

    None where it does, and for evidence that is no 200. Pure.
    """
    if not isinstance(reply, Reply) or reply.status_code != OK:
        return None
    if not reply.is_whole:
        return "the body of the 200 was cut off"
    if not reply.body.strip():
        return None
    try:
        content = json.loads(reply.body, parse_float=Decimal, object_pairs_hook=unique_members)
        if not isinstance(content, dict):
            return "the body of the 200 is not a JSON object"
        return next(_contradictions(cast(dict[str, Any], content), account_id, order_id), None)
    except (ArithmeticError, RecursionError, ValueError):
        return "the body of the 200 is not a JSON object"


def _contradictions(fields: dict[str, Any], account_id: int, order_id: int) -> Iterator[str]:
    for name, value in fields.items():
        field = name.lower().replace("_", "")
        if field in ORDERS and value is not None and whole_number(value) != order_id:
            yield "the body of the 200 names another order"
        if field in ACCOUNTS and value is not None and whole_number(value) != account_id:
            yield "the body of the 200 names another account"
        if field in STATUSES and not _is_cancelled(value):
            yield f"the body of the 200 gives the status {status_named(value) or 'of something else'}"
        if field in ERRORS and not _is_nothing(value):
            yield "the body of the 200 reports an error"
        if field in SUCCESSES and str(value).lower() in DENIALS:
            yield "the body of the 200 denies the success"
        if field != "legs":
            yield from _within(value, account_id, order_id)


def _within(value: object, account_id: int, order_id: int) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _contradictions(cast(dict[str, Any], value), account_id, order_id)
    elif isinstance(value, list):
        for item in cast(list[object], value):
            yield from _within(item, account_id, order_id)


def _is_cancelled(status: object) -> bool:
    return status is None or STATES.get(status_named(status) or "") in {State.CANCELLED, State.PENDING}


def _is_nothing(error: object) -> bool:
    return not error or (isinstance(error, str | int) and str(error).strip().lower() in NOTHING)
