"""Every fault of the mock's catalogue gives the outcome in the table of `expected`, with every kind of client."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from attrs import define
from conftest import MakeCaller
from faults.expected import EXPECTED
from faults.own_time import OwnTime
from faults.silence import PATIENT, heard
from support.clients import TLS, Caller
from support.fake_backend import until
from support.raw_server import RawServer, raw_server, says

from autoshares_cancel import (
    Cancelled,
    NoReply,
    NotSent,
    OrderConflict,
    TokenCredentials,
)
from autoshares_cancel._http.response import REPLY_LIMIT, ResponseBuffer
from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.faults.catalogue import BY_NAME
from autoshares_cancel.mock.faults.plans import Act
from autoshares_cancel.mock.server.protocol import FaultyProtocol

DEADLINE, A_READ = 60.0, 5.0
"""Seconds on a clock that each read moves: after the twelfth read there is no time left."""
READ_AT_ONCE = 64 * 1024
FILLED = 73562
"""A filled order, whose correct reply is a conflict: no outcome for it may be Cancelled."""


@define
class Bench:
    """One mock for all tests of this module, and the host that its redirects name."""

    server: MockServer
    elsewhere: RawServer
    http: httpx.Client

    @property
    def credentials(self) -> TokenCredentials:
        token = self.server.exchange.log_in("trader", "correct-horse").token or ""
        return TokenCredentials(app_key="demo-app-key", token=token)

    def arm(self, **fault: object) -> None:
        self.http.post("faults", json={"faults": [fault]}).raise_for_status()

    def requests(self, number: int) -> list[Seen]:
        """The last requests, once the mock has carried out all faults."""
        until(lambda: not self.server.counters["faults_in_flight"])
        # After one more reply, the mock has also closed the connections with faults.
        self.http.post("clock", json={"advance": 0}).raise_for_status()
        return list(self.server.requests)[-number:]


@pytest.fixture
def bench(one_bench: Bench) -> Bench:
    """The bench, without the recorded requests of other tests."""
    one_bench.server.forget_requests()
    return one_bench


@pytest.fixture(scope="module")
def one_bench() -> Iterator[Bench]:
    done = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with (
        MockServer() as server,
        raw_server(says(done)) as elsewhere,
        httpx.Client(base_url=f"{server.origin}/_mock/", verify=TLS, trust_env=False, timeout=60) as http,
    ):
        settings = {"fault_pause": 0.01, "redirect_to": f"http://127.0.0.1:{elsewhere.port}"}
        http.post("settings", json=settings).raise_for_status()
        yield Bench(server, elsewhere, http)


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of bytes of each read of the client."""
    sizes: list[int] = []
    append = ResponseBuffer.append

    def counting(self: ResponseBuffer, data: bytes) -> bytes:
        sizes.append(len(data))
        return append(self, data)

    monkeypatch.setattr(ResponseBuffer, "append", counting)
    return sizes


