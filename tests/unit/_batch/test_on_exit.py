"""cancel_on_exit: when a block ends, open orders are cancelled, and no exception is hidden."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from conftest import MakeCaller
from support.clients import TLS
from support.fake_backend import ACCOUNT, PATIENCE_SECONDS, SETTINGS, FakeBackend
from support.mock_orders import FOREIGN, KNOWN, OWN, live, order_methods

from autoshares_cancel import (
    AllCancelled,
    AsyncClient,
    Client,
    ConfigurationError,
    InvalidCredentials,
    OrderFilter,
    OrdersRemain,
    PasswordCredentials,
)
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel.mock import MockServer

LOGGER = "autoshares_cancel"


class Mine(Exception):
    """An exception of the caller's."""


def raising(error: BaseException) -> Callable[[], object]:
    def block() -> None:
        raise error

    return block


def passes() -> None:
    """A block that ends without an exception."""


@pytest.fixture
def caller(make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials) -> Any:
    return make_caller(base_url=mock_server.base_url, credentials=trader)


def test_an_error_cancels_open_orders_and_is_raised(caller: Any, mock_server: MockServer) -> None:
    """The exception of the block is raised unchanged, and the result has every order."""
    error = Mine("broken")
    guard, raised = caller.cancel_on_exit(OWN, raising(error))
    assert raised is error
    assert not hasattr(error, "__notes__")
    assert type(guard.result) is AllCancelled
    assert (set(guard.result.outcomes), guard.failure, live(mock_server)) == (KNOWN, None, set())


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interruption_of_the_block_cancels_too(
    caller: Any, mock_server: MockServer, kind: type[BaseException]
) -> None:
    """KeyboardInterrupt and SystemExit in the block cancel open orders, too."""
    error = kind()
    assert caller.cancel_on_exit(OWN, raising(error))[1] is error
    assert live(mock_server) == set()


@pytest.mark.parametrize(("when", "left"), [({}, KNOWN), ({"when": "error"}, KNOWN), ({"when": "always"}, set())])
def test_a_block_that_ends_well_cancels_only_if_it_is_asked_to(
    caller: Any, mock_server: MockServer, when: dict[str, str], left: set[int]
) -> None:
    """After a block without an error, orders are cancelled only if `when` is "always"; else no request is sent."""
    guard, raised = caller.cancel_on_exit(OWN, passes, **when)
    assert (raised, live(mock_server)) == (None, left)
    assert (guard.result is None, order_methods(mock_server) == []) == (bool(left), bool(left))


def test_only_what_matches_is_cancelled(caller: Any, mock_server: MockServer) -> None:
    """cancel_on_exit takes the filters of cancel_all."""
    guard, _ = caller.cancel_on_exit(OWN, passes, when="always", symbol="MSFT", side="Sell")
    assert (guard.result.outcomes, guard.result.filter) == ({}, OrderFilter(symbols=("MSFT",), sides=("Sell",)))
    assert live(mock_server) == KNOWN


def test_what_remains_after_a_block_that_ended_well_is_raised(caller: Any) -> None:
    """Law 4: OrdersRemain is raised after a block without an error."""
    guard, raised = caller.cancel_on_exit(FOREIGN, passes, when="always")
    assert type(raised) is OrdersRemain
    assert (guard.result, guard.failure) == (None, raised)


