"""in_doubt: an order whose earlier cancel has an unknown outcome is read first."""

from typing import Any, cast

import anyio
import anyio.lowlevel
import pytest
from conftest import MakeCaller
from support.clients import TLS
from support.fake_backend import ACCOUNT, SETTINGS, FakeBackend

from autoshares_cancel import (
    AsyncClient,
    Cancelled,
    ConfigurationError,
    OrderConflict,
    OutcomeUnknown,
    PasswordCredentials,
    ServerFailed,
)
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.orders import Order

STATUS = {1: "Canceled", 2: "New", 3: "Filled", 4: "Expired", 5: "PartiallyFilled", 6: "Rejected"}
EXPECTED: dict[int, type] = {
    1: Cancelled,
    2: Cancelled,
    3: OrderConflict,
    4: OrderConflict,
    5: Cancelled,
    6: OrderConflict,
    7: OutcomeUnknown,
}
ASKED = {1: ["GET"], 2: ["GET", "DELETE"], 3: ["GET"], 4: ["GET"], 5: ["GET", "DELETE"], 6: ["GET"], 7: ["GET"]}


@pytest.fixture
def server(mock_server: MockServer) -> MockServer:
    """Orders 1 to 6 have these states, and order 7 does not exist."""
    placed = [Order(order_id=number, account_id=ACCOUNT, status=status) for number, status in STATUS.items()]
    mock_server.exchange.seed(orders=placed)
    return mock_server


def asked(server: MockServer, order_id: int) -> list[str]:
    """The methods of the requests about an order."""
    record = server._app.state.traffic.requests
    return [seen.method for seen in record if seen.path.endswith(f"/orders/{order_id}")]


@pytest.mark.parametrize("order_id", EXPECTED)
def test_an_order_in_doubt_is_read_and_cancelled_only_if_it_works(
    make_caller: MakeCaller, server: MockServer, trader: PasswordCredentials, order_id: int
) -> None:
    """Law 1: the effect of the earlier call counts; no order is cancelled blindly or twice."""
    caller = make_caller(base_url=server.base_url, credentials=trader, resolve=True)
    outcome = caller.cancel(ACCOUNT, order_id, in_doubt=True)
    assert type(outcome) is EXPECTED[order_id]
    described = cast("Any", outcome)
    assert asked(server, order_id) == ASKED[order_id]
    if EXPECTED[order_id] is Cancelled:
        assert described.confirmed == (order_id == 1)
    if order_id in {1, 3, 4, 6}:
        assert described.order.status == STATUS[order_id]


def test_orders_of_a_batch_are_in_doubt_one_by_one(
    make_caller: MakeCaller, server: MockServer, trader: PasswordCredentials
) -> None:
    """The caller chooses the orders in doubt; the others are cancelled as usual."""
    caller = make_caller(base_url=server.base_url, credentials=trader, resolve=True)
    given = [(ACCOUNT, order_id) for order_id in EXPECTED]
    outcomes = dict(caller.batch(given, concurrency=3, in_doubt=lambda order: order[1] % 2 == 1))
    kinds = {order_id: type(outcomes[ACCOUNT, order_id]) for order_id in EXPECTED}
    assert kinds == EXPECTED | {4: OrderConflict, 6: OrderConflict}
    cancelled_at_once = {2: ["DELETE"], 4: ["DELETE", "GET"], 6: ["DELETE", "GET"]}  # a 409 is explained by a read
    assert {order_id: asked(server, order_id) for order_id in EXPECTED} == ASKED | cancelled_at_once


def test_without_reading_the_outcome_is_unknown_at_once(make_caller: MakeCaller) -> None:
    """With resolve=False nothing is sent: a blind cancel would be a guess."""
    caller = make_caller(**SETTINGS, resolve=False)
    backend = FakeBackend(caller.client)
    assert type(caller.cancel(ACCOUNT, 1, in_doubt=True)) is OutcomeUnknown
    assert backend.sent == []


def test_what_the_earlier_call_knew_is_reported(
    make_caller: MakeCaller, server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 4: order 7 can't be read, so the outcome of the earlier call still holds, in a batch as well."""
    caller = make_caller(base_url=server.base_url, credentials=trader, resolve=True)
    earlier = ServerFailed(account_id=ACCOUNT, order_id=7, status_code=500, detail="out of memory")
    single = caller.cancel(ACCOUNT, 7, in_doubt=earlier)
    batch = dict(caller.batch([(ACCOUNT, 7)], in_doubt=lambda _: earlier))
    for outcome in (single, batch[ACCOUNT, 7]):
        assert isinstance(outcome, ServerFailed)
        assert (outcome.status_code, "out of memory" in str(outcome)) == (500, True)
        assert "reading it brought 422" in str(outcome.detail)


ANOTHER = OutcomeUnknown(account_id=ACCOUNT, order_id=2)


@pytest.mark.parametrize("value", [1, None, "yes", ANOTHER], ids=repr)
def test_in_doubt_is_a_flag_or_the_outcome_of_this_order(make_caller: MakeCaller, value: object) -> None:
    """Any other value is refused, the outcome of another order as well, and nothing is sent."""
    caller = make_caller(**SETTINGS)
    backend = FakeBackend(caller.client)
    assert type(caller.cancel(ACCOUNT, 1, in_doubt=value)) is ConfigurationError
    assert backend.sent == []


@pytest.mark.anyio
@pytest.mark.parametrize("early", [True, False])
async def test_an_interruption_is_never_not_sent(anyio_backend: str, *, early: bool) -> None:
    """Law 4: the request of the earlier call may still take effect."""
    events = list[Any]()
    async with AsyncClient(**SETTINGS, verify=TLS, on_outcome=events.append) as client:
        backend = FakeBackend(client, early=early)
        backend.hold(7)
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:

                async def call() -> None:
                    await client.cancel_order(account_id=ACCOUNT, order_id=7, in_doubt=True)

                group.start_soon(call)
                while not backend.at_once:
                    await anyio.lowlevel.checkpoint()
                scope.cancel()
    (event,) = events
    assert isinstance(event.outcome, OutcomeUnknown)
