"""cancel_all that is interrupted, traced and refused: no task, thread or request is left, and no secret is shown."""

import threading
from typing import Any

import anyio
import pytest
from conftest import MakeCaller
from support.clients import TLS
from support.mock_orders import FIRST_PLACED, FOREIGN, KNOWN, OWN, live, order_methods, place
from support.raw_server import raw_server, says
from support.recorded import Recorded, attributes_of, id_of

from autoshares_cancel import (
    AllCancelled,
    AsyncClient,
    Client,
    OrdersRemain,
    OrdersUnreadable,
    PasswordCredentials,
    Progress,
    RetryPolicy,
)
from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer

PATIENCE = 60.0
SOON = RetryPolicy(attempts=5, base=0.01, cap=0.05)
TOKEN = "a-token-that-nobody-may-see"


def reply(status: str, body: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "autoshares-cancel batch"]


def test_ctrl_c_leaves_nothing_behind(mock_server: MockServer, trader: PasswordCredentials, cell: Cell) -> None:
    """Ctrl-C raises KeyboardInterrupt; no thread is left, no request follows, and the client can be used again."""
    cell("everything", "Ctrl-C", "sync", note="KeyboardInterrupt")
    place(mock_server, range(FIRST_PLACED, FIRST_PLACED + 100))

    def interrupt(progress: Progress) -> None:
        if progress.done >= 20:
            raise KeyboardInterrupt

    with Client(base_url=mock_server.base_url, credentials=trader, retry=SOON, verify=TLS) as client:
        with pytest.raises(KeyboardInterrupt):
            client.cancel_all(account_id=OWN, concurrency=8, on_progress=interrupt)
        for thread in threads():
            thread.join(PATIENCE)
        assert threads() == []
        assert len(live(mock_server)) >= len(KNOWN) + 100 - 20 - 2 * 8
        before = order_methods(mock_server)
        assert type(client.cancel_all(account_id=OWN)) is AllCancelled
        assert order_methods(mock_server)[: len(before)] == before
    assert live(mock_server) == set()


@pytest.mark.anyio
async def test_a_cancelled_task_leaves_nothing_behind(
    anyio_backend: object,
    request: pytest.FixtureRequest,
    mock_server: MockServer,
    trader: PasswordCredentials,
    cell: Cell,
) -> None:
    """A cancelled task raises its cancellation; no cancel is started afterwards, and the client can be used again."""
    cell("everything", "a cancelled task", request.node.callspec.id, note="cancelled")
    place(mock_server, range(FIRST_PLACED, FIRST_PLACED + 100))
    async with AsyncClient(base_url=mock_server.base_url, credentials=trader, retry=SOON, verify=TLS) as client:
        with anyio.fail_after(PATIENCE):
            with anyio.CancelScope() as scope:

                def stop(progress: Progress) -> None:
                    if progress.done > 20:
                        scope.cancel()

                await client.cancel_all(account_id=OWN, concurrency=8, on_progress=stop)
            assert scope.cancelled_caught
            left, made = live(mock_server), len(order_methods(mock_server))
            assert len(left) >= len(KNOWN) + 100 - 20 - 2 * 8
            # The exchange may still carry out cancels that were cut off.
            assert len(await client.open_orders(account_id=OWN)) <= len(left)
            assert order_methods(mock_server)[made:].count("DELETE") <= 8  # the cancels in flight at the interruption
            assert type(await client.cancel_all(account_id=OWN)) is AllCancelled
    assert live(mock_server) == set()


def test_every_cancel_is_a_child_of_the_sweep(
    make_caller: MakeCaller, client_kind: str, mock_server: MockServer, trader: PasswordCredentials, cell: Cell
) -> None:
    """cancel_all has one span with the account id; each cancel and each page has a span below it."""
    cell("everything", "telemetry", client_kind, note="cancel_all, and cancel_order below it")
    recorded = Recorded()
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, telemetry=recorded.telemetry)
    caller.cancel_all(OWN)
    (root,) = (span for span in recorded.spans if span.name == "cancel_all")
    assert attributes_of(root) == {"autoshares.account_id": OWN}
    below = [span for span in recorded.spans if span.parent and span.parent.span_id == id_of(root)]
    cancels = [attributes_of(span)["autoshares.order_id"] for span in below if span.name == "cancel_order"]
    assert (len(cancels), {*cancels}) == (len(KNOWN), KNOWN)
    pages = [span for span in below if span.name.endswith("/v{version}/accounts/{account_id}/orders")]
    assert len(pages) == 3


def test_no_secret_that_comes_back_gets_out(make_caller: MakeCaller, client_kind: str, trader: Any, cell: Cell) -> None:
    """Law 5: a token that the server sends back is masked in errors, however the list fails."""
    cell("everything", "a token that comes back", client_kind, note="masked")
    known = reply("200 OK", f'{{"State": "Succeeded", "Token": "{TOKEN}"}}')
    order = f'{{"Id": 1, "AccountId": {OWN}, "Status": "Held", "Symbol": "{TOKEN}"}}'
    page = reply("200 OK", f'{{"Result": [{order}], "NextPageLink": "", "TotalCount": 2}}')
    angry = reply("403 Forbidden", f'{{"Message": "not with {TOKEN} and {trader.app_key}"}}')
    for answers, kind in (((known, page), None), ((known, angry), 403)):
        with raw_server(says(*answers, *answers[1:])) as server:
            caller = make_caller(base_url=server.base_url, credentials=trader)
            unreadable, remain = caller.open_orders(OWN), caller.cancel_all(OWN)
        assert type(unreadable) is OrdersUnreadable
        assert type(remain) is OrdersRemain
        assert unreadable.status_code == kind
        text = "".join(f"{error} {error!r} {vars(error)!r} {error.__dict__}" for error in (unreadable, remain))
        assert not [secret for secret in (TOKEN, "correct-horse") if secret in text]
        assert [order.order_id for order in remain.remaining] == ([1] if kind is None else [])


def test_somebody_else_s_account_is_left_alone(
    make_caller: MakeCaller, client_kind: str, mock_server: MockServer, trader: PasswordCredentials, cell: Cell
) -> None:
    """Law 1: an account that the user may not list is not reported as clear, and no order in it is cancelled."""
    cell("everything", "another user's account", client_kind, note="OrdersRemain")
    before = live(mock_server, FOREIGN)
    caller: Any = make_caller(base_url=mock_server.base_url, credentials=trader)
    ended = caller.cancel_all(FOREIGN)
    assert type(ended) is OrdersRemain
    assert (ended.remaining, ended.outcomes, "status 401" in str(ended)) == ((), {}, True)
    assert "DELETE" not in order_methods(mock_server)
    assert live(mock_server, FOREIGN) == before
