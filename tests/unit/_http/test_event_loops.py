"""AsyncClient on every event loop of asyncio: the standard loop, uvloop, and both with eager tasks."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest
import uvloop
from support.clients import CLIENT_KINDS, TLS
from support.fake_backend import orders
from support.raw_server import raw_server, says

from autoshares_cancel import AsyncClient, Cancelled, TokenCredentials

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
NewLoop = Callable[[], asyncio.AbstractEventLoop]
LOOPS: dict[str, NewLoop] = {"standard": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}

if sys.version_info >= (3, 12):

    def with_eager_tasks(new_loop: NewLoop) -> NewLoop:
        """Makes loops with eager tasks."""

        def make() -> asyncio.AbstractEventLoop:
            loop = new_loop()
            loop.set_task_factory(asyncio.eager_task_factory)
            return loop

        return make

    LOOPS |= {f"{name}, eager": with_eager_tasks(new_loop) for name, new_loop in LOOPS.items()}
    if sys.version_info >= (3, 13) and "eager_start" not in signature(asyncio.eager_task_factory).parameters:
        del LOOPS["uvloop, eager"]  # uvloop passes eager_start, which the factory of 3.13.0 does not accept


@pytest.fixture(params=LOOPS)
def new_loop(request: pytest.FixtureRequest) -> NewLoop:
    """Each kind of event loop."""
    return LOOPS[request.param]


def two_addresses(port: int) -> list[tuple[Any, ...]]:
    """Two addresses of a host; nothing listens at the first one."""
    return [
        (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", port, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)),
    ]


def outcomes(new_loop: NewLoop, base_url: str, token: TokenCredentials) -> set[type]:
    """The outcomes of a single cancel and of a batch."""

    async def main() -> set[type]:
        async with AsyncClient(base_url=base_url, credentials=token, verify=TLS) as client:
            first = await client.cancel_order(account_id=6303, order_id=73552)
            rest = [outcome async for _, outcome in client.cancel_orders(orders(40), concurrency=8)]
            assert len(rest) == 40
            return {type(outcome) for outcome in (first, *rest)}

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main())


def test_a_cancel_and_a_batch_are_done(new_loop: NewLoop, token: TokenCredentials) -> None:
    """Law 8: a missing feature of a loop never becomes NotSent."""
    with raw_server(says(GONE)) as server:
        assert outcomes(new_loop, server.base_url, token) == {Cancelled}


def test_a_host_may_have_addresses_where_nothing_listens(
    new_loop: NewLoop, token: TokenCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 8: every loop tries the next address of a host, whatever the order of the addresses."""
    with raw_server(says(GONE)) as server:
        port = int(server.base_url.removesuffix("/api").rpartition(":")[2])

        def loop_with_two_addresses() -> asyncio.AbstractEventLoop:
            loop = new_loop()
            really = loop.getaddrinfo

            async def look_up(self: object, host: Any, *rest: Any, **options: Any) -> list[Any]:
                # uvloop looks the host up for each address.
                return two_addresses(port) if host == "localhost" else await really(host, *rest, **options)

            monkeypatch.setattr(type(loop), "getaddrinfo", look_up)
            return loop

        where = server.base_url.replace("127.0.0.1", "localhost")
        assert outcomes(loop_with_two_addresses, where, token) == {Cancelled}


IN_DEVELOPMENT = """
import logging
import sys
from support.clients import BACKENDS, CLIENT_KINDS, open_caller
from autoshares_cancel import TokenCredentials
BACKENDS["asyncio"] = ("asyncio", {"debug": True})
logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of slow callbacks on a busy machine
token = TokenCredentials(app_key="an-app-key", token="an-access-token")
for client_kind in CLIENT_KINDS:
    with open_caller(client_kind, base_url=sys.argv[1], credentials=token) as caller:
        caller.warm_up(connections=3)
        outcomes = [caller.cancel(6303, 73552), *(outcome for _, outcome in caller.batch([(1, 2)] * 9, concurrency=3))]
    print(client_kind, *{type(outcome).__name__ for outcome in outcomes})
"""


def test_development_mode_reports_no_warning() -> None:
    """Law 8: with -X dev and warnings as errors, no kind of client leaves a socket, task or coroutine open."""
    with raw_server(says(GONE)) as server:
        ended = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", IN_DEVELOPMENT, server.base_url],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ended.stdout, ended.stderr) == ("".join(f"{kind} Cancelled\n" for kind in CLIENT_KINDS), "")
