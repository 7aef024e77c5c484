"""The mock on a local port."""

from __future__ import annotations

import itertools
import os
import socket
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from autoshares_cancel.mock._settings import SettingsOptions
from autoshares_cancel.mock.control.server_control import ServerControl
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.races import Race
from autoshares_cancel.mock.script.account_script import AccountScript
from autoshares_cancel.mock.script.script import Script
from autoshares_cancel.mock.server.app import create_app
from autoshares_cancel.mock.server.serving import ServerThread

if TYPE_CHECKING:
    from autoshares_cancel.mock.server.in_process import InProcessTransport

FIRST_OWN_ACCOUNT = 70_001
HOST = "127.0.0.1"
HIGHEST_PORT = 65535


class MockServer(ServerControl, Script):
    """Serves the mock while its context is entered. Leaving the context cuts off requests that are still under way.

    A `MockServer` is armed by operation and order, asserts which requests came, and is controlled from Python:

        with MockServer() as server:
            server.on_cancel(73552).respond(500, takes_effect=True)
            ...
            server.cancels.assert_called_once_with(account_id=6303, order_id=73552)

    `port` 0 takes a free port. The settings are as for `create_app`. An instance can be entered once. `exchange` may be
    read and changed at any time and from any thread; `port`, `origin` and `base_url` are known once the context is
    entered.

    With the `exchange` of an earlier server, the new server keeps the users, orders, ledger and clock, and forgets the
    tokens, as after a restart.

    A step that was not used raises AssertionError when the context is left without an exception, as in
    `assert_all_used`.
    """

    def __init__(self, *, port: int = 0, exchange: Exchange | None = None, **settings: Unpack[SettingsOptions]) -> None:
        if not 0 <= port <= HIGHEST_PORT:
            raise ValueError(f"port must be from 0 to {HIGHEST_PORT}, not {port}")
        self._wanted_port = port
        self._app = create_app(exchange, **settings)
        super().__init__(self._app.state)
        self._races: list[Race] = []
        self._accounts = itertools.count(FIRST_OWN_ACCOUNT)
        if exchange is not None:
            exchange.revoke_tokens()
        self._port: int | None = None
        self._thread: ServerThread | None = None

    def __enter__(self) -> Self:
        if self._thread is not None:
            raise RuntimeError("this MockServer was entered before, and serves once: make another one")
        listener = listen(self._wanted_port)
        self._port = int(listener.getsockname()[1])
        self._thread = ServerThread(self._app, listener, self._app.state)
        self._state.has_wire = True
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._thread.stop()
        if kind is None:
            self.assert_all_used()

    def script(self, *, account_id: int | None = None) -> AccountScript:
        """Make a script with its own user and account, for tests that share a server and run at the same time.

            with server.script() as script:
                order = script.place()
                script.on_cancel(order.order_id).respond(500)

        The account gets a free number unless one is given. Raises ValueError for an account that has an owner. No I/O.
        """
        owned = {account for user in self.exchange.users.values() for account in user.accounts}
        if account_id in owned:
            raise ValueError(f"account {account_id} has an owner: choose another number, or none")
        free = next(number for number in self._accounts if number not in owned)
        return AccountScript(self._state, free if account_id is None else account_id)

    @property
    def transport(self) -> InProcessTransport:
        """An httpx transport to this mock without a socket; the context need not be entered.

            Client(base_url="https://mock.example/api", credentials=…, transport=MockServer().transport)

        Armed replies work with it; faults of connections need the context and `base_url`.
        """
        from autoshares_cancel.mock.server.in_process import InProcessTransport  # noqa: PLC0415 - it loads httpx

        self._state.has_wire = self._thread is not None
        return InProcessTransport(self._app)

    def disarm(self) -> None:
        """Withdraw every step and every race that is left, without a complaint about unused ones."""
        super().disarm()
        self.exchange.arm(())
        self._races.clear()

    def _unused(self) -> list[str]:
        left = {id(race) for race in self.exchange.races}
        races = [f"race({race.order_id}, when={race.when!r})" for race in self._races if id(race) in left]
        return super()._unused() + races

    @property
    def exchange(self) -> Exchange:
        """The exchange behind the server."""
        return self._app.state.exchange

    @property
    def port(self) -> int:
        """The port of the server. Raises RuntimeError before the context is entered."""
        if self._port is None:
            raise RuntimeError("this MockServer has no port yet: enter it first, `with MockServer() as server:`")
        return self._port

    @property
    def origin(self) -> str:
        """Scheme, host and port of the server."""
        return f"http://{HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        """The base URL for a client."""
        return f"{self.origin}/api"


def listen(port: int) -> socket.socket:
    """Listen on a local port. Raises OSError with a message that names the port."""
    # asyncio sets TCP_NODELAY only for an explicit IPPROTO_TCP; without it each body comes 40 ms after its head.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere the option would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except OSError as problem:
        listener.close()
        reason = f"the mock server can't listen at {HOST}:{port}: {problem.strerror}"
        raise OSError(problem.errno, reason) from problem
    return listener
