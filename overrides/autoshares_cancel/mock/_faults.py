"""The catalogue of faults, and the redirects in it.

Numbers are stable, so that order 9100NNN means the same for ever; each group has room for more.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from attrs import evolve

from autoshares_cancel.mock._connection_faults import CONNECTION_FAULTS
from autoshares_cancel.mock._fault import Fault
from autoshares_cancel.mock._message_faults import ENCODING_FAULTS, HEAD_FAULTS, LENGTH_FAULTS
from autoshares_cancel.mock._plans import Honest, Plan, measured

FIRST_FAULT_ORDER = 9_100_000

_REDIRECTS = {301: "Moved Permanently", 302: "Found", 303: "See Other", 307: "Temporary Redirect", 308: "Permanent"}
_GOALS = {
    "itself": ("to the very same address", "{target}"),
    "other": ("to another host", "{redirect_to}{target}"),
    "http": ("to another host over http", "http://{redirect_host}{target}"),
}


def _redirect(honest: Honest, status: int, goal: str) -> Plan:
    location = _GOALS[goal][1].format(
        target=honest.target, redirect_to=honest.redirect_to, redirect_host=urlsplit(honest.redirect_to).netloc
    )
    moved = evolve(honest, status_line=f"HTTP/1.1 {status} {_REDIRECTS[status]}".encode(), body=b"")
    return (measured(moved.without(b"content-length").having(b"location", location.encode())).data,)


def _redirect_fault(number: int, status: int, goal: str) -> Fault:
    summary = f"{status} {_GOALS[goal][0]}"
    return Fault(number, f"redirect-{status}-{goal}", summary, lambda honest: _redirect(honest, status, goal))


REDIRECT_FAULTS = tuple(
    # 301 has the numbers from 310 on, 308 those from 380 on.
    _redirect_fault(status % 10 * 10 + 300 + offset, status, goal)
    for status in _REDIRECTS
    for offset, goal in enumerate(_GOALS)
)

FAULTS = (*CONNECTION_FAULTS, *LENGTH_FAULTS, *ENCODING_FAULTS, *HEAD_FAULTS, *REDIRECT_FAULTS)
BY_NAME = {fault.name: fault for fault in FAULTS}
BY_ORDER = {FIRST_FAULT_ORDER + fault.number: fault for fault in FAULTS}
