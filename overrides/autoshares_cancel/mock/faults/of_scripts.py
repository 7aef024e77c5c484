"""Replies that scripts send: any status with any body, or the unchanged reply. They also work without a port."""

from __future__ import annotations

from http import HTTPStatus

from attrs import evolve

from autoshares_cancel.mock._replies import interim_headers, is_bodiless
from autoshares_cancel.mock._settings import Answer
from autoshares_cancel.mock.faults.fault import EITHER, Fault
from autoshares_cancel.mock.faults.plans import Act, IntactReply, Plan, Wait, measured

_SUCCESSES = range(200, 300)
_REPLACED = (b"content-length", b"content-type", b"transfer-encoding", b"retry-after", b"allow")


def unchanged(name: str, summary: str) -> Fault:
    """Make a fault that leaves the reply unchanged."""
    return Fault(0, name, summary, lambda reply: (reply.data,), needs_wire=False)


def scripted(answer: Answer, *, own_body: bool, delay: float = 0, honest: bool = False) -> Fault:
    """Make a fault that sends `answer` after `delay` seconds; a success without its own body keeps the reply's body.

    An `honest` success is sent only if the request succeeded; otherwise the reply stays unchanged.
    """

    def plan(reply: IntactReply) -> Plan:
        is_success = answer.status in _SUCCESSES
        keeps_body = is_success and not own_body
        is_kept = (honest or keeps_body) and is_success and reply.status not in _SUCCESSES
        sent = reply if is_kept else _answer(reply, answer, reply.body if keeps_body else answer.body.encode())
        closing: Plan = (Act.CLOSE,) if sent.status < 200 else ()  # noqa: PLR2004 - where final statuses begin
        return ((Wait(delay),) if delay else ()) + (sent.data, *closing)

    return Fault(0, str(answer.status), f"{answer.status} by a script", plan, EITHER, needs_wire=False)


def _answer(reply: IntactReply, answer: Answer, body: bytes) -> IntactReply:
    bodiless = is_bodiless(answer.status)
    given = answer.headers | interim_headers(answer.status)
    if body and not bodiless and "content-type" not in map(str.lower, given):
        given = {"Content-Type": "application/json", **given}
    headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items())
    bare = reply.without(*_REPLACED)
    line = f"HTTP/1.1 {answer.status} {_phrase(answer.status)}".encode()
    sent = evolve(bare, status_line=line, headers=(*bare.headers, *headers), body=b"" if bodiless else body)
    return sent if bodiless else measured(sent)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
