"""The longer examples of the site."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvloop
from documents.snippets import ROOT
from examples import desk_script, kill_switch
from support import control

from autoshares_cancel.mock import MockServer

EXAMPLES = ROOT / "docs" / "examples"
SECONDS = 120


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of the kill switch, which is for two accounts; the trader has only one of them."""
    file = tmp_path / "kill-key"
    file.write_text("a-key-of-the-desk\n", encoding="utf-8")
    monkeypatch.setenv("KILL_SWITCH_KEY_FILE", str(file))
    monkeypatch.setenv("KILL_SWITCH_ACCOUNTS", "6303,6400")
    return "a-key-of-the-desk"


def post(path: str, **headers: str) -> httpx.Response:
    """Send one request to the kill switch, on uvloop."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(kill_switch.app)
        async with (
            kill_switch.app.router.lifespan_context(kill_switch.app),
            httpx.AsyncClient(transport=transport, base_url="http://kill-switch", headers=headers) as http,
        ):
            return await http.post(path)

    return uvloop.run(send())


def open_orders(server: MockServer, account_id: int = 6303) -> set[int]:
    orders = server.exchange.orders.values()
    return {order.order_id for order in orders if order.account_id == account_id and order.status == "New"}


def test_the_kill_switch_clears_an_account(exchange: MockServer, key: str) -> None:
    """The kill switch cancels all orders of an account; a second call finds none left."""
    reply = post("/kill/6303", **{"X-Kill-Key": key})
    assert (reply.status_code, reply.json()["clear"]) == (200, True)
    assert set(reply.json()["cancelled"]) >= set(range(73552, 73562))
    assert open_orders(exchange) == set()
    assert post("/kill/6303", **{"X-Kill-Key": key}).json()["cancelled"] == []


def test_the_kill_switch_names_what_is_not_clear(exchange: MockServer, key: str) -> None:
    """An account that cannot be cleared gives 503, and the other account is still cleared."""
    reply = post("/kill", **{"X-Kill-Key": key})
    assert reply.status_code == 503
    assert {report["account_id"]: report["clear"] for report in reply.json()} == {6303: True, 6400: False}
    assert open_orders(exchange) == set()
    assert open_orders(exchange, 6400) == {73600}


@pytest.mark.parametrize(("path", "headers", "status"), [("/kill", {}, 401), ("/kill/6400", {"X-Kill-Key": "no"}, 401)])
def test_the_kill_switch_needs_its_key(
    path: str, headers: dict[str, str], status: int, exchange: MockServer, key: str
) -> None:
    """Without the right key the reply is 401, and nothing is cancelled."""
    assert post(path, **headers).status_code == status
    assert len(open_orders(exchange)) == 10


def test_the_kill_switch_knows_its_accounts(exchange: MockServer, key: str) -> None:
    """An account that is not configured gives 404."""
    assert post("/kill/6500", **{"X-Kill-Key": key}).status_code == 404


@pytest.fixture
def orders(exchange: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with two open orders and a filled one."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    file = tmp_path / "orders.csv"
    numbers = (73552, 73553, 73562)
    file.write_text("account_id,order_id\n" + "".join(f"6303,{number}\n" for number in numbers), encoding="utf-8")
    return file


def test_the_desk_script_ends_well(orders: Path, exchange: MockServer, capsys: pytest.CaptureFixture[str]) -> None:
    """The desk script resolves a lost reply and ends with 0; a second run sends no request."""
    control.tell(exchange, "faults", faults=[{"fault": "close-without-reply", "order_id": 73552, "method": "DELETE"}])
    assert desk_script.main(orders) == 0
    requests = control.counters(exchange)["order_requests"]
    assert desk_script.main(orders) == 0
    assert control.counters(exchange)["order_requests"] == requests
    assert capsys.readouterr().out == ""
    assert open_orders(exchange).isdisjoint({73552, 73553})


def test_the_desk_script_names_what_a_person_has_to_look_at(
    orders: Path, exchange: MockServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that stays unknown after all tries is printed, and the exit code is 1."""
    monkeypatch.setattr(desk_script, "TRIES", 2)
    with orders.open("a", encoding="utf-8") as file:
        file.write("6303,9000500\n")
    assert desk_script.main(orders) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("9000500: OutcomeUnknown: ")


def test_the_desk_script_reports_that_nothing_was_sent(
    orders: Path, exchange: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password gives exit code 2, and no order is cancelled."""
    monkeypatch.setenv("AUTOSHARES_PASSWORD", "wrong-password")
    assert desk_script.main(orders) == 2
    assert len(open_orders(exchange)) == 10


def test_the_suite_of_a_consumer_passes(tmp_path: Path) -> None:
    """The consumer's test suite passes unchanged in a folder outside of this tree."""
    folder = shutil.copytree(EXAMPLES / "consumer", tmp_path / "consumer")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
    done = subprocess.run(
        command, cwd=folder, env=_clean(), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def _clean() -> dict[str, Any]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
