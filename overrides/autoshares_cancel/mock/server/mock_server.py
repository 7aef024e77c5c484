"""The mock at a port of this machine."""

from __future__ import annotations

import os
import socket
from types import TracebackType
from typing import Self, Unpack

from autoshares_cancel.mock._settings import SettingsOptions
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.server.app import create_app
from autoshares_cancel.mock.server.serving import ServerThread

HOST = "127.0.0.1"
HIGHEST_PORT = 65535


class MockServer:
    """Serves the mock while its context is entered; leaving it cuts off what is still under way.

    `port` 0 takes a free one. The settings are as for `create_app`. An instance serves once. `exchange` may be read and
    changed at any time and from any thread; `port`, `origin` and `base_url` are known once the context is entered.

    Given the `exchange` of an earlier server, it keeps the users, orders, ledger and clock, and forgets the tokens, as
    a restarted server does.
    """

    def __init__(self, *, port: int = 0, exchange: Exchange | None = None, **settings: Unpack[SettingsOptions]) -> None:
        if not 0 <= port <= HIGHEST_PORT:
            raise ValueError(f"port must be from 0 to {HIGHEST_PORT}, not {port}")
        self._wanted_port = port
        self._app = create_app(exchange, **settings)
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
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._thread.stop()

    @property
    def exchange(self) -> Exchange:
        """The exchange behind the server."""
        return self._app.state.exchange

    @property
    def port(self) -> int:
        """The port of the server; raises RuntimeError before the context is entered."""
        if self._port is None:
            raise RuntimeError("this MockServer has no port yet: enter it first, `with MockServer() as server:`")
        return self._port

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        """The base URL for a client."""
        return f"{self.origin}/api"


def listen(port: int) -> socket.socket:
    """Listen at a port of this machine; raises OSError that names the port."""
    # asyncio sends without delay only where the protocol is named; else each body waits 40 ms after its head.
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
