"""The mock without a socket, under every kind of client."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.clients import Caller

from autoshares_cancel import Cancelled, PasswordCredentials, ServerFailed, TokenUnavailable, UndocumentedStatus
from autoshares_cancel.mock import InProcessTransport, MockServer, create_app

URL = "https://mock.example/api"

Connect = Callable[[object], Caller]


@pytest.fixture
def connect(
    make_caller: Callable[..., Caller], trader: PasswordCredentials, monkeypatch: pytest.MonkeyPatch
) -> Connect:
    """Make a client over a transport, after which every use of a socket fails."""

    def refuse(*_arguments: object) -> None:
        raise AssertionError("a socket is used")

    def make(transport: object) -> Caller:
        caller = make_caller(base_url=URL, credentials=trader, transport=transport, verify=True, resolve=False)
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket.socket, "bind", refuse)
        return caller

    return make


def test_an_order_is_cancelled_without_a_socket(connect: Connect) -> None:
    """InProcessTransport calls an application, whose exchange shows the cancel."""
    app = create_app()
    cancelled = connect(InProcessTransport(app)).cancel(6303, 73552, confirm=True)
    assert isinstance(cancelled, Cancelled)
    assert cancelled.confirmed
    assert app.state.exchange.orders[73552].status == "Canceled"


def test_scripts_work_without_a_wire(connect: Connect) -> None:
    """Statuses with and without effect, delays and assertions work without a socket."""
    server = MockServer()
    caller = connect(server.transport)
    server.on_cancel(73552).respond(500, takes_effect=True, delay=0.01)
    server.on_cancel(73553).respond(204, takes_effect=False)
    server.on_cancel(73554).respond(100, undocumented=True)
    assert isinstance(caller.cancel(6303, 73552), ServerFailed)
    assert isinstance(caller.cancel(6303, 73553), Cancelled)
    assert isinstance(caller.cancel(6303, 73554), UndocumentedStatus)
    assert [server.order(order).status for order in (73552, 73553, 73554)] == ["Canceled", "New", "New"]
    server.cancels.of(order_id=73552).assert_called_once_with(account_id=6303)
    server.tokens.assert_called_once_with(username="trader")
    server.assert_all_used()


def test_a_script_with_an_account_of_its_own(connect: Connect) -> None:
    """Without a socket, too, log-ins are known by their user."""
    server = MockServer()
    with server.script() as script:
        script.on_token().respond(401, optional=True)
        server.on_token("trader").respond(500, times=None, undocumented=True)
        assert isinstance(connect(server.transport).cancel(6303, 73552, deadline=0.5), TokenUnavailable)
    server.assert_all_used()


@pytest.mark.parametrize("setting", ["token_delay", "venue_delay"])
def test_the_delays_of_the_settings_are_waited_for(connect: Connect, setting: str) -> None:
    """The delays work in every event loop, and in a thread without one."""
    changes: Any = {setting: 0.01}
    server = MockServer(**changes)
    assert isinstance(connect(server.transport).cancel(6303, 73552, venue=True), Cancelled)


def test_faults_of_connections_are_refused(connect: Connect) -> None:
    """Faults that need a connection are refused when they are armed."""
    server = MockServer()
    caller = connect(server.transport)
    with pytest.raises(ValueError, match=r"stall needs a wire: enter the MockServer and use its base_url, or use resp"):
        server.on_cancel(73552).fault("stall")
    with pytest.raises(ValueError, match="connections need a wire: enter the MockServer and use its base_url"):
        server.reset_connections()
    assert isinstance(caller.cancel(6303, 73552), Cancelled)


def test_a_fault_that_was_armed_before_is_no_intact_reply(connect: Connect) -> None:
    """The call gets 400, and the order is unchanged: an intact reply would hide the missing fault."""
    server = MockServer()
    server.on_cancel(73552).fault("reset")
    refused = connect(server.transport).cancel(6303, 73552)
    assert isinstance(refused, UndocumentedStatus)
    assert (refused.status_code, server.order(73552).status) == (400, "New")


def test_it_serves_httpx_as_well() -> None:
    """A plain httpx client can use the transport of the mock, too."""
    server = MockServer()
    with httpx.Client(transport=server.transport, base_url=URL) as client:
        assert client.get("/../_mock/faults").json()["faults"] == []
        assert client.post("/token", headers={"Et-App-Key": "demo-app-key"}).status_code == 401
    with server:
        assert server.transport is not None
        server.on_cancel(73552).fault("stall", optional=True)
