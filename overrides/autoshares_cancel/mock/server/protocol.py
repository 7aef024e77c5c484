"""Faults of connections: uvicorn writes the intact reply, and the protocol sends the fault's plan in its place.

1. uvicorn's protocol is unchanged. A request with a fault gets a transport that buffers the reply; once the reply is
   whole, the fault's plan is carried out on the real transport.
2. Every wait ends when the caller closes the connection or the server stops. Plans run as tasks of the server.
3. The request's state tells the application the request's connection and fault.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from autoshares_cancel.mock._state import OnWire, Seen, ServerState
from autoshares_cancel.mock.faults.armed import Chosen, UnknownFaultError, read_header
from autoshares_cancel.mock.faults.plans import Act, Plan, Wait, parse_reply
from autoshares_cancel.mock.faults.request_target import read_target

LONGEST_STALL_SECONDS = 60

_HEADER = b"x-mock-fault"
_USERNAME = b"username"
_TOKEN = b"/api/token"
_CONTROL = b"/_mock/"
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class CutOffError(Exception):
    """The connection was reset while the request was read, so the parser must stop."""


class Held:
    """Replaces the transport, and buffers the bytes that are written."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.is_closed = False

    def write(self, data: bytes) -> None:
        """Buffer these bytes."""
        self.data += data

    def close(self) -> None:
        """Record that the connection ends after this reply."""
        self.is_closed = True

    def is_closing(self) -> bool:
        """Tell whether the connection ends after this reply."""
        return self.is_closed


class FaultyProtocol(HttpToolsProtocol):
    """One connection of uvicorn, with the faults of `state`."""

    def __init__(self, *arguments: Any, state: ServerState, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._state = state
        self._wire = OnWire()
        self._gone = asyncio.Event()
        self._caller = 0
        self._ends_on_reuse = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Count the connection, and reset it if such a fault is armed."""
        super().connection_made(transport)
        self._state.traffic.connections += 1
        self._wire = OnWire(connection=self._state.traffic.connections)
        host_and_port = transport.get_extra_info("peername") or ("", 0)  # None if the caller has closed it already
        self._caller = int(host_and_port[1])
        if self._state.faults.for_connection() is not None:
            self._reset()

    def connection_lost(self, exc: Exception | None) -> None:
        """End every wait of this connection."""
        self._gone.set()
        self._state.traffic.silent.discard(self._caller)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the bytes of a request, or close the connection if a fault ends it on reuse."""
        if self._ends_on_reuse:
            self.transport.close()
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a request without a fault."""
        super().on_message_begin()
        self._wire = OnWire(connection=self._wire.connection)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Choose the fault by the path, which is known by now, by the user name of a log-in, or by the fault header."""
        super().on_header(name, value)
        if self._wire.is_decided and len(name) != len(_HEADER):
            return  # the usual case
        is_username = name.lower() == _USERNAME
        if not self._wire.is_decided and (is_username or not self.url.startswith(_TOKEN)):
            self._decide(value.decode("latin-1") if is_username else None)
        if name.lower() == _HEADER and not self.url.startswith(_CONTROL):
            self._ask(value.decode("latin-1"))
        chosen = self._wire.chosen
        if chosen is not None and chosen.fault.moment != "reply":
            self._cut_off(chosen)

    def on_headers_complete(self) -> None:
        """Start the request. With a fault, its reply is buffered."""
        if not self._wire.is_decided:
            self._decide()
        cast("dict[str, Any]", self.scope)["state"]["wire"] = self._wire
        if self._wire.chosen is None:
            super().on_headers_complete()
            return
        transport, held = self.transport, Held()
        self.transport = cast("asyncio.Transport", held)
        super().on_headers_complete()
        self.transport = transport
        self.cycle.on_response = partial(self._reply_is_made, held, self._wire.chosen, self.url.decode("latin-1"))

    def send_400_response(self, msg: str) -> None:
        """Answer a request that can't be parsed; send nothing if a fault has reset the connection."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _decide(self, username: str | None = None) -> None:
        target = read_target(self._method(), self.url.decode("latin-1"), username)
        chosen = self._state.faults.for_request(target)
        self._wire = OnWire(connection=self._wire.connection, chosen=chosen, is_decided=True)

    def _ask(self, value: str) -> None:
        connection = self._wire.connection
        try:
            self._wire = OnWire(connection=connection, chosen=read_header(value), is_decided=True)
        except UnknownFaultError as problem:
            self._wire = OnWire(connection=connection, problem=str(problem), is_decided=True)

    def _cut_off(self, chosen: Chosen) -> None:
        seen = Seen.of(self._method(), self.url.decode("latin-1"), None, self._wire)
        self._state.traffic.record(seen)
        self._reset()
        raise CutOffError(chosen.fault.name)  # uvicorn handles it as a request that can't be parsed

    def _method(self) -> str:
        method: bytes = cast("Any", self.parser).get_method()
        return method.decode("ascii")

    def _reply_is_made(self, held: Held, chosen: Chosen, target: str) -> None:
        reply = parse_reply(bytes(held.data), target=target, redirect_to=self._state.settings.redirect_to)
        task = self.loop.create_task(self._perform(chosen.fault.plan(reply), is_last=held.is_closed))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _perform(self, plan: Plan, *, is_last: bool) -> None:
        self._state.traffic.faults_in_flight += 1
        try:
            for step in plan:
                if self.transport.is_closing():
                    return
                await self._take(step)
        finally:
            self._state.traffic.faults_in_flight -= 1
        if is_last:
            self.transport.close()
        self.on_response_complete()

    async def _take(self, step: bytes | Act | Wait) -> None:
        match step:
            case bytes():
                self.transport.write(step)
            case Wait(seconds=seconds):
                await self._wait(seconds)
            case Act.PAUSE:
                await self._wait(self._state.settings.fault_pause)
            case Act.STALL:
                await self._wait(LONGEST_STALL_SECONDS)
                self.transport.close()
            case Act.KEEP_WAITING:
                self._state.traffic.silent.add(self._caller)
            case Act.CLOSE:
                self.transport.close()
            case Act.RESET:
                self._reset()
            case Act.CLOSE_ON_REUSE:
                self._ends_on_reuse = True

    async def _wait(self, seconds: float) -> None:
        self._state.traffic.silent.add(self._caller)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        self._state.traffic.silent.discard(self._caller)

    def _reset(self) -> None:
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
