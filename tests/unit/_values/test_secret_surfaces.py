"""Law 5, surface by surface: no secret appears anywhere, however a call ends.

The server is hostile: every reply contains all secrets that the server received or gave out. A provocation is a way for
a call to end, and a surface is a way to look at its result. Two are left out on purpose: Secret.reveal(), whose job is
to give the value, and the state that httpx keeps inside of the client during a call.
"""

import logging
import subprocess
import sys
import threading
from typing import Any

import anyio
import anyio.to_thread
import pytest
from click.testing import CliRunner
from conftest import MakeCaller
from support.clients import BACKENDS, Caller, open_caller
from support.fake_backend import PATIENCE_SECONDS
from support.raw_server import close, raw_server
from support.recorded import Recorded
from support.secret_leaks import NOT_PLANTED, SURFACES, Left, leaks, provoke, shown_in
from support.secret_provocations import ALL, FULL, NAMED, PROVOCATIONS, SECRETS, TOKEN, Provocation, head

from autoshares_cancel import (
    Attempt,
    ConfigurationError,
    NoReply,
    Order,
    PasswordCredentials,
    TokenCredentials,
    TokenUnavailable,
    UndocumentedStatus,
)
from autoshares_cancel._cli.app import app
from autoshares_cancel._http.connection import Connection

# Every ending with Client, and with AsyncClient those whose frames differ.
ASYNC_ENDINGS = ("200", "headers", "no HTTP", "log-in breaks", "read")
ENDINGS = [
    *(("sync", name) for name in PROVOCATIONS),
    *((client_kind, name) for client_kind in BACKENDS for name in ASYNC_ENDINGS),
]


@pytest.mark.parametrize(("client_kind", "case"), ENDINGS, ids="-".join)
def test_no_surface_shows_a_secret(make_caller: MakeCaller, case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Law 5: no secret appears, with every logger at DEBUG and locals in tracebacks, whatever the server sends back."""
    left = provoke(make_caller, PROVOCATIONS[case], caplog)
    assert type(left.outcome) is PROVOCATIONS[case].outcome
    # A wrong id raises before the call begins.
    assert bool(left.recorded.spans) is (PROVOCATIONS[case].outcome is not ConfigurationError)
    assert leaks(left) == []


def test_a_planted_leak_is_found(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 5: there are at least 25 surfaces, and a secret in an outcome, a frame, the log or an event is found."""
    client = make_caller(base_url="http://127.0.0.1:1", credentials=token).client
    attempt = Attempt(status_code=None, evidence=ALL, seconds=0.0)
    order = Order(account_id=1, order_id=1, description=ALL)
    record = logging.LogRecord("httpcore", logging.DEBUG, "", 1, ALL, (), None)
    recorded = Recorded()
    recorded.tracers.get_tracer("planted").start_span("planted", attributes={"planted": ALL}).end()
    try:
        raise NoReply(account_id=1, order_id=1, detail=ALL, attempts=(attempt,), order=order) from ValueError(ALL)  # noqa: TRY301  # frames
    except NoReply as planted:
        planted.add_note(ALL)
        found = leaks(Left(client, planted, [record], [attempt], ALL.encode(), [], recorded))
    assert len(SURFACES) >= 25
    shown = {surface for surface in SURFACES if f"{surface} shows the access token" in found}
    assert set(SURFACES) - shown == NOT_PLANTED


def test_what_stops_the_program_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 5: after Ctrl-C during a request the traceback has no frames of httpx, whose locals hold headers."""

    async def read(*_: object) -> bytes:
        raise KeyboardInterrupt

    def stopped(caller: Caller) -> KeyboardInterrupt:
        # In a separate frame: the test's frame holds the secrets.
        with pytest.raises(KeyboardInterrupt) as stop:
            caller.cancel(1, 1)
        return stop.value

    monkeypatch.setattr(Connection, "_read", read)
    recorded = Recorded()
    with (
        raw_server(Provocation(outcome=NoReply).answer) as server,
        open_caller("sync", base_url=server.base_url, credentials=TOKEN, telemetry=recorded.telemetry) as caller,
    ):
        stop = stopped(caller)
    assert len(recorded.spans) == 2
    assert leaks(Left(caller.client, stop, [], [], ALL.encode(), [], recorded)) == []


@pytest.mark.parametrize("client_kind", BACKENDS)
def test_a_task_that_is_cancelled_shows_no_secret(make_caller: MakeCaller) -> None:
    """Law 5: the exception of a task that is cancelled during its request shows no secret."""
    stopped, recorded, arrived = list[BaseException](), Recorded(), threading.Event()
    with raw_server(lambda *_: arrived.set()) as server:
        caller: Any = make_caller(base_url=server.base_url, credentials=TOKEN, telemetry=recorded.telemetry)

        async def call() -> None:
            try:
                await caller.client.cancel_order(account_id=1, order_id=1)
            except BaseException as error:
                stopped.append(error)
                raise

        async def run() -> None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call)
                await anyio.to_thread.run_sync(arrived.wait, PATIENCE_SECONDS)
                tasks.cancel_scope.cancel()

        caller.portal.call(run)
    assert len(recorded.spans) == 2
    assert leaks(Left(caller.client, stopped[0], [], [], ALL.encode(), [], recorded)) == []


def test_an_uncaught_failure_shows_no_secret() -> None:
    """Law 5: the interpreter's message about an uncaught failure of the log-in shows no secret."""
    with raw_server(PROVOCATIONS["log-in refused"].answer) as server:
        arguments = f"base_url={server.base_url!r}, credentials=PasswordCredentials(**{NAMED!r})"
        call = f"Client({arguments}).cancel_order(account_id=1, order_id=1)"
        script = f"from autoshares_cancel import *\nexec({call!r})"
        result = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, check=False)
    assert "SecondFactorRequired" in result.stderr
    assert set(shown_in(result.stderr)) & {"app key", "user name", "password"} == set()


