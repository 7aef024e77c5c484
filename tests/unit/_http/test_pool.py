"""Which connection carries the next request, how many exist, and when they close. In memory, deterministic."""

import time
from collections.abc import Callable

import pytest
from support.memory_streams import END, MemoryNetwork, MemoryStream, pool_over, request, transmission

from autoshares_cancel._engine.run import run
from autoshares_cancel._http.connection import Connection
from autoshares_cancel._http.pool import ConnectionPool
from autoshares_cancel._http.tls import KEEP_SECONDS
from autoshares_cancel._http.transmission import Limit, Transmission
from autoshares_cancel._values.evidence import Reply

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
CONFLICT = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"


def send(pool: ConnectionPool) -> Reply:
    """Send one request with a time limit of its own."""
    return run(pool.send(request(), transmission()))


class Interrupt(MemoryStream):
    """Starts another request while it waits for the reply to this one."""

    def __init__(self, during: Callable[[], object]) -> None:
        super().__init__([GONE] * 9)
        self._during = [during]

    async def read(self, limit: Callable[[], float]) -> bytes:
        if self._during:
            self._during.pop()()
        return await super().read(limit)


def two_idle() -> tuple[ConnectionPool, MemoryStream, MemoryStream]:
    """A pool with two idle connections; the second one was used last."""
    outer: list[ConnectionPool] = []
    first = MemoryStream([GONE] * 9)
    second = Interrupt(lambda: send(outer[0]))
    outer.append(pool_over(second, first))
    assert send(outer[0]).status_code == 204
    return outer[0], first, second


def test_one_after_the_other_share_a_connection() -> None:
    """A connection is used again if nothing prevents it."""
    stream = MemoryStream([GONE, CONFLICT, GONE])
    pool = pool_over(stream)
    assert [send(pool).status_code for _ in range(3)] == [204, 409, 204]
    assert stream.is_idle
    assert not stream.is_closed


@pytest.mark.parametrize("cut", range(1, len(CONFLICT)))
def test_a_connection_is_used_again_after_a_reply_in_pieces(cut: int) -> None:
    """A plain reply that comes in two pieces leaves the connection sound, wherever it is cut."""
    stream = MemoryStream([CONFLICT[:cut], CONFLICT[cut:], GONE])
    pool = pool_over(stream)
    assert [send(pool).status_code for _ in range(2)] == [409, 204]
    assert not stream.is_closed


def test_the_connection_that_was_used_last_is_used_next() -> None:
    """Rule 1: the last used connection is used next, so connections that are not needed reach their age limit."""
    pool, first, second = two_idle()
    written = first.written
    for _ in range(3):
        send(pool)
    assert first.written == written
    assert len(second.written) == 4 * len(request().raw())


def test_a_connection_that_was_idle_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 1: an old connection closes after another request, or when it would be used."""
    pool, first, second = two_idle()
    now = [time.monotonic()]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    now[0] += KEEP_SECONDS - 0.5
    send(pool)
    assert not first.is_closed
    now[0] += 0.5
    send(pool)
    assert (first.is_closed, second.is_closed) == (True, False)
    now[0] += KEEP_SECONDS
    with pytest.raises(IndexError):  # there is no third stream to open
        send(pool)
    assert second.is_closed


@pytest.mark.parametrize(
    "unasked", [GONE, END, b"220 smtp.example ESMTP\r\n"], ids=["a reply", "the end", "a greeting"]
)
def test_what_comes_unasked_closes_a_used_connection(unasked: bytes) -> None:
    """Law 1: nothing is written to the used connection; the request is sent once, on a new one."""
    used, new = MemoryStream([GONE]), MemoryStream([CONFLICT])
    pool = pool_over(used, new)
    send(pool)
    used.unasked = unasked
    assert send(pool).status_code == 409
    assert used.is_closed
    assert used.written == new.written == request().raw()


@pytest.mark.parametrize("unasked", [GONE, END], ids=["a reply", "the end"])
def test_a_server_that_speaks_first_is_not_believed(unasked: bytes) -> None:
    """Laws 1 and 4: nothing is written to a new connection with unexpected bytes, so nothing has left."""
    stream, attempt = MemoryStream([GONE], unasked=unasked), transmission()
    with pytest.raises(ConnectionError, match=r"^the server spoke before it was asked$"):
        run(pool_over(stream).send(request(), attempt))
    assert (stream.written, stream.is_closed, attempt.may_have_left) == (b"", True, False)


@pytest.mark.parametrize("error", [OSError("no such socket"), ValueError("a descriptor of -1")], ids=repr)
def test_a_failed_check_closes_the_connection_and_frees_its_slot(error: Exception) -> None:
    """A connection whose check raises is not ready, whatever the error is."""
    broken, new = MemoryStream([GONE]), MemoryStream([GONE])
    network = MemoryNetwork([broken, new], slots=1)
    pool = pool_over()
    pool._network = network
    send(pool)
    broken.look_fails = error
    assert send(pool).status_code == 204
    assert (broken.is_closed, network.slots) == (True, 1)


@pytest.mark.parametrize("used", [True, False], ids=["used", "new"])
def test_an_interrupted_check_closes_the_connection_and_frees_its_slot(*, used: bool) -> None:
    """Law 4: an interruption during the check closes the connection, used or new, and frees its slot."""
    stream = MemoryStream([GONE])
    network = MemoryNetwork([stream], slots=1)
    pool = pool_over()
    pool._network = network
    if used:
        send(pool)
    stream.look_fails = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        send(pool)
    assert (stream.is_closed, network.slots) == (True, 1)
    assert not pool._open


@pytest.mark.parametrize("pieces", [[], [b"220 smtp.example ESMTP\r\n\r\n"]], ids=["silence", "no HTTP"])
def test_a_request_that_fails_closes_its_connection_and_loses_no_slot(pieces: list[bytes]) -> None:
    """Law 4: after a failure the request may have left, and its connection carries no other request."""
    stream, attempt = MemoryStream(pieces), transmission()
    network = MemoryNetwork([stream], slots=1)
    pool = pool_over()
    pool._network = network
    with pytest.raises(ConnectionError):
        run(pool.send(request(), attempt))
    assert (stream.is_closed, network.slots, attempt.may_have_left) == (True, 1, True)
    assert not pool._open


def test_a_request_without_time_does_not_leave() -> None:
    """Laws 4 and 7: nothing leaves without a slot, or if the deadline passes before the write."""
    pool = pool_over(MemoryStream([GONE]))
    late = transmission(0.0)
    with pytest.raises(TimeoutError):
        run(pool.send(request(), late))
    pool._network = MemoryNetwork([], slots=0)
    waiting = transmission()
    with pytest.raises(TimeoutError, match="no connection became free"):
        run(pool.send(request(), waiting))
    assert not late.may_have_left
    assert not waiting.may_have_left


def test_no_byte_has_left_before_the_stream_is_allowed_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 4: a write without time left sends nothing."""
    stream, attempt = MemoryStream([GONE]), transmission()

    def late(_: Transmission) -> float:
        raise TimeoutError

    monkeypatch.setattr(Transmission, "writing", late)
    with pytest.raises(TimeoutError):
        run(Connection(stream).exchange(request(), attempt))
    assert (stream.written, attempt.may_have_left) == (b"", False)


