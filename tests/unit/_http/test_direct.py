"""The connections of AsyncClient on asyncio: which one is used next, how many there are, and when they are closed."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpcore
import pytest
import trustme
from support.clients import TLS
from support.fake_wire import PATIENCE_SECONDS, until
from support.memory_streams import request
from support.raw_server import Answer, RawServer, TlsServer, nothing, raw_server, says

from autoshares_cancel import AsyncClient, Cancelled, TokenCredentials
from autoshares_cancel._http.direct import ConnectionPool
from autoshares_cancel._http.request import Origin
from autoshares_cancel._http.tls import KEEP_SECONDS, Timeouts
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._validation import MOST_CONNECTIONS
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Reply

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
Scene = Callable[[ConnectionPool, RawServer], Awaitable[None]]


def transmission(seconds: float = PATIENCE_SECONDS) -> Transmission:
    return Transmission(Deadline.after(seconds, asyncio.get_running_loop().time))


def play(answer: Answer, scene: Scene) -> RawServer:
    """Act a scene with a pool in an event loop of its own, and close the pool."""

    async def main(server: RawServer) -> None:
        pool = ConnectionPool(Origin.of(server.base_url), TLS, Timeouts(read=PATIENCE_SECONDS))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await scene(pool, server)
        finally:
            await pool.aclose()
        assert not pool._open

    with raw_server(answer) as server:
        asyncio.run(main(server))
    return server


async def at_once(pool: ConnectionPool, count: int) -> Sequence[Any]:
    """So many requests beside one another; replies, and errors."""
    return await asyncio.gather(*(pool.send(request(), transmission()) for _ in range(count)), return_exceptions=True)


def test_one_after_the_other_share_a_connection() -> None:
    """As long as nothing speaks against it."""

    async def scene(pool: ConnectionPool, _: RawServer) -> None:
        assert [(await pool.send(request(), transmission())).status_code for _ in range(5)] == [204] * 5

    assert len(play(says(GONE), scene).connections) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nconnection:keep-alive, Close\r\n\r\n",
        b"HTTP/1.1 409 Conflict\r\nX: y\r\nConnection: CLOSE\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.0 204 No Content\r\n\r\n",
    ],
    ids=str,
)
def test_a_connection_that_ends_or_may_not_be_trusted_is_not_used_again(said: bytes) -> None:
    """Connection: close is honoured, whoever closes first; law 1 for replies that aren't plain."""

    async def scene(pool: ConnectionPool, _: RawServer) -> None:
        for _each in range(3):
            assert isinstance(await pool.send(request(), transmission()), Reply)
            assert not pool._open

    assert len(play(says(said), scene).connections) == 3


def test_what_looks_like_close_elsewhere_ends_nothing() -> None:
    """Only the header Connection says it, and only its own words."""
    body = b"\r\nConnection: close\r\n\r\n"
    said = b"HTTP/1.1 409 Conflict\r\nX-Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def scene(pool: ConnectionPool, _: RawServer) -> None:
        assert [(await pool.send(request(), transmission())).body for _ in range(3)] == [body] * 3

    assert len(play(says(said), scene).connections) == 1


def test_the_connection_that_was_used_last_is_used_next_and_others_grow_old() -> None:
    """Rule 3: on the event loop's own clock, what was not needed for so long is closed."""

    async def scene(pool: ConnectionPool, server: RawServer) -> None:
        loop, now = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        later = [0.0]
        loop.time = lambda: now + later[0]  # type: ignore[method-assign]  # so that nobody has to wait
        await at_once(pool, 4)
        assert len(pool._idle) == 4
        last = pool._idle[-1]
        for _ in range(3):
            await pool.send(request(), transmission())
            assert pool._idle[-1] is last
        later[0] = KEEP_SECONDS - 0.5
        await pool.send(request(), transmission())
        assert len(pool._idle) == 4
        later[0] += 1
        await pool.send(request(), transmission())
        assert [*pool._idle] == [last]
        assert pool._open == {last}
        later[0] += KEEP_SECONDS
        await pool.send(request(), transmission())
        assert last not in pool._idle
        assert len(server.connections) == 5

    play(says(GONE), scene)


