"""A token store that fails, and the tokens that a client remembers and never shows."""

import json
import logging
from pathlib import Path

import pytest
from conftest import MakeCaller
from support.control import settings
from support.memory_store import MemoryStore
from support.shared_sessions import OpenCaller, codes, log_ins, opener, put, user

from autoshares_cancel import (
    ConfigurationError,
    InvalidCredentials,
    TokenFolder,
    TokenUnavailable,
)
from autoshares_cancel._auth.token_cache import LIFETIME
from autoshares_cancel._engine.shared_tokens import MOST_SPENT, SharedTokens
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.mock import MockServer


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def open_caller(make_caller: MakeCaller, mock_server: MockServer, store: MemoryStore) -> OpenCaller:
    return opener(make_caller, mock_server, store)


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
    """The client logs in by itself, and logs that once. Law 5: no secret in the store's error is logged."""
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
    """The client logs in and replaces the entry; the next client uses its token."""
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
    """If the folder becomes unsafe later, the client logs in by itself, and writes nothing to it."""
    caller = open_caller(credentials=user(TokenFolder(tmp_path)))
    tmp_path.chmod(0o777)
    assert codes(caller.cancel(6303, 73552)) == [204]
    assert [*tmp_path.iterdir()] == []
    assert "others can write to " in caplog.text


def test_a_log_in_that_fails_stores_nothing_and_frees_the_lock(
    open_caller: OpenCaller, mock_server: MockServer, store: MemoryStore
) -> None:
    """The error of a log-in belongs to its own client; the next client can log in."""
    assert isinstance(open_caller(credentials=user(store, password="wrong")).cancel(6303, 73552), InvalidCredentials)
    settings(mock_server, token_answer={"status": 500})
    assert isinstance(open_caller().cancel(6303, 73552), TokenUnavailable)
    assert (store.texts, store.held) == ({}, set())
    settings(mock_server, token_answer=None)
    assert codes(open_caller().cancel(6303, 73552)) == [204]


def test_no_secret_is_shown(open_caller: OpenCaller, store: MemoryStore, caplog: pytest.LogCaptureFixture) -> None:
    """Law 5: neither the token nor the credentials are shown, and the store has no credentials."""
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
    """An entry has the time of the log-in request by the machine's clock."""
    SharedTokens(store, "key", LIFETIME, wall=lambda: 5000.0).save(Secret("t0ken"), 30.0)
    found = SharedTokens(store, "key", LIFETIME, wall=lambda: 5012.0).load()
    assert found is not None
    assert (found.secret.reveal(), found.age) == ("t0ken", 42.0)
    assert SharedTokens(store, "key", 42.0, wall=lambda: 5012.0).load() is None


def test_the_number_of_remembered_spent_tokens_is_limited() -> None:
    """The oldest spent token is forgotten, so that the memory of a long-running client does not grow."""
    shared = SharedTokens(MemoryStore(), "key", LIFETIME)
    for number in range(2 * MOST_SPENT):
        shared.spend(Secret(f"token-{number}"), None, Secret("token-0"))
    assert len(shared._spent) == MOST_SPENT
