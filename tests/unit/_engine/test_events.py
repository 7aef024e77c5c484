"""The events of a client, also of an interrupted call, with every kind of client."""

import logging
import signal
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from conftest import MakeCaller
from support.clients import TLS
from support.ports import nowhere
from support.raw_server import raw_server, says

from autoshares_cancel import (
    AsyncClient,
    AttemptEvent,
    Cancelled,
    Client,
    ConfigurationError,
    InvalidCredentials,
    NoReply,
    NotSent,
    OutcomeEvent,
    OutcomeUnknown,
    PasswordCredentials,
    RateLimited,
    RetryPolicy,
    TokenCredentials,
)
from autoshares_cancel.mock import MockServer

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
FIELDS = {"account_id": 6303, "order_id": 73552}
LOGGER = "autoshares_cancel"


def test_each_attempt_and_the_outcome_are_reported(
    make_caller: MakeCaller, token: TokenCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Each attempt and each outcome makes one event, with the same fields in the log and for observers."""
    reported: list[Any] = []
    caplog.set_level(logging.INFO, LOGGER)
    with raw_server(says(GONE)) as server:
        caller = make_caller(
            base_url=server.base_url, credentials=token, on_attempt=reported.append, on_outcome=reported.append
        )
        outcome: Any = caller.cancel(6303, 73552)
    attempt, end = reported
    assert isinstance(attempt, AttemptEvent)
    assert (attempt.account_id, attempt.order_id, attempt.number) == (6303, 73552, 1)
    assert attempt.attempt == outcome.attempts[0]
    assert isinstance(end, OutcomeEvent)
    assert end.outcome is outcome
    first, last = (vars(record) for record in caplog.records if record.name == LOGGER)
    assert (
        first.items() >= {**FIELDS, "attempt": 1, "what": "cancel", "evidence": "reply 204", "status_code": 204}.items()
    )
    assert last.items() >= {**FIELDS, "outcome": "Cancelled", "status_code": 204, "attempts": 1}.items()
    assert first["milliseconds"] <= last["milliseconds"]


def test_an_unknown_outcome_is_a_warning(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """A log at WARNING shows every order that the caller must check, and nothing else."""
    caplog.set_level(logging.WARNING, LOGGER)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    for order_id in (73552, 73562, 9000500):
        caller.cancel(6303, order_id)
    assert [vars(record)["outcome"] for record in caplog.records] == ["ServerFailed"]


def test_an_observer_that_raises_changes_nothing(
    make_caller: MakeCaller, token: TokenCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Law 3: the outcome stays the same, and the log reports the failed observer."""

    def broken(_: object) -> None:
        raise OSError("full disk")

    with raw_server(says(GONE)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, on_attempt=broken, on_outcome=broken)
        assert type(caller.cancel(6303, 73552)) is Cancelled
    assert caplog.text.count("an observer raised OSError") == 2


def test_a_failed_log_in_is_reported(make_caller: MakeCaller, mock_server: MockServer) -> None:
    """The observer gets the error of a failed log-in, which touched no order."""
    reported: list[OutcomeEvent] = []
    wrong = PasswordCredentials(app_key="demo-app-key", username="trader", password="wrong")
    make_caller(base_url=mock_server.base_url, credentials=wrong, on_outcome=reported.append).cancel(6303, 73552)
    assert [type(event.outcome) for event in reported] == [InvalidCredentials]


@pytest.mark.parametrize("name", ["on_attempt", "on_outcome", "sleep", "random"])
def test_what_can_t_be_called_is_refused(name: str, token: TokenCredentials) -> None:
    """An option that is not callable raises ConfigurationError before any I/O."""
    options: dict[str, Any] = {name: "not callable"}
    with pytest.raises(ConfigurationError, match=f"{name} must be a callable"):
        Client(base_url="http://127.0.0.1:1", credentials=token, **options)


def frames(error: BaseException) -> list[str]:
    """The modules of an exception's traceback."""
    found, traceback = [], error.__traceback__
    while traceback is not None:
        found.append(str(traceback.tb_frame.f_globals["__name__"]))
        traceback = traceback.tb_next
    return found


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Install Python's default handler of SIGINT for the test."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_reports_an_unknown_outcome(token: TokenCredentials) -> None:
    """Laws 4 and 5: the caller gets the interruption without frames that hold headers; the event names the order."""
    reported: list[Any] = []
    main = threading.main_thread().ident or 0
    with (
        raw_server(lambda *_: signal.pthread_kill(main, signal.SIGINT)) as server,
        Client(base_url=server.base_url, credentials=token, on_outcome=reported.append, verify=TLS) as client,
    ):
        with pytest.raises(KeyboardInterrupt) as caught:
            client.cancel_order(account_id=6303, order_id=73552, deadline=60.0)
        assert not [name for name in frames(caught.value) if name.startswith(("httpx", "httpcore", "h11"))]
        (event,) = reported
        assert type(event.outcome) is NoReply
        assert event.outcome.detail == "interrupted while it was under way"
        server._answer = says(GONE)
        assert type(client.cancel_order(account_id=6303, order_id=73552)) is Cancelled


@pytest.mark.parametrize("status", [b"204", b"403", b"429"], ids=repr)
def test_ctrl_c_in_an_observer_is_never_not_sent(token: TokenCredentials, status: bytes) -> None:
    """Law 4: the request has left, so an interruption before its reply is evaluated is NoReply."""

    def interrupt(_: AttemptEvent) -> None:
        raise KeyboardInterrupt

    reported: list[Any] = []
    options: dict[str, Any] = {"on_attempt": interrupt, "on_outcome": reported.append, "verify": TLS}
    reply = b"HTTP/1.1 " + status + b" Said\r\nContent-Length: 0\r\n\r\n"
    with (
        raw_server(says(reply)) as server,
        Client(base_url=server.base_url, credentials=token, **options) as client,
        pytest.raises(KeyboardInterrupt),
    ):
        client.cancel_order(account_id=6303, order_id=73552)
    assert [type(event.outcome) for event in reported] == [NoReply]


def test_ctrl_c_while_waiting_after_a_refusal_leaves_it_refused(token: TokenCredentials) -> None:
    """Law 4: the 429 proves that the order is unchanged, so the outcome is RateLimited."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    reported: list[Any] = []
    options: dict[str, Any] = {"sleep": interrupt, "on_outcome": reported.append, "verify": TLS}
    with (
        raw_server(says(b"HTTP/1.1 429 Later\r\nContent-Length: 0\r\n\r\n")) as server,
        Client(base_url=server.base_url, credentials=token, **options) as client,
        pytest.raises(KeyboardInterrupt),
    ):
        client.cancel_order(account_id=6303, order_id=73552)
    assert [type(event.outcome) for event in reported] == [RateLimited]


def test_ctrl_c_while_nothing_has_left_is_not_sent(token: TokenCredentials) -> None:
    """Law 4: an interruption between two attempts that never left is NotSent."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    reported: list[Any] = []
    base_url = nowhere()
    options: dict[str, Any] = {"on_outcome": reported.append, "sleep": interrupt, "verify": TLS}
    with Client(base_url=base_url, credentials=token, **options) as client, pytest.raises(KeyboardInterrupt):
        client.cancel_order(account_id=6303, order_id=73552)
    assert [type(event.outcome) for event in reported] == [NotSent]


@pytest.mark.anyio
async def test_a_cancelled_task_reports_an_unknown_outcome(anyio_backend: str, token: TokenCredentials) -> None:
    """Laws 4 and 5: the cancellation is raised, the event names the order, and the client can be used again."""
    reported: list[Any] = []
    arrived = threading.Event()
    with raw_server(lambda *_: arrived.set()) as server:
        async with AsyncClient(
            base_url=server.base_url, credentials=token, on_outcome=reported.append, verify=TLS
        ) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: client.cancel_order(account_id=6303, order_id=73552))
                await anyio.to_thread.run_sync(arrived.wait)
                tasks.cancel_scope.cancel()
            assert [type(event.outcome) for event in reported] == [NoReply]
            server._answer = says(GONE)
            assert type(await client.cancel_order(account_id=6303, order_id=73552)) is Cancelled


@pytest.fixture
def slow_exchange(mock_server: MockServer) -> MockServer:
    """A mock server whose cancels become final after 30 seconds."""
    httpx.post(
        f"{mock_server.origin}/_mock/settings", json={"cancel_delay": 30}, verify=TLS, timeout=60
    ).raise_for_status()
    return mock_server


@pytest.mark.anyio
async def test_a_task_that_is_cancelled_while_confirming_is_unknown(
    anyio_backend: str, slow_exchange: MockServer, trader: PasswordCredentials
) -> None:
    """Law 1: an accepted but unconfirmed cancel is not Cancelled."""
    reported: list[Any] = []
    scope = anyio.CancelScope()

    def stop(event: AttemptEvent) -> None:
        if event.number == 3:
            scope.cancel()

    async with AsyncClient(
        base_url=slow_exchange.base_url,
        credentials=trader,
        on_attempt=stop,
        on_outcome=reported.append,
        verify=TLS,
        retry=RetryPolicy(base=0.01, cap=0.01),
    ) as client:
        with scope:
            await client.cancel_order(account_id=6303, order_id=73552, confirm=True)
    assert scope.cancelled_caught
    assert [type(event.outcome) for event in reported] == [OutcomeUnknown]
