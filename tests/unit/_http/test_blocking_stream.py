"""The stream of Client: a non-blocking socket that waits at most for the time limit of each operation."""

import socket
import threading
from collections.abc import Iterator

import pytest
from support.fake_backend import PATIENCE_SECONDS

from autoshares_cancel._engine.run import run
from autoshares_cancel._http.blocking_stream import BlockingNetwork, BlockingStream
from autoshares_cancel._validation import MOST_CONNECTIONS

LARGE = bytes(range(256)) * 40_000
"""More bytes than the buffers of two sockets hold."""


def patient() -> float:
    return PATIENCE_SECONDS


def at_once() -> float:
    return 0.001


Pair = tuple[BlockingStream, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield BlockingStream(ours), theirs


def test_what_the_socket_takes_in_parts_is_written_whole(pair: Pair) -> None:
    """Law 1: a request is written whole, even if the socket takes it in parts."""
    stream, peer = pair
    came = bytearray()

    def take() -> None:
        while len(came) < len(LARGE):
            came.extend(peer.recv(64 * 1024))

    taking = threading.Thread(target=take)
    taking.start()
    run(stream.write(LARGE, patient))
    taking.join(PATIENCE_SECONDS)
    assert bytes(came) == LARGE


def test_a_peer_that_takes_nothing_ends_the_write_at_its_limit(pair: Pair) -> None:
    """Law 7: a write to a peer that reads nothing ends at its time limit."""
    stream, _ = pair
    with pytest.raises(TimeoutError, match="timed out"):
        run(stream.write(LARGE, at_once))


def test_a_peer_that_says_nothing_ends_the_read_at_its_limit(pair: Pair) -> None:
    """Law 7: a read from a silent peer ends at its time limit."""
    stream, _ = pair
    with pytest.raises(TimeoutError, match="timed out"):
        run(stream.read(at_once))


def test_unexpected_bytes_and_the_end_are_detected(pair: Pair) -> None:
    """Law 1: the check for unexpected bytes gives None for nothing, and empty bytes for the end."""
    stream, peer = pair
    assert run(stream.read_unexpected()) is None
    peer.sendall(b"too early")
    assert run(stream.read_unexpected()) == b"too early"
    peer.close()
    assert run(stream.read_unexpected()) == b""
    assert run(stream.read(at_once)) == b""


def test_a_closed_stream_does_not_look_at_the_socket_that_has_its_number_now(pair: Pair) -> None:
    """Law 1: a closed stream never checks its old descriptor, which may now be another server's socket."""
    stream, _ = pair
    stream.close()
    others = socket.socketpair()
    with others[0], others[1], pytest.raises(OSError, match="closed"):
        run(stream.read_unexpected())


def test_waiting_for_a_free_slot_has_a_time_limit() -> None:
    """Law 7: a free slot is taken without asking for the time left; a wait for one ends at its time limit."""

    def no_time() -> float:
        raise TimeoutError("the deadline is over")

    network = BlockingNetwork()
    for _ in range(MOST_CONNECTIONS):
        run(network.acquire(no_time))
    with pytest.raises(TimeoutError, match="no connection became free in time"):
        run(network.acquire(at_once))
    network.release()
    run(network.acquire(no_time))
