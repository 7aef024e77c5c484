"""Runs uvicorn in a thread: it serves when `start` returns, is closed when `stop` returns, and prints nothing."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from autoshares_cancel.mock._state import ServerState
from autoshares_cancel.mock.server.protocol import FaultyProtocol

START_SECONDS = 60
STOP_SECONDS = 60

_KEEP_ALIVE_SECONDS = 75  # longer than a test, so that no connection is closed just before a caller uses it
_ROUNDS = 10  # turns of the event loop, enough for accepted connections to be registered
_TICK_SECONDS = 1  # between updates of the Date header


def quiet_config(app: ASGIApp, state: ServerState) -> uvicorn.Config:
    """Configure uvicorn: httptools with faults, no optional features, and nothing on stderr.

    uvicorn's loggers belong to the process, so any other uvicorn in it is silenced, too.
    """
    return uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", partial(FaultyProtocol, state=state)),
        ws="none",
        lifespan="off",
        workers=1,
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop factory, a third faster for the mock; None if uvloop is not installed, as on Windows."""
    try:
        import uvloop  # noqa: PLC0415 - not there on every system
    except ImportError:
        return None
    return uvloop.new_event_loop


class PromptServer(uvicorn.Server):
    """uvicorn's server without polling and without a grace period.

    uvicorn checks ten times a second whether it should stop, and then waits for requests under way. A mock stops when
    its test is over: a request that is still under way then is stalled, and not worth waiting for.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = threading.Event()
        self._leaving: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def leave(self) -> None:
        """Stop the server from any thread; does nothing before it serves."""
        if self._loop is not None and self._leaving is not None:
            with suppress(RuntimeError):  # the loop is closed: the server has ended already
                self._loop.call_soon_threadsafe(self._leaving.set)

    async def main_loop(self) -> None:
        """Serve until `leave` is called."""
        self._loop, self._leaving = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        self.serving.set()
        while not self._leaving.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), _TICK_SECONDS)
            await self.on_tick(0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port, then cut every connection, then end every request."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for _ in range(_ROUNDS):  # let new connections register, and let requests notice the abort
            await asyncio.sleep(0)
            for connection in list(self.server_state.connections):
                connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class ServerThread:
    """A thread that serves `app` at a listening socket, and closes the socket at its end."""

    def __init__(self, app: ASGIApp, listener: socket.socket, state: ServerState) -> None:
        self._server = PromptServer(quiet_config(app, state))
        self._listener = listener
        self._problem: BaseException | None = None
        # A daemon, so that the mock does not keep a crashed program alive.
        self._thread = threading.Thread(target=self._serve, name="autoshares-cancel mock", daemon=True)

    def start(self) -> None:
        """Start the server, and return once it serves. Raises RuntimeError if it does not start."""
        self._thread.start()
        if not self._server.serving.wait(START_SECONDS) or self._problem is not None:
            self.stop()
            raise RuntimeError(f"the mock server did not start within {START_SECONDS} seconds")

    def stop(self) -> None:
        """Stop the server, and return once it is closed. Raises RuntimeError if that takes too long or it failed."""
        self._server.leave()
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError(f"the mock server did not stop within {STOP_SECONDS} seconds")
        if self._problem is not None:
            raise RuntimeError("the mock server broke down") from self._problem

    def _serve(self) -> None:
        try:
            with asyncio.Runner(loop_factory=fastest_loop()) as runner:
                runner.run(self._server.serve(sockets=[self._listener]))
        except BaseException as problem:  # noqa: BLE001 - kept for the thread that waits
            self._problem = problem
        finally:
            self._listener.close()
            self._server.serving.set()