@pytest.fixture
def _byte_by_byte(bytes_read: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the mock pause until the client has read everything that was sent, so that each byte is one read."""
    take, totals = FaultyProtocol._take, list[int]()

    async def take_slowly(self: FaultyProtocol, step: bytes | Act) -> None:
        if not totals:
            totals.append(sum(bytes_read))
        if step is Act.PAUSE:
            while sum(bytes_read) < totals[-1] and not self.transport.is_closing():  # noqa: ASYNC110  # in another thread
                await asyncio.sleep(0)
            return
        totals.append(totals[-1] + len(step) if isinstance(step, bytes) else totals[-1])
        await take(self, step)

    monkeypatch.setattr(FaultyProtocol, "_take", take_slowly)


def test_every_fault_has_a_row() -> None:
    """Every fault of the catalogue has an expectation, and every expectation a fault."""
    assert list(EXPECTED) == list(BY_NAME)


@pytest.mark.parametrize("fault", [name for name, row in EXPECTED.items() if row.ends != "deadline"])
def test_a_fault_has_its_outcome_and_no_other(
    make_caller: MakeCaller, client_kind: str, bench: Bench, fault: str, bytes_read: list[int], cell: Cell
) -> None:
    """Laws 1, 3, 4 and 7: each fault has its outcome, in time and in little memory; a bad connection is not reused."""
    row, own_time = EXPECTED[fault], OwnTime()
    cell("faults", row=fault, column=client_kind, note=row.outcome.__name__)
    options: dict[str, Any] = {"timeouts": PATIENT, **own_time.settings(client_kind)}
    caller = make_caller(base_url=bench.server.base_url, credentials=bench.credentials, **options)
    with heard(bench.server, own_time=own_time):
        outcome = outcome_of(caller, fault)
    assert own_time.now == (PATIENT.read if row.ends == "silence" else 0.0)
    assert type(outcome) is row.outcome
    assert outcome.status_code == row.status_code
    assert sum(bytes_read) <= REPLY_LIMIT + 2 * READ_AT_ONCE
    goes_on(caller, bench, fault)


@pytest.mark.usefixtures("_byte_by_byte")
@pytest.mark.parametrize("fault", [name for name, row in EXPECTED.items() if row.ends == "deadline"])
def test_a_trickle_ends_with_the_deadline(
    make_caller: MakeCaller,
    client_kind: str,
    bench: Bench,
    fault: str,
    bytes_read: list[int],
    cell: Cell,
) -> None:
    """Law 7: a reply that arrives byte by byte ends at the deadline, and the bytes so far decide the outcome."""
    row = EXPECTED[fault]
    cell("faults", row=fault, column=client_kind, note=row.outcome.__name__)
    options: dict[str, Any] = {"clock": lambda: A_READ * len(bytes_read), "deadline": DEADLINE}
    caller = make_caller(base_url=bench.server.base_url, credentials=bench.credentials, **options)
    outcome = outcome_of(caller, fault)
    assert (type(outcome), outcome.status_code) == (row.outcome, row.status_code)
    assert outcome.attempts[0].seconds == DEADLINE
    goes_on(caller, bench, fault)


def outcome_of(caller: Caller, fault: str) -> Any:
    """Cancel the order with this fault, on an open connection."""
    assert type(caller.cancel(6303, FILLED)) is OrderConflict
    outcome: Any = caller.cancel(6303, 9_100_000 + BY_NAME[fault].number)
    assert len(outcome.attempts) == 1
    return outcome


def goes_on(caller: Caller, bench: Bench, fault: str) -> None:
    """Check the outcomes of the later calls, and whether they use the same connection."""
    row = EXPECTED[fault]
    honest, faulty = bench.requests(2)
    assert (honest.fault, faulty.fault) == (None, fault)
    assert faulty.connection == honest.connection
    assert [type(caller.cancel(6303, FILLED)) for _ in row.then] == list(row.then)
    following = bench.requests(1)[0].connection
    assert (following == faulty.connection) == (row.kept and row.then == (OrderConflict,))
    assert bench.elsewhere.requests == []


EITHER = [(name, when) for name, fault in BY_NAME.items() for when in fault.whens if len(fault.whens) > 1]


@pytest.mark.parametrize(("fault", "when"), EITHER)
def test_a_lost_reply_says_nothing_of_the_order(
    make_caller: MakeCaller, client_kind: str, bench: Bench, fault: str, when: str, cell: Cell
) -> None:
    """Law 4: a lost reply has the same outcome whether the cancel was committed or not; the next cancel shows it."""
    unknown = EXPECTED[fault].outcome
    cell("lost replies", row=f"{fault} {when}", column=client_kind, note=unknown.__name__)
    order = bench.server.exchange.place(6303)
    bench.arm(fault=fault, order_id=order.order_id, when=when)
    caller = make_caller(base_url=bench.server.base_url, credentials=bench.credentials)
    assert type(caller.cancel(6303, FILLED)) is OrderConflict
    with heard(bench.server):
        assert type(caller.cancel(6303, order.order_id)) is unknown

    committed = when == "after"
    assert bench.server.exchange.orders[order.order_id].status == ("Canceled" if committed else "New")
    (seen,) = bench.requests(1)
    assert (seen.fault, seen.when, seen.status) == (fault, when, 204 if committed else None)
    assert type(caller.cancel(6303, order.order_id)) is (OrderConflict if committed else Cancelled)
    assert [event.status for event in bench.server.exchange.ledger if event.order_id == order.order_id] == [
        "New",
        "Canceled",
    ]


def test_a_connection_that_is_reset_as_it_is_made(
    make_caller: MakeCaller, client_kind: str, bench: Bench, cell: Cell
) -> None:
    """Laws 3 and 4: a reset of a new connection gives NoReply or NotSent, depending on timing; no request arrives."""
    cell("faults", row="reset-on-accept", column=f"{client_kind}, new connection", note="NoReply or NotSent")
    before = bench.requests(1)
    bench.arm(fault="reset-on-accept")
    caller = make_caller(base_url=bench.server.base_url, credentials=bench.credentials)
    outcome = caller.cancel(6303, FILLED)
    assert type(outcome) in {NoReply, NotSent}
    assert bench.requests(1) == before
    assert type(caller.cancel(6303, FILLED)) is OrderConflict
