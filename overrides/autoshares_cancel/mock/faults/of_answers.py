"""Faults of the answer: a valid 200 that does not come from the API, and does not confirm the cancel."""

from __future__ import annotations

import json
import re

from attrs import evolve

from autoshares_cancel.mock.faults.fault import EITHER, Fault
from autoshares_cancel.mock.faults.plans import IntactReply, Plan, measured

_NUMBER = re.compile(r"orders/0*([0-9]+)")
_PAGE = b"<!DOCTYPE html><title>Maintenance</title><p>We will be back soon.</p>"
_DENIAL = b'{"success": false}'
_ANOTHER_STATUS = b'{"Status": "Rejected"}'
_ERROR = b'{"error": "Unexpected server error"}'


def _instead(reply: IntactReply, body: bytes, content_type: bytes = b"application/json") -> Plan:
    bare = reply.without(b"content-length", b"content-type", b"transfer-encoding")
    answer = evolve(bare, status_line=b"HTTP/1.1 200 OK", body=body)
    return (measured(answer.having(b"content-type", content_type)).data,)


def _another_order(reply: IntactReply) -> Plan:
    asked = _NUMBER.search(reply.target)
    number = int(asked[1]) + 1 if asked else 1
    return _instead(reply, json.dumps({"Id": number, "Status": "Canceled"}).encode())


ANSWER_FAULTS = (
    Fault(
        70, "200-maintenance-page", "200 with a maintenance page", lambda it: _instead(it, _PAGE, b"text/html"), EITHER
    ),
    Fault(71, "200-another-order", "200 with the object of another order, cancelled", _another_order, EITHER),
    Fault(72, "200-no-success", "200 with an object that denies the success", lambda it: _instead(it, _DENIAL), EITHER),
    # Without an Id, so that a reading can't take the object for the order.
    Fault(73, "200-rejected", "200 with a status of Rejected", lambda it: _instead(it, _ANOTHER_STATUS), EITHER),
    Fault(74, "200-error", "200 with an error", lambda it: _instead(it, _ERROR), EITHER),
    Fault(75, "200-no-object", "200 with a text in place of an object", lambda it: _instead(it, b'"OK"'), EITHER),
)
