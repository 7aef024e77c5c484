"""`make contract BASE_URL=…`: correct servers pass, others fail, and only spare orders are cancelled."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from starlette.types import ASGIApp, Receive, Scope, Send
from support.python_path import python_path

from autoshares_cancel.contract import judge as command
from autoshares_cancel.contract.server.scenario_table import read_table
from autoshares_cancel.contract.server.target import MOCK_TABLE
from autoshares_cancel.mock import create_app
from autoshares_cancel.mock.api import cancel as cancelling
from autoshares_cancel.mock.api import rules
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.server.mock_server import listen
from autoshares_cancel.mock.server.serving import ServerThread

EXAMPLE = MOCK_TABLE.with_name("example.toml")
TRADER = {
    "AUTOSHARES_APP_KEY": "demo-app-key",
    "AUTOSHARES_USERNAME": "trader",
    "AUTOSHARES_PASSWORD": "correct-horse",
}
TABLE = {**TRADER, "CONTRACT_SCENARIOS": str(EXAMPLE)}


def hidden(app: ASGIApp) -> ASGIApp:
    """Hide the control of the mock, so that it is like an unknown server."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        is_control = scope["path"].startswith("/_mock/")
        await app({**scope, "path": "/", "raw_path": b"/"} if is_control else scope, receive, send)

    return serve


@frozen
class Verdict:
    """The output of a run about a server."""

    code: int
    out: str
    err: str


Judge = Callable[[str, Mapping[str, str]], Verdict]


@frozen
class Stranger:
    """A server without control, and the exchange behind it."""

    base_url: str
    exchange: Exchange

    @property
    def cancelled(self) -> set[int]:
        """Every order that was cancelled since the start."""
        return {event.order_id for event in self.exchange.ledger if event.status == "Canceled"}


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    app = create_app()
    listener = listen(0)
    port: int = listener.getsockname()[1]
    thread = ServerThread(hidden(app), listener, app.state)
    thread.start()
    yield Stranger(f"http://127.0.0.1:{port}/api", app.state.exchange)
    thread.stop()


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Remove one of the server's rules."""

    def forget(rule: Any) -> None:
        monkeypatch.setattr(rules, "RULES", tuple(each for each in rules.RULES if each is not rule))

    return forget


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Judge:
    """Judge a server with only these environment variables; the report goes to a folder of its own."""

    def judged(base_url: str, environment: Mapping[str, str]) -> Verdict:
        variables = {"PATH": os.environ["PATH"], "PYTHONPATH": python_path(), "PYTHONUTF8": "1", **environment}
        with monkeypatch.context() as patch:
            for name in os.environ.keys() - variables.keys():
                patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            table = environment.get("CONTRACT_SCENARIOS")
            code = command.judge(base_url, scenarios=Path(table) if table else None, report=tmp_path / "judged")
        printed = capfd.readouterr()
        return Verdict(code, printed.out, printed.err)

    return judged


@pytest.mark.tools
def test_an_unknown_server_is_spared(judge: Judge, stranger: Stranger) -> None:
    """Law 1: with all credentials but no table, nothing is cancelled, and checks that need orders are not shown."""
    verdict = judge(stranger.base_url, TRADER)
    assert verdict.code == 0, verdict.out
    assert "as an unknown server" in verdict.out
    assert "NOT SHOWN: statuses · cancelOrder 200" in verdict.out
    assert stranger.cancelled == set()


@pytest.mark.tools
def test_only_orders_of_the_table_are_cancelled(judge: Judge, stranger: Stranger) -> None:
    """Law 1: a correct server passes, and only the orders that the table names are cancelled."""
    verdict = judge(stranger.base_url, TABLE)
    assert verdict.code == 0, verdict.out
    assert (
        "NOT SHOWN: statuses · listOrders 400 · no body · sync, no body · asyncio: the client sends no" in verdict.out
    )
    spared = {73555}  # it gets only requests that must not cancel it
    assert stranger.cancelled == set(read_table(EXAMPLE).orders["open"]) - spared


def test_a_faulty_server_does_not_conform(judge: Judge, stranger: Stranger, without: Callable[[Any], None]) -> None:
    """Law 5: a server that ignores the key fails; each rule has one case with client code and curl, and no secrets."""
    without(rules.app_key_is_right)
    verdict = judge(stranger.base_url, TABLE)
    assert verdict.code == 1
    lines = verdict.out.splitlines()
    start = next(
        at for at, line in enumerate(lines) if line.startswith("WRONG: credentials · right token: 409, not 403 (")
    )
    assert lines[start + 1] == "    cancelOrder with right token and wrong key: 409, not 403"
    assert lines[start + 2].startswith("    import os; from autoshares_cancel import Client, TokenCredentials; Client(")
    assert '--header "Authorization: Bearer $AUTOSHARES_TOKEN"' in lines[start + 3]
    assert not [secret for secret in TRADER.values() if secret in verdict.out and secret != "trader"]


@pytest.mark.table
def test_a_server_where_another_user_cancels_does_not_conform(
    judge: Judge, stranger: Stranger, without: Callable[[Any], None]
) -> None:
    """Law 2: a server that ignores the owner of an account fails, by a read and by a cancel of the other user."""
    without(rules.account_is_owned)
    other = {"CONTRACT_OTHER_USERNAME": "other", "CONTRACT_OTHER_PASSWORD": "battery-staple"}
    verdict = judge(stranger.base_url, {**TABLE, **other})
    assert verdict.code == 1
    assert "WRONG: cancelOrder with CONTRACT_OTHER_USERNAME token and right key: 204, not 401" in verdict.out
    assert "WRONG: getOrder with CONTRACT_OTHER_USERNAME token and right key: 200, not 401" in verdict.out


@pytest.mark.tools
def test_a_server_that_cancels_nothing_does_not_conform(
    judge: Judge, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 1: a 409 in place of every 204 does not pass."""
    monkeypatch.setattr(cancelling, "book_decides", lambda *_: 409)
    verdict = judge(stranger.base_url, TABLE)
    assert verdict.code == 1
    assert "WRONG: a cancel of open order 73554: 409, not 200 or 204" in verdict.out


def test_a_wrong_base_url_is_one_message(judge: Judge, stranger: Stranger) -> None:
    """A base URL without /api gets one error message."""
    verdict = judge(stranger.base_url.removesuffix("/api"), TRADER)
    assert (verdict.code, verdict.out) == (2, ""), verdict.out
    assert verdict.err.endswith(": does BASE_URL end in /api?\n")


def test_a_server_that_cannot_be_judged_is_one_line(judge: Judge, tmp_path: Path) -> None:
    """A missing server, a wrong address and a wrong table each give one line and exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (tmp_path / "wrong.toml").write_text("name = 7", encoding="utf-8")
    base_url = f"http://127.0.0.1:{port}/api"
    for address, environment, complaint in (
        (base_url, {}, f"{base_url} does not answer"),
        ("http://broker.example/api", {}, "https"),
        (base_url, {"CONTRACT_SCENARIOS": str(tmp_path / "wrong.toml")}, "name must be str, not 7"),
    ):
        verdict = judge(address, environment)
        assert (verdict.code, verdict.out) == (2, ""), verdict.out
        assert complaint in verdict.err
        assert len(verdict.err.splitlines()) == 1
