"""The catalogue of all faults. Redirects and replies with a Retry-After are defined here.

Numbers are stable, so that order 9100NNN always means the same fault. Each group has room for more.
"""

from __future__ import annotations

from itertools import product
from urllib.parse import urlsplit

from attrs import evolve

from autoshares_cancel.mock.faults.fault import BEFORE, EITHER, Fault, When
from autoshares_cancel.mock.faults.of_answers import ANSWER_FAULTS
from autoshares_cancel.mock.faults.of_connections import CONNECTION_FAULTS
from autoshares_cancel.mock.faults.of_messages import ENCODING_FAULTS, HEAD_FAULTS, LENGTH_FAULTS
from autoshares_cancel.mock.faults.of_statuses import STATUS_FAULTS
from autoshares_cancel.mock.faults.plans import IntactReply, Plan, measured

FIRST_FAULT_ORDER = 9_100_000

_REDIRECTS = {301: "Moved Permanently", 302: "Found", 303: "See Other", 307: "Temporary Redirect", 308: "Permanent"}
_GOALS = {
    "itself": ("to the same address", "{target}"),
    "other": ("to another host", "{redirect_to}{target}"),
    "http": ("to another host over http", "http://{redirect_host}{target}"),
}


def _redirect(reply: IntactReply, status: int, goal: str) -> Plan:
    location = _GOALS[goal][1].format(
        target=reply.target, redirect_to=reply.redirect_to, redirect_host=urlsplit(reply.redirect_to).netloc
    )
    moved = evolve(reply, status_line=f"HTTP/1.1 {status} {_REDIRECTS[status]}".encode(), body=b"")
    return (measured(moved.without(b"content-length").having(b"location", location.encode())).data,)


def _redirect_fault(number: int, status: int, goal: str) -> Fault:
    summary = f"{status} {_GOALS[goal][0]}"
    return Fault(number, f"redirect-{status}-{goal}", summary, lambda reply: _redirect(reply, status, goal))


REDIRECT_FAULTS = tuple(
    # 301 has the numbers from 310 on, 308 those from 380 on.
    _redirect_fault(status % 10 * 10 + 300 + offset, status, goal)
    for status in _REDIRECTS
    for offset, goal in enumerate(_GOALS)
)

# A request that gets 429 was not carried out; one that gets 503 may have been.
_BUSY: dict[int, tuple[str, tuple[When, ...]]] = {
    429: ("Too Many Requests", BEFORE),
    503: ("Service Unavailable", EITHER),
}
_WAITS = {"at-once": 0, "in-a-second": 1, "in-an-hour": 3600}


def _busy(reply: IntactReply, status: int, seconds: int) -> Plan:
    put_off = evolve(reply, status_line=f"HTTP/1.1 {status} {_BUSY[status][0]}".encode(), body=b"")
    bare = put_off.without(b"content-length", b"content-type", b"retry-after")
    return (measured(bare.having(b"retry-after", str(seconds).encode())).data,)


def _busy_fault(number: int, status: int, wait: str) -> Fault:
    summary, whens = f"{status} with a Retry-After of {_WAITS[wait]}", _BUSY[status][1]
    return Fault(number, f"{status}-{wait}", summary, lambda reply: _busy(reply, status, _WAITS[wait]), whens)


BUSY_FAULTS = tuple(
    _busy_fault(number, status, wait)
    for number, (status, wait) in enumerate(
        (*product(_BUSY, ("at-once", "in-a-second")), *product(_BUSY, ("in-an-hour",))), start=60
    )
)

FAULTS = (
    *CONNECTION_FAULTS,
    *LENGTH_FAULTS,
    *ENCODING_FAULTS,
    *HEAD_FAULTS,
    *BUSY_FAULTS,
    *ANSWER_FAULTS,
    *STATUS_FAULTS,
    *REDIRECT_FAULTS,
)
BY_NAME = {fault.name: fault for fault in FAULTS}
BY_ORDER = {FIRST_FAULT_ORDER + fault.number: fault for fault in FAULTS}