def test_what_remains_after_an_error_is_logged_and_noted(caller: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The exception of the block is raised with a note; the failure is logged at ERROR and kept by the guard."""
    caplog.set_level(logging.ERROR, LOGGER)
    error = Mine("broken")
    guard, raised = caller.cancel_on_exit(FOREIGN, raising(error))
    assert raised is error
    assert type(guard.failure) is OrdersRemain
    note = f"cancel_on_exit of account {FOREIGN}: {guard.failure}"
    assert error.__notes__ == [note]
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("ERROR", note)]
    assert vars(caplog.records[0]).items() >= {"account_id": FOREIGN, "outcome": "OrdersRemain"}.items()


@pytest.mark.parametrize("broken", [True, False])
def test_a_failed_log_in_is_not_swallowed(make_caller: MakeCaller, mock_server: MockServer, *, broken: bool) -> None:
    """A failed log-in is raised, or noted on the exception of the block."""
    wrong = PasswordCredentials(app_key="demo-app-key", username="trader", password="battery")
    caller = make_caller(base_url=mock_server.base_url, credentials=wrong)
    error = Mine("broken")
    guard, raised = caller.cancel_on_exit(OWN, raising(error) if broken else passes, when="always")
    assert type(guard.failure) is InvalidCredentials
    assert raised is (error if broken else guard.failure)
    assert len(getattr(error, "__notes__", ())) == broken


def test_a_client_that_the_block_closed_is_reported(caller: Any) -> None:
    """If the block closes the client, nothing can be cancelled, and the failure is a ConfigurationError."""
    client = caller.client
    closed = raising(Mine("broken"))

    def block() -> None:
        client._engine.backend.is_closed = True
        closed()

    guard, raised = caller.cancel_on_exit(OWN, block)
    client._engine.backend.is_closed = False
    assert (type(raised), type(guard.failure)) == (Mine, ConfigurationError)


WRONG: list[dict[str, Any]] = [
    {"when": "never"},
    {"when": None},
    {"held": 1},
    {"deadline": 0},
    {"concurrency": 0},
    {"rate": -1.0},
    {"on_progress": 5},
]


@pytest.mark.parametrize("wrong", [{"account_id": "6303"}, *WRONG], ids=str)
def test_a_wrong_argument_is_refused_before_the_block(make_caller: MakeCaller, wrong: dict[str, Any]) -> None:
    """A wrong argument raises ConfigurationError, which names it; the block does not begin."""
    caller = make_caller(**SETTINGS)
    arguments = {"account_id": ACCOUNT} | wrong
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        caller.cancel_on_exit(block=lambda: pytest.fail("the block began"), **arguments)


def test_a_closed_client_is_refused_before_the_block(make_caller: MakeCaller) -> None:
    """A closed client raises ConfigurationError before the block, as in every other method."""
    caller = make_caller(**SETTINGS)
    caller.close()
    with pytest.raises(ConfigurationError, match="the client is closed"):
        caller.cancel_on_exit(ACCOUNT, passes)


def test_ctrl_c_during_the_cancel_is_raised_and_noted(caplog: pytest.LogCaptureFixture) -> None:
    """KeyboardInterrupt is raised; its context is the exception of the block, which has the note."""
    caplog.set_level(logging.ERROR, LOGGER)

    def interrupted(_: HttpRequest) -> Evidence:
        raise KeyboardInterrupt

    error = Mine("broken")
    with Client(**SETTINGS, verify=TLS) as client:
        FakeBackend(client, interrupted)
        guard = client.cancel_on_exit(account_id=ACCOUNT)
        with pytest.raises(KeyboardInterrupt) as caught, guard:
            raise error
    assert caught.value.__context__ is error
    assert guard.failure is caught.value
    assert error.__notes__ == [
        f"cancel_on_exit of account {ACCOUNT}: KeyboardInterrupt ended the cancel, and orders may be open"
    ]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_guard_can_be_used_again(mock_server: MockServer, trader: PasswordCredentials) -> None:
    """A guard that is used again has the result of the last block."""
    with Client(base_url=mock_server.base_url, credentials=trader, verify=TLS) as client:
        guard = client.cancel_on_exit(account_id=OWN, when="always")
        for outcomes in (KNOWN, set[int]()):
            with guard:
                pass
            assert guard.result is not None
            assert set(guard.result.outcomes) == outcomes


@pytest.mark.anyio
@pytest.mark.parametrize("when", ["error", "always"])
async def test_a_cancelled_scope_still_cancels(
    anyio_backend: object, mock_server: MockServer, trader: PasswordCredentials, when: Any
) -> None:
    """Orders are cancelled even if the scope of the block was cancelled before, on asyncio and on trio."""
    async with AsyncClient(base_url=mock_server.base_url, credentials=trader, verify=TLS) as client:
        guard = client.cancel_on_exit(account_id=OWN, when=when)
        with anyio.fail_after(PATIENCE_SECONDS), anyio.CancelScope() as scope:
            async with guard:
                scope.cancel()
                await anyio.sleep_forever()
        assert scope.cancelled_caught
        assert guard.result is not None
        assert (set(guard.result.outcomes), live(mock_server)) == (KNOWN, set())


class HeldListing:
    """A server whose first listing waits until it is released, and shows nothing open."""

    def __init__(self, client: AsyncClient) -> None:
        self.asked, self.released = asyncio.Event(), asyncio.Event()
        vars(client._engine.backend)["exchange"] = self._exchange

    async def _exchange(self, *_: object) -> Evidence:
        self.asked.set()
        await self.released.wait()
        return Reply(status_code=200, body=b'{"Result": [], "NextPageLink": ""}')


@pytest.mark.parametrize("when", ["error", "always"])
def test_every_further_cancellation_of_asyncio_waits_for_the_cancel(when: Any) -> None:
    """Law 8: a second cancellation waits for the cancel, as on trio, so nested timeouts leave no order open."""

    async def run() -> None:
        client = AsyncClient(**SETTINGS, verify=TLS)
        guard, server = client.cancel_on_exit(account_id=ACCOUNT, when=when), HeldListing(client)

        async def block() -> None:
            async with guard:
                if when == "error":
                    await asyncio.Event().wait()

        task = asyncio.ensure_future(block())
        await asyncio.sleep(0)
        if when == "error":
            task.cancel()
        await server.asked.wait()
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        server.released.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert type(guard.result) is AllCancelled
        await client.aclose()

    asyncio.run(asyncio.wait_for(run(), PATIENCE_SECONDS))
