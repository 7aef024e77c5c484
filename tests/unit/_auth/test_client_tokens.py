"""Laws 6 and 7: the token of a client, with every kind of client, against the mock exchange over TCP."""

import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from conftest import MakeCaller
from support.clients import BACKENDS
from support.control import counters, settings
from support.fake_clock import FakeClock

from autoshares_cancel import (
    AsyncClient,
    AutosharesError,
    Cancelled,
    ConfigurationError,
    InvalidCredentials,
    NotAuthorized,
    NotSent,
    PasswordCredentials,
    SecondFactorRequired,
    TokenCredentials,
    TokenUnavailable,
)
from autoshares_cancel._auth.token_cache import LIFETIME
from autoshares_cancel.mock import MockServer

KEY, PASSWORD = "demo-app-key", "correct-horse"


def login(username: str = "trader", password: str = PASSWORD, **more: Any) -> PasswordCredentials:
    return PasswordCredentials(app_key=KEY, username=username, password=password, **more)


def test_one_log_in_serves_many_calls(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: one token serves all calls of a client."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert [type(caller.cancel(6303, order_id)) for order_id in (73552, 73553, 73554)] == [Cancelled] * 3
    assert counters(mock_server)["token_requests"] == 1


def test_a_token_that_the_server_ended_early_is_renewed_once(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: after a 401 with an old token the client uses a fresh one; the outcome has both attempts."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert type(caller.cancel(6303, 73552)) is Cancelled
    mock_server.exchange.advance(LIFETIME + 1)
    outcome = caller.cancel(6303, 73553)
    assert isinstance(outcome, Cancelled)
    assert [attempt.status_code for attempt in outcome.attempts] == [401, 204]
    refused = caller.cancel(6303, 9000401)
    assert type(refused) is NotAuthorized
    assert [attempt.status_code for attempt in refused.attempts] == [401, 401]
    assert counters(mock_server)["token_requests"] == 3


def test_a_token_is_renewed_before_its_end(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """A token near its end is renewed without a 401."""
    now = [1000.0]
    margin = 600.0
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, token_margin=margin, clock=lambda: now[0])
    assert type(caller.cancel(6303, 73552)) is Cancelled
    now[0] += LIFETIME - margin - 1
    assert type(caller.cancel(6303, 73553)) is Cancelled
    assert counters(mock_server)["token_requests"] == 1
    now[0] += 1
    outcome = caller.cancel(6303, 73554)
    assert isinstance(outcome, Cancelled)
    assert len(outcome.attempts) == 1
    assert counters(mock_server)["token_requests"] == 2


def test_a_given_token_is_not_renewed(make_caller: MakeCaller, mock_server: MockServer) -> None:
    """A client with TokenCredentials never sends a request to /token."""
    given = TokenCredentials(app_key=KEY, token="unknown")
    outcome = make_caller(base_url=mock_server.base_url, credentials=given).cancel(6303, 73552)
    assert type(outcome) is NotAuthorized
    assert counters(mock_server)["token_requests"] == 0


@pytest.mark.parametrize(
    ("credentials", "account_id", "order_id"),
    [
        (login("two-factor", second_factor=lambda: "123456"), 6500, 73650),
        (login("pin", pin_code="4711"), 6600, 73660),
        (login("both", second_factor=lambda: "123456", pin_code="4711"), 6700, 73670),
    ],
)
def test_second_factors(
    make_caller: MakeCaller, mock_server: MockServer, credentials: PasswordCredentials, account_id: int, order_id: int
) -> None:
    """A log-in answers the request for a code, for a PIN, or for both, one after the other."""
    outcome = make_caller(base_url=mock_server.base_url, credentials=credentials).cancel(account_id, order_id)
    assert type(outcome) is Cancelled


@pytest.mark.parametrize(
    ("credentials", "kind"),
    [
        (login("two-factor"), SecondFactorRequired),
        (login("two-factor", pin_code="4711"), SecondFactorRequired),
        (login("pin", second_factor=lambda: "4711"), SecondFactorRequired),
        (login("two-factor", second_factor=lambda: "000000"), InvalidCredentials),
        (login("pin", pin_code="0000"), InvalidCredentials),
        (login(password="wrong"), InvalidCredentials),
        (login("nobody"), InvalidCredentials),
    ],
)
def test_failed_log_ins_touch_no_order(
    make_caller: MakeCaller, mock_server: MockServer, credentials: PasswordCredentials, kind: type
) -> None:
    """Law 6: an interim token never reaches an order call."""
    outcome = make_caller(base_url=mock_server.base_url, credentials=credentials).cancel(6303, 73552)
    assert type(outcome) is kind
    assert counters(mock_server)["order_requests"] == 0


def test_the_deadline_bounds_the_log_in_too(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 7: the call ends at its deadline despite a slow /token, and no order is touched."""
    settings(mock_server, token_delay=20)
    caller = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert type(caller.cancel(6303, 73552, deadline=0.3)) is TokenUnavailable
    assert counters(mock_server)["order_requests"] == 0


def test_a_slow_second_factor_is_bounded(client_kind: str, make_caller: MakeCaller, mock_server: MockServer) -> None:
    """Law 7: the deadline includes a slow second_factor; AsyncClient abandons it, Client ends after it returns."""
    release = threading.Event()

    def code() -> str:
        clock.run()
        release.wait(60 if is_left_behind else 0.2)
        return "123456"

    # The client's clock stands still until second_factor is called.
    clock, is_left_behind = FakeClock(), client_kind != "sync"
    slow = login("two-factor", second_factor=code)
    caller = make_caller(base_url=mock_server.base_url, credentials=slow, clock=clock)
    outcome = caller.cancel(6500, 73650, deadline=0.2)
    release.set()
    assert isinstance(outcome, TokenUnavailable | NotSent)
    assert mock_server.exchange.orders[73650].status == "New"


def in_a_loop_of_its_own(client: AsyncClient, loop: str) -> Callable[[], object]:
    """A call of this client from a new event loop."""

    async def call() -> object:
        with anyio.fail_after(60):
            try:
                return await client.cancel_order(account_id=6303, order_id=9000204, deadline=1)
            except AutosharesError as error:
                return error

    backend, options = BACKENDS[loop]
    return lambda: anyio.run(call, backend=backend, backend_options=options)


@pytest.mark.parametrize("together", [True, False], ids=["at-once", "afterwards"])
@pytest.mark.parametrize("second", BACKENDS)
@pytest.mark.parametrize("client_kind", BACKENDS)
def test_a_second_event_loop_is_refused(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, second: str, *, together: bool
) -> None:
    """Laws 3 and 6: locks and connections belong to one event loop. In another one a call raises and never hangs."""
    caller: Any = make_caller(base_url=mock_server.base_url, credentials=trader)
    assert type(caller.cancel(6303, 73552)) is Cancelled
    if together:
        mock_server.exchange.revoke_tokens()
        settings(mock_server, token_delay=0.1)
    outcomes = list[object]()
    call = in_a_loop_of_its_own(caller.client, second)
    stranger = threading.Thread(target=lambda: outcomes.append(call()), daemon=True)
    own = threading.Thread(target=lambda: outcomes.append(caller.cancel(6303, 73553)), daemon=True)
    for thread in (own, stranger) if together else (stranger,):
        thread.start()
    for thread in (own, stranger) if together else (stranger,):
        thread.join(60)
        assert not thread.is_alive()
    assert {type(outcome) for outcome in outcomes} == (
        {Cancelled, ConfigurationError} if together else {ConfigurationError}
    )
    assert type(caller.cancel(6303, 73554)) is Cancelled
