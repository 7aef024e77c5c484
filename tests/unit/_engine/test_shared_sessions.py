"""Clients that share one session through a store of tokens, with every kind of client, against the mock exchange."""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from conftest import MakeCaller
from support.clients import BACKENDS, Caller
from support.control import counters, settings
from support.fake_backend import PATIENCE_SECONDS, until
from support.fake_clock import FakeClock
from support.memory_store import MemoryStore

from autoshares_cancel import (
    AuthenticationError,
    Cancelled,
    ConfigurationError,
    InvalidCredentials,
    NotAuthorized,
    PasswordCredentials,
    TokenFolder,
    TokenStore,
    TokenUnavailable,
)
from autoshares_cancel._auth.token_cache import LIFETIME
from autoshares_cancel._auth.token_entry import text_of
from autoshares_cancel._engine.shared_tokens import MOST_SPENT, SharedTokens
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.mock import MockServer

OpenCaller = Callable[..., Caller]


def user(store: TokenStore, **changes: str) -> PasswordCredentials:
    values = {"app_key": "demo-app-key", "username": "trader", "password": "correct-horse", **changes}
    return PasswordCredentials(
        app_key=values["app_key"], username=values["username"], password=values["password"], token_store=store
    )


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def open_caller(make_caller: MakeCaller, mock_server: MockServer, store: MemoryStore) -> OpenCaller:
    """Makes a client of this kind with the store. A log-in ends the token before it."""
    settings(mock_server, single_session=True)

    def open_it(**options: Any) -> Caller:
        return make_caller(**{"base_url": mock_server.base_url, "credentials": user(store), **options})

    return open_it


def log_ins(server: MockServer) -> int:
    return counters(server)["token_requests"]


def session(server: MockServer) -> str:
    """The token of a log-in elsewhere."""
    token = server.exchange.log_in("trader", "correct-horse").token
    assert token is not None
    return token


def put(store: MemoryStore, caller: Caller, token: str, age: float = 0.0) -> None:
    """Put a token of this age into the caller's entry."""
    shared = caller.client._engine.tokens.shared
    assert shared is not None
    store.texts[shared.key] = text_of(Secret(token), time.time() - age)


def codes(outcome: object) -> list[int | None]:
    assert isinstance(outcome, Cancelled | NotAuthorized)
    return [attempt.status_code for attempt in outcome.attempts]


def test_a_second_client_takes_the_token_of_the_first(open_caller: OpenCaller, mock_server: MockServer) -> None:
    """Law 6: one log-in serves all."""
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
    """The store that ships shares a log-in, too."""
    callers = [open_caller(credentials=user(TokenFolder(tmp_path / "tokens"))) for _ in range(2)]
    assert [codes(caller.cancel(6303, 73552 + number)) for number, caller in enumerate(callers)] == [[204], [204]]
    assert log_ins(mock_server) == 1


