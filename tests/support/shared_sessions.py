"""Clients that share one session of the mock through a token store."""

import time
from collections.abc import Callable
from typing import Any

from support.clients import Caller
from support.control import counters, settings
from support.memory_store import MemoryStore

from autoshares_cancel import Cancelled, NotAuthorized, PasswordCredentials, TokenStore
from autoshares_cancel._auth.token_entry import text_of
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.mock import MockServer

OpenCaller = Callable[..., Caller]


def user(store: TokenStore, **changes: str) -> PasswordCredentials:
    values = {"app_key": "demo-app-key", "username": "trader", "password": "correct-horse", **changes}
    return PasswordCredentials(
        app_key=values["app_key"], username=values["username"], password=values["password"], token_store=store
    )


def opener(make_caller: OpenCaller, server: MockServer, store: MemoryStore) -> OpenCaller:
    """Return a function that makes clients with the store; each log-in ends the earlier token."""
    settings(server, single_session=True)

    def open_it(**options: Any) -> Caller:
        return make_caller(**{"base_url": server.base_url, "credentials": user(store), **options})

    return open_it


def log_ins(server: MockServer) -> int:
    return counters(server)["token_requests"]


def session(server: MockServer) -> str:
    """Log in outside of the clients, and return the token."""
    token = server.exchange.log_in("trader", "correct-horse").token
    assert token is not None
    return token


def put(store: MemoryStore, caller: Caller, token: str, age: float = 0.0) -> None:
    """Store a token of this age, in seconds, under the caller's key."""
    shared = caller.client._engine.tokens.shared
    assert shared is not None
    store.texts[shared.key] = text_of(Secret(token), time.time() - age)


def codes(outcome: object) -> list[int | None]:
    assert isinstance(outcome, Cancelled | NotAuthorized)
    return [attempt.status_code for attempt in outcome.attempts]