def test_a_closed_pool_closes_idle_connections_and_opens_none() -> None:
    """Rule 2: idle connections close at once, others after their request; no further one is opened."""
    pool, first, second = two_idle()
    pool.close()
    assert (first.is_closed, second.is_closed) == (True, True)
    attempt = transmission()
    with pytest.raises(ConnectionError, match=r"^the client is closed$"):
        run(pool.send(request(), attempt))
    assert not attempt.may_have_left


def test_a_request_under_way_ends_by_itself_when_the_pool_is_closed() -> None:
    """Rule 2: its reply is read, and then its connection closes."""
    pools = list[ConnectionPool]()

    def close() -> None:
        pools[0].close()

    stream = Interrupt(close)
    pools.append(pool_over(stream))
    assert send(pools[0]).status_code == 204
    assert stream.is_closed


def test_an_impossible_host_name_is_a_connection_error() -> None:
    """Law 4: a UnicodeError of the look-up becomes a ConnectionError, and nothing has left."""

    class NoSuchName(MemoryNetwork):
        async def connect(self, host: str, port: int, limit: Limit) -> MemoryStream:
            raise UnicodeError("label empty or too long")

    pool, attempt = pool_over(), transmission()
    pool._network = NoSuchName()
    with pytest.raises(ConnectionError, match=r"^the name of the host can't be looked up$"):
        run(pool.send(request(), attempt))
    assert not attempt.may_have_left


def test_a_pool_that_is_closed_while_a_connection_is_opened_writes_nothing_to_it() -> None:
    """Rule 2: the new connection is closed unused, and the error says that the client is closed."""
    stream, attempt = MemoryStream([GONE]), transmission()
    pool = pool_over()

    class Closing(MemoryNetwork):
        async def connect(self, host: str, port: int, limit: Limit) -> MemoryStream:
            pool.close()
            return stream

    pool._network = Closing()
    with pytest.raises(ConnectionError, match=r"^the client is closed$"):
        run(pool.send(request(), attempt))
    assert (stream.written, stream.is_closed, attempt.may_have_left) == (b"", True, False)


def test_a_reply_that_is_not_plain_ends_its_connection() -> None:
    """Law 1: a connection is closed after a reply that is not plain, even if the server would keep it open."""
    chunks = MemoryStream([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
    pool = pool_over(chunks, MemoryStream([GONE]))
    assert send(pool).status_code == 200
    assert chunks.is_closed
    assert send(pool).status_code == 204


def test_a_forked_child_has_connections_and_slots_of_its_own() -> None:
    """Law 11: the child closes its copies of the parent's connections, also those in use, and opens its own."""
    pool, first, second = two_idle()
    network = MemoryNetwork([MemoryStream([CONFLICT])])
    pool._open_network = lambda: network
    pool.renew()
    assert (first.is_closed, second.is_closed) == (True, True)
    assert not pool._open
    assert send(pool).status_code == 409
    assert network.slots == 256
