"""Faults of the status: a valid reply with the wrong status, without a Retry-After."""

from __future__ import annotations

from http import HTTPStatus

from attrs import evolve

from autoshares_cancel.mock.faults.fault import BEFORE, EITHER, Fault, When
from autoshares_cancel.mock.faults.plans import IntactReply, Plan, measured, with_body


def _with_status(reply: IntactReply, status: HTTPStatus) -> IntactReply:
    return evolve(reply, status_line=f"HTTP/1.1 {status} {status.phrase}".encode())


def _bare(reply: IntactReply, status: HTTPStatus) -> Plan:
    bare = evolve(reply, body=b"").without(b"content-length", b"content-type", b"transfer-encoding", b"retry-after")
    return (measured(_with_status(bare, status)).data,)


def _bare_fault(number: int, status: HTTPStatus, whens: tuple[When, ...]) -> Fault:
    return Fault(number, str(int(status)), f"{status} without a body", lambda reply: _bare(reply, status), whens)


def _dressed_fault(number: int, status: HTTPStatus) -> Fault:
    name, summary = f"{status}-with-the-reply", f"{status} with the body that belongs to the reply"
    return Fault(number, name, summary, lambda reply: (measured(_with_status(with_body(reply), status)).data,))


STATUS_FAULTS = (
    # A client takes a 401 or 429 as proof that the request was not carried out, so it must not have been.
    _bare_fault(80, HTTPStatus.UNAUTHORIZED, BEFORE),
    _bare_fault(81, HTTPStatus.NOT_FOUND, EITHER),
    _bare_fault(82, HTTPStatus.TOO_MANY_REQUESTS, BEFORE),
    _bare_fault(83, HTTPStatus.INTERNAL_SERVER_ERROR, EITHER),
    _bare_fault(84, HTTPStatus.SERVICE_UNAVAILABLE, EITHER),
    _dressed_fault(85, HTTPStatus.CREATED),
    _dressed_fault(86, HTTPStatus.INTERNAL_SERVER_ERROR),
)