def test_there_are_no_more_connections_than_allowed() -> None:
    """Beyond that a request waits, at most as long as it is told, and has not left."""

    async def scene(pool: ConnectionPool, server: RawServer) -> None:
        busy = [asyncio.create_task(pool.send(request(), transmission())) for _ in range(MOST_CONNECTIONS)]
        await asyncio.to_thread(until, lambda: len(server.requests) == MOST_CONNECTIONS)
        late = transmission()
        pool._timeouts = Timeouts(pool=0.05)
        with pytest.raises(httpcore.PoolTimeout):
            await pool.send(request(), late)
        assert not late.may_have_left
        pool._timeouts = Timeouts(pool=PATIENCE_SECONDS)
        waiting = asyncio.create_task(pool.send(request(), transmission()))
        await asyncio.sleep(0)
        server.connections[0].sendall(GONE)
        await asyncio.to_thread(until, lambda: len(server.requests) > MOST_CONNECTIONS)
        for task in (*busy, waiting):
            task.cancel()
        await asyncio.wait([*busy, waiting])
        assert pool._slots._value == MOST_CONNECTIONS

    assert len(play(nothing, scene).connections) <= MOST_CONNECTIONS


def test_a_server_that_closes_idle_connections_costs_nothing() -> None:
    """Law 4: a connection that ended meanwhile is seen before anything is written."""

    async def scene(pool: ConnectionPool, server: RawServer) -> None:
        for count in range(1, 6):
            assert (await pool.send(request(), transmission())).status_code == 204
            server.connections[-1].shutdown(socket.SHUT_RDWR)
            assert len(server.requests) == count

    assert len(play(says(GONE), scene).connections) == 5


def test_what_a_server_says_behind_its_reply_answers_nothing() -> None:
    """Law 1: many requests at a time, and each has a connection that has said nothing yet."""

    async def scene(pool: ConnectionPool, server: RawServer) -> None:
        for _ in range(5):
            replies = await at_once(pool, 8)
            assert [getattr(reply, "status_code", reply) for reply in replies] == [204] * 8
        assert len(server.requests) == 40

    assert len(play(says(GONE + GONE), scene).connections) == 40


def test_closing_ends_requests_under_way_and_opens_nothing_any_more() -> None:
    """Laws 3 and 4: they have left, and got no reply; who asks later has sent nothing."""

    async def scene(pool: ConnectionPool, server: RawServer) -> None:
        under_way = transmission()
        task = asyncio.create_task(pool.send(request(), under_way))
        await asyncio.to_thread(until, lambda: server.requests)
        await pool.aclose()
        with pytest.raises((httpcore.ReadError, httpcore.RemoteProtocolError)):
            await task
        assert under_way.may_have_left
        late = transmission()
        with pytest.raises(httpcore.ConnectError, match="closed"):
            await pool.send(request(), late)
        assert not late.may_have_left
        assert not pool._open

    play(nothing, scene)


def test_over_tls_nothing_is_different() -> None:
    """The certificate is checked against the name, and the reply is read as over TCP."""
    authority = trustme.CA()
    trusted, own = ssl.create_default_context(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.configure_trust(trusted)
    authority.issue_cert("localhost").configure_cert(own)
    server = TlsServer(own, GONE)

    async def main() -> Reply:
        pool = ConnectionPool(Origin.of(f"https://localhost:{server.port}"), trusted, Timeouts())
        try:
            return await pool.send(request(), transmission())
        finally:
            await pool.aclose()

    assert asyncio.run(main()).status_code == 204
    server.join()
    assert server.heard == [request().raw()]


def test_an_address_of_ipv6_can_be_named(token: TokenCredentials) -> None:
    """In brackets in the URL and in Host, and without them where it is connected to."""
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    heard, port = list[bytes](), listener.getsockname()[1]

    async def main() -> Cancelled:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(GONE)
            await writer.drain()
            writer.close()

        client = AsyncClient(base_url=f"http://[::1]:{port}/api", credentials=token, verify=TLS)
        async with await asyncio.start_server(serve, sock=listener), client:
            return await client.cancel_order(account_id=1, order_id=2)

    assert type(asyncio.run(main())) is Cancelled
    assert b"\r\nHost: [::1]:%d\r\n" % port in heard[0]
