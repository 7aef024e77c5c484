"""Clients that share one session through a store of tokens, with every kind of client, against the mock exchange."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from conftest import MakeCaller
from support.clients import BACKENDS
from support.control import counters
from support.fake_backend import PATIENCE_SECONDS, until
from support.fake_clock import FakeClock
from support.memory_store import MemoryStore
from support.shared_sessions import OpenCaller, codes, log_ins, opener, put, session, user

from autoshares_cancel import (
    AuthenticationError,
    TokenFolder,
    TokenUnavailable,
)
from autoshares_cancel._auth.token_cache import LIFETIME
from autoshares_cancel._auth.token_entry import text_of
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.mock import MockServer


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def open_caller(make_caller: MakeCaller, mock_server: MockServer, store: MemoryStore) -> OpenCaller:
    return opener(make_caller, mock_server, store)


def test_a_second_client_takes_the_token_of_the_first(open_caller: OpenCaller, mock_server: MockServer) -> None:
    """Law 6: one log-in serves all clients of a store."""
    first, second = open_caller(), open_caller()
    assert codes(first.cancel(6303, 73552)) == [204]
    assert codes(second.cancel(6303, 73553)) == [204]
    assert codes(first.cancel(6303, 73554)) == [204]
    assert log_ins(mock_server) == 1


def test_a_refused_token_is_renewed_once_for_all(open_caller: OpenCaller, mock_server: MockServer) -> None:
    """Law 6: a token that another client has renewed is taken instead of logging in."""
    first, second = open_caller(), open_caller()
    first.cancel(6303, 73552)
    second.cancel(6303, 73553)
    mock_server.exchange.revoke_tokens()
    assert codes(first.cancel(6303, 73554)) == [401, 204]
    assert codes(second.cancel(6303, 73555)) == [401, 204]
    assert codes(first.cancel(6303, 73556)) == [204]
    assert log_ins(mock_server) == 2


def test_a_token_on_disk_is_shared(open_caller: OpenCaller, mock_server: MockServer, tmp_path: Path) -> None:
    """TokenFolder, the store of this package, shares a log-in between clients."""
    callers = [open_caller(credentials=user(TokenFolder(tmp_path / "tokens"))) for _ in range(2)]
    assert [codes(caller.cancel(6303, 73552 + number)) for number, caller in enumerate(callers)] == [[204], [204]]
    assert log_ins(mock_server) == 1


def test_a_call_waits_for_the_log_in_of_another_process(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """Law 6: only one process logs in at a time; a waiting call uses the token of that log-in."""
    caller = open_caller()

    def end(store: MemoryStore) -> None:
        if store.waits == 3:
            put(store, caller, session(mock_server))

    store.is_taken, store.on_wait = True, end
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert (log_ins(mock_server), store.waits) == (0, 3)


def test_a_call_logs_in_when_the_other_process_dies(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """A process that dies during its log-in blocks no other process."""

    def die(store: MemoryStore) -> None:
        store.is_taken = store.waits < 3

    store.is_taken, store.on_wait = True, die
    assert codes(open_caller().cancel(6303, 73552)) == [204]
    assert (log_ins(mock_server), store.waits) == (1, 3)


def test_the_deadline_ends_the_wait_for_another_process(
    client_kind: str, open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """Law 7: at the deadline the call ends without a log-in, and touches no order."""
    clock = FakeClock()
    store.is_taken = True
    caller = open_caller(clock=clock, sleep=clock.advance if client_kind == "sync" else clock.sleep)
    outcome = caller.cancel(6303, 73552, deadline=5.0)
    assert isinstance(outcome, TokenUnavailable)
    assert outcome.detail == "the deadline passed while another process was logging in"
    assert clock.now == pytest.approx(1005.0)
    assert (log_ins(mock_server), counters(mock_server)["order_requests"]) == (0, 0)
    store.is_taken = False
    assert codes(caller.cancel(6303, 73552)) == [204]


@pytest.mark.parametrize("client_kind", BACKENDS)
def test_an_event_loop_goes_on_while_a_call_waits(open_caller: OpenCaller, store: MemoryStore) -> None:
    """Law 8: the lock of another process blocks no other task."""
    store.is_taken = True
    caller: Any = open_caller()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(caller.cancel, 6303, 73552)
        until(lambda: store.waits)
        caller.portal.call(anyio.lowlevel.checkpoint)
        assert not waiting.done()
        store.is_taken = False
        assert codes(waiting.result(PATIENCE_SECONDS)) == [204]


def test_a_dead_token_of_another_process_costs_no_cancel(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """A stored token may have ended long ago, so it is not fresh: the call may still log in once."""
    caller = open_caller()
    caller.cancel(6303, 73552)
    mock_server.exchange.revoke_tokens()
    put(store, caller, "dead")
    assert codes(caller.cancel(6303, 73553)) == [401, 401, 204]
    assert log_ins(mock_server) == 2


def test_a_call_takes_two_tokens_of_the_store_at_most(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 6: a call tries at most two tokens of the store, even if the store always has another one."""
    dead = (text_of(Secret(f"dead-{number}"), time.time()) for number in range(99))
    monkeypatch.setattr(MemoryStore, "load", lambda *_: next(dead))
    assert codes(open_caller().cancel(6303, 73552)) == [401, 401]
    assert log_ins(mock_server) == 0


@pytest.mark.parametrize("age", [LIFETIME - 299.0, LIFETIME, 10 * LIFETIME, -3600.0, -10 * LIFETIME])
def test_a_token_that_may_be_too_old_is_not_used(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore, age: float
) -> None:
    """A stored token is not used after 24 hours less token_margin, or if the machine's clock has jumped."""
    caller = open_caller()
    put(store, caller, session(mock_server), age)
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert log_ins(mock_server) == 1


def test_a_token_of_the_store_ages(open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore) -> None:
    """A stored token expires when it would in the client that logged in."""
    clock = FakeClock()
    caller = open_caller(clock=clock)
    put(store, caller, session(mock_server), age=LIFETIME - 400.0)
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert log_ins(mock_server) == 0
    clock.advance(110.0)
    assert codes(caller.cancel(6303, 73553)) == [204]
    assert log_ins(mock_server) == 1


def test_a_token_expired_by_the_clients_clock_is_not_used_again(
    open_caller: OpenCaller, mock_server: MockServer
) -> None:
    """A stored token may look young after the machine's clock was set back; the client's own clock decides."""
    clock = FakeClock()
    caller = open_caller(clock=clock)
    caller.cancel(6303, 73552)
    clock.advance(LIFETIME)
    assert codes(caller.cancel(6303, 73553)) == [204]
    assert log_ins(mock_server) == 2


def test_a_token_of_another_origin_is_never_sent(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """Law 10: each server gets its own tokens only."""
    open_caller().cancel(6303, 73552)
    with MockServer() as other:
        there = open_caller(base_url=other.base_url)
        assert codes(there.cancel(6303, 73552)) == [204]
        assert log_ins(other) == 1
    assert (log_ins(mock_server), len(store.texts)) == (1, 2)


@pytest.mark.parametrize("changes", [{"app_key": "other-app-key"}, {"username": "pin"}], ids=["app key", "user name"])
def test_a_token_of_another_key_or_user_is_never_sent(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore, changes: dict[str, str]
) -> None:
    """An entry belongs to one application key and one user name."""
    open_caller().cancel(6303, 73552)
    there = open_caller(credentials=user(store, **changes))
    assert isinstance(there.cancel(6303, 73553), AuthenticationError)
    assert (log_ins(mock_server), len(store.texts)) == (2, 1)
    assert mock_server.exchange.orders[73553].is_live
