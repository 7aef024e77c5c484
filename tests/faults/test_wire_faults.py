"""What comes of every fault of the mock's catalogue, in every colour: one table, and one test for all of its rows."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from attrs import define, frozen
from colours import TLS
from conftest import MakeCaller
from raw_server import RawServer, raw_server, says
from report.plugin import Cell

from autoshares_cancel import (
    CancelError,
    Cancelled,
    NoReply,
    NotSent,
    OrderConflict,
    TokenCredentials,
    UndocumentedStatus,
)
from autoshares_cancel._last_reply import REPLY_LIMIT, LastReply
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock._faults import BY_NAME

SILENCE, TRICKLE = 0.2, 0.5
"""Seconds, for calls that only their deadline ends: before any status has come, and after one that must come."""
BOUND = 5.0
"""Seconds after which a call counts as not bounded, on the busiest machine."""
READ_AT_ONCE = 64 * 1024
FILLED = 73562
"""An order whose honest answer is a conflict: nothing that says `cancelled` can be the answer."""


@frozen
class Row:
    """What the client says of a fault.

    `waits` is the deadline where only that ends the call, `kept` marks a connection that may be used again, `then` is
    what the calls after it say.
    """

    outcome: type[Cancelled | CancelError]
    status_code: int | None = None
    waits: float | None = None
    kept: bool = False
    then: tuple[type[CancelError], ...] = (OrderConflict,)


LOST = Row(NoReply)
DONE = Row(Cancelled, 200)
GONE = Row(Cancelled, 204)

EXPECTED: dict[str, Row] = {
    "reset-on-accept": LOST,
    "reset-during-request": LOST,
    "reset-after-request": LOST,
    "reset-in-head": LOST,
    "reset-in-body": DONE,
    "close-without-reply": LOST,
    "close-in-status-line": LOST,
    "close-in-head": LOST,
    "close-after-reply": GONE,
    # The request may have left before the end was known, so it may have been acted upon.
    "close-on-reuse": Row(Cancelled, 204, kept=True, then=(NoReply, OrderConflict)),
    "stall": Row(NoReply, waits=SILENCE),
    "stall-in-head": Row(NoReply, waits=SILENCE),
    "stall-in-body": Row(Cancelled, 200, waits=TRICKLE),
    "drip": Row(NoReply, waits=SILENCE),
    "drip-body": Row(Cancelled, 200, waits=TRICKLE),
    "two-replies": GONE,
    "late-reply": GONE,
    "truncated-body": DONE,
    "length-too-long": Row(Cancelled, 200, waits=TRICKLE),
    "length-too-short": DONE,
    "two-lengths": LOST,
    "broken-chunks": DONE,
    "cut-chunks": DONE,
    "length-and-chunks": DONE,
    "204-with-a-body": GONE,
    "304-with-a-reply": Row(UndocumentedStatus, 304),
    "unknown-encoding": Row(Cancelled, 200, kept=True),
    "false-gzip": Row(Cancelled, 200, kept=True),
    "gzip-bomb": DONE,
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
        f"{status}-{wait}": Row(UndocumentedStatus, status, kept=True)
        for status in (429, 503)
        for wait in ("at-once", "in-a-second")
    },
    **{
        f"redirect-{status}-{goal}": Row(UndocumentedStatus, status, kept=True)
        for status in (301, 302, 303, 307, 308)
        for goal in ("itself", "other", "http")
    },
}


@define
class Bench:
    """A mock for all tests of this module, and the host that its redirects lead to."""

    server: MockServer
    elsewhere: RawServer
    http: httpx.Client

    @property
    def credentials(self) -> TokenCredentials:
        token = self.server.exchange.log_in("trader", "correct-horse").token or ""
        return TokenCredentials(app_key="demo-app-key", token=token)

    def arm(self, **fault: object) -> None:
        self.http.post("faults", json={"faults": [fault]}).raise_for_status()

    def requests(self, number: int) -> list[dict[str, Any]]:
        """The last requests; first waits until the mock has done with all faults."""
        for _ in range(10_000):
            state = self.http.get("state").json()
            if not state["counters"]["faults_in_flight"]:
                requests: list[dict[str, Any]] = state["requests"]
                return requests[-number:]
        raise AssertionError("the mock is never done with its faults")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    done = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with (
        MockServer() as server,
        raw_server(says(done)) as elsewhere,
        httpx.Client(base_url=f"{server.origin}/_mock/", verify=TLS, trust_env=False) as http,
    ):
        settings = {"fault_pause": 0.05, "redirect_to": f"http://127.0.0.1:{elsewhere.port}"}
        http.post("settings", json=settings).raise_for_status()
        yield Bench(server, elsewhere, http)


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each read of the client brought."""
    sizes: list[int] = []
    grows = LastReply.grows

    def counting(self: LastReply, data: bytes, error: type[Exception]) -> None:
        sizes.append(len(data))
        grows(self, data, error)

    monkeypatch.setattr(LastReply, "grows", counting)
    return sizes