@pytest.mark.parametrize("options", [[], ["--json"]], ids=str)
@pytest.mark.parametrize("name", ["409", "no HTTP"])
def test_the_command_line_shows_no_secret(name: str, options: list[str]) -> None:
    """Law 5: neither lines nor JSON objects show a secret."""
    with raw_server(PROVOCATIONS[name].answer) as server:
        names = {"APP_KEY": SECRETS["app key"], "TOKEN": SECRETS["access token"], "BASE_URL": server.base_url}
        variables = {f"AUTOSHARES_{name}": value for name, value in names.items()}
        result = CliRunner().invoke(app, ["order", "1", "1", "--deadline", "1", *options], env=variables)
    assert result.output
    assert set(shown_in(result.output)) & {"app key", "access token"} == set()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_host_gets_nothing(make_caller: MakeCaller, status: int) -> None:
    """Laws 5 and 10: the client follows no redirect, neither from an order nor from the log-in."""
    with raw_server(close) as other:
        away = head(f"{status} Away", f"Location: {other.base_url}")
        for case in (
            Provocation(outcome=UndocumentedStatus, cancel=away),
            Provocation(outcome=TokenUnavailable, token=(away,)),
        ):
            with raw_server(case.answer) as server:
                outcome = make_caller(base_url=server.base_url, credentials=case.who).cancel(1, 1)
            assert type(outcome) is case.outcome
    assert other.requests == []


def test_a_proxy_logs_no_secret(make_caller: MakeCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Laws 5 and 10: the client asks a proxy for a tunnel, and sends it nothing else."""
    with raw_server(close) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        caller = make_caller(base_url="https://broker.example/api", credentials=PasswordCredentials(**FULL))
        assert type(caller.cancel(1, 1)) is TokenUnavailable
    assert {request[:8] for request in proxy.requests} == {b"CONNECT "}
    assert shown_in(repr(proxy.requests)) == []