def test_a_call_waits_for_the_log_in_of_another_process(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """Law 6: one log-in at a time over all processes. The call goes on with the token that it brings."""
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
    """A process that dies while it logs in blocks no other one."""

    def die(store: MemoryStore) -> None:
        store.is_taken = store.waits < 3

    store.is_taken, store.on_wait = True, die
    assert codes(open_caller().cancel(6303, 73552)) == [204]
    assert (log_ins(mock_server), store.waits) == (1, 3)


def test_the_deadline_ends_the_wait_for_another_process(
    client_kind: str, open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """Law 7: no order is touched, and there is no log-in without the lock."""
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
    """A token of the store may have been ended long ago. It is no fresh one: the call may still log in once."""
    caller = open_caller()
    caller.cancel(6303, 73552)
    mock_server.exchange.revoke_tokens()
    put(store, caller, "dead")
    assert codes(caller.cancel(6303, 73553)) == [401, 401, 204]
    assert log_ins(mock_server) == 2


def test_a_call_takes_two_tokens_of_the_store_at_most(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 6: a store that always has another dead token does not keep a call busy."""
    dead = (text_of(Secret(f"dead-{number}"), time.time()) for number in range(99))
    monkeypatch.setattr(MemoryStore, "load", lambda *_: next(dead))
    assert codes(open_caller().cancel(6303, 73552)) == [401, 401]
    assert log_ins(mock_server) == 0


@pytest.mark.parametrize("age", [LIFETIME - 299.0, LIFETIME, 10 * LIFETIME, -3600.0, -10 * LIFETIME])
def test_a_token_that_may_be_too_old_is_not_used(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore, age: float
) -> None:
    """Its 24 hours less token_margin are over by the clock of the machine, or that clock has jumped."""
    caller = open_caller()
    put(store, caller, session(mock_server), age)
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert log_ins(mock_server) == 1


def test_a_token_of_the_store_ages(open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore) -> None:
    """It expires when it would in the client that logged in."""
    clock = FakeClock()
    caller = open_caller(clock=clock)
    put(store, caller, session(mock_server), age=LIFETIME - 400.0)
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert log_ins(mock_server) == 0
    clock.advance(110.0)
    assert codes(caller.cancel(6303, 73553)) == [204]
    assert log_ins(mock_server) == 1


def test_a_token_that_has_expired_by_the_own_clock_is_not_taken_again(
    open_caller: OpenCaller, mock_server: MockServer
) -> None:
    """The clock of the machine may have been set back, so that the store still calls it young."""
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


PROBLEMS: dict[str, tuple[Exception, str]] = {
    "full disk": (OSError(28, "correct-horse"), "No space left on device"),
    "permission": (PermissionError(13, "correct-horse"), "Permission denied"),
    "of a foreign store": (RuntimeError("correct-horse"), "RuntimeError"),
}


@pytest.mark.parametrize("method", ["load", "save", "lock", "release"])
@pytest.mark.parametrize(("problem", "reason"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_store_that_fails_prevents_no_cancel(
    open_caller: OpenCaller,
    mock_server: MockServer,
    store: MemoryStore,
    caplog: pytest.LogCaptureFixture,
    method: str,
    problem: Exception,
    reason: str,
) -> None:
    """The client logs in by itself, and says so once. Law 5: nothing that the store says of a secret is logged."""
    store.raises[method] = problem
    caller = open_caller()
    assert codes(caller.cancel(6303, 73552)) == [204]
    mock_server.exchange.revoke_tokens()
    assert codes(caller.cancel(6303, 73553)) == [401, 204]
    assert log_ins(mock_server) == 2
    logged = [each.getMessage() for each in caplog.records if "token_store" in each.getMessage()]
    done = {"load": "read", "save": "written", "lock": "locked", "release": "unlocked"}[method]
    assert logged == [f"token_store can't be {done}, so the client logs in by itself: {reason}"]


@pytest.mark.parametrize("text", ["", '{"token": "t0k', "[]", '{"token": "a\\r\\nb", "asked_at": 1.0}'])
def test_an_entry_that_is_broken_is_replaced(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    """The client logs in, and the next one uses its token."""
    caller = open_caller()
    put(store, caller, "any")
    store.texts[store.key] = text
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert codes(open_caller().cancel(6303, 73553)) == [204]
    assert log_ins(mock_server) == 1
    assert "token_store can't be understood, so the client logs in by itself: " in caplog.text


def test_a_store_that_is_not_safe_is_refused_before_anything_is_sent(
    open_caller: OpenCaller, mock_server: MockServer, tmp_path: Path
) -> None:
    """Making the client raises ConfigurationError."""
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigurationError, match="token_store: others can write to "):
        open_caller(credentials=user(TokenFolder(tmp_path)))
    assert log_ins(mock_server) == 0


def test_a_store_that_is_no_longer_safe_is_not_used(
    open_caller: OpenCaller, mock_server: MockServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A later call is not refused for it: the client logs in by itself, and writes nothing."""
    caller = open_caller(credentials=user(TokenFolder(tmp_path)))
    tmp_path.chmod(0o777)
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert [*tmp_path.iterdir()] == []
    assert "others can write to " in caplog.text


def test_a_log_in_that_fails_stores_nothing_and_frees_the_lock(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """InvalidCredentials and TokenUnavailable belong to the client that got them."""
    assert isinstance(open_caller(credentials=user(store, password="wrong")).cancel(6303, 73552), InvalidCredentials)
    settings(mock_server, token_answer={"status": 500})
    assert isinstance(open_caller().cancel(6303, 73552), TokenUnavailable)
    assert (store.texts, store.held) == ({}, set())
    settings(mock_server, token_answer=None)
    assert codes(open_caller().cancel(6303, 73552)) == [204]


def test_no_secret_is_shown(open_caller: OpenCaller, store: MemoryStore, caplog: pytest.LogCaptureFixture) -> None:
    """Law 5: neither the token nor the credentials are; and the store has the token alone."""
    caplog.set_level(logging.DEBUG)
    caller = open_caller()
    caller.cancel(6303, 73552)
    token, shared = json.loads(store.texts[store.key])["token"], caller.client._engine.tokens.shared
    assert shared is not None
    shared.spend(Secret(token))
    identity = ("demo-app-key", "trader", "correct-horse")
    shown = f"{caplog.text} {caller.client!r} {shared!r} {caller.client._engine.tokens.cache!r}"
    assert [secret for secret in (token, *identity) if secret in shown] == []
    assert [secret for secret in identity if secret in f"{store.texts}"] == []


def test_a_token_is_as_old_as_its_log_in(store: MemoryStore) -> None:
    """The time of an entry is that of the request, by the clock of the machine."""
    SharedTokens(store, "key", LIFETIME, wall=lambda: 5000.0).save(Secret("t0ken"), 30.0)
    found = SharedTokens(store, "key", LIFETIME, wall=lambda: 5012.0).load()
    assert found is not None
    assert (found.secret.reveal(), found.age) == ("t0ken", 42.0)
    assert SharedTokens(store, "key", 42.0, wall=lambda: 5012.0).load() is None


def test_spent_tokens_are_remembered_up_to_a_number() -> None:
    """The oldest is forgotten, so that a client that runs for years does not grow."""
    shared = SharedTokens(MemoryStore(), "key", LIFETIME)
    for number in range(2 * MOST_SPENT):
        shared.spend(Secret(f"token-{number}"), None, Secret("token-0"))
    assert len(shared._spent) == MOST_SPENT