def test_every_fault_has_a_row() -> None:
    """No fault is in the catalogue without an expectation, and none is expected that is not there."""
    assert list(EXPECTED) == list(BY_NAME)


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_has_its_outcome_and_no_other(
    make_caller: MakeCaller, colour: str, bench: Bench, fault: str, bytes_read: list[int], cell: Cell
) -> None:
    """Laws 1, 3, 4 and 7: one request, one class, in time and in little memory; a spoilt connection is left alone."""
    row = EXPECTED[fault]
    cell("faults", row=fault, column=colour, note=row.outcome.__name__)
    caller = make_caller(base_url=bench.server.base_url, credentials=bench.credentials)
    assert type(caller.cancel(6303, FILLED)) is OrderConflict  # a connection is there, and in order
    began = time.monotonic()
    outcome: Any = caller.cancel(6303, 9_100_000 + BY_NAME[fault].number, deadline=row.waits)
    took = time.monotonic() - began

    assert type(outcome) is row.outcome
    assert outcome.status_code == row.status_code
    assert len(outcome.attempts) == 1
    assert (row.waits or 0) <= took < BOUND
    assert sum(bytes_read) <= REPLY_LIMIT + 2 * READ_AT_ONCE

    honest, faulty = bench.requests(2)
    assert (honest["fault"], faulty["fault"]) == (None, fault)
    assert faulty["connection"] == honest["connection"]
    assert [type(caller.cancel(6303, FILLED)) for _ in row.then] == list(row.then)
    following = bench.requests(1)[0]["connection"]
    assert (following == faulty["connection"]) == (row.kept and row.then == (OrderConflict,))
    assert bench.elsewhere.requests == []


EITHER = [(name, when) for name, fault in BY_NAME.items() for when in fault.whens if len(fault.whens) > 1]


@pytest.mark.parametrize(("fault", "when"), EITHER)
def test_a_lost_reply_says_nothing_of_the_order(
    make_caller: MakeCaller, colour: str, bench: Bench, fault: str, when: str, cell: Cell
) -> None:
    """Law 4: committed or not, the client can't know; the ledger does, and so does the next cancel."""
    unknown = EXPECTED[fault].outcome
    cell("lost replies", row=f"{fault} {when}", column=colour, note=unknown.__name__)
    order = bench.server.exchange.place(6303)
    bench.arm(fault=fault, order_id=order.order_id, when=when)
    caller = make_caller(base_url=bench.server.base_url, credentials=bench.credentials)
    assert type(caller.cancel(6303, FILLED)) is OrderConflict
    assert type(caller.cancel(6303, order.order_id, deadline=EXPECTED[fault].waits)) is unknown

    committed = when == "after"
    assert bench.server.exchange.orders[order.order_id].status == ("Canceled" if committed else "New")
    (seen,) = bench.requests(1)
    assert (seen["fault"], seen["when"], seen["status"]) == (fault, when, 204 if committed else None)
    assert type(caller.cancel(6303, order.order_id)) is (OrderConflict if committed else Cancelled)
    assert [event.status for event in bench.server.exchange.ledger if event.order_id == order.order_id] == [
        "New",
        "Canceled",
    ]


def test_a_connection_that_is_reset_as_it_is_made(
    make_caller: MakeCaller, colour: str, bench: Bench, cell: Cell
) -> None:
    """Laws 3 and 4: whether reset or request is faster is chance, and each has its class; no request arrives."""
    cell("faults", row="reset-on-accept", column=f"{colour}, new connection", note="NoReply or NotSent")
    before = bench.requests(1)
    bench.arm(fault="reset-on-accept")
    caller = make_caller(base_url=bench.server.base_url, credentials=bench.credentials)
    outcome = caller.cancel(6303, FILLED)
    assert type(outcome) in {NoReply, NotSent}
    assert bench.requests(1) == before
    assert type(caller.cancel(6303, FILLED)) is OrderConflict
