"""A correct server that differs from the mock only where the vendor's facts leave a choice has no finding."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.honest_stranger import KEY, honest_stranger

from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract.judge import Verdict, judge
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.scenario_table import read_table
from autoshares_cancel.contract.server.schemathesis_run import run_as_two_users, run_schemathesis

OPEN = set(read_table(EXAMPLE).orders["open"])
SPARED = {73555}
"""The order that gets only requests that must not cancel it."""


MOST_LOG_INS = 3
"""The suite's own log-ins: one for the token, and the others to find out whether the server has a log-in."""
USER = {"AUTOSHARES_APP_KEY": KEY, "AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "correct-horse"}


def judged(monkeypatch: pytest.MonkeyPatch, folder: Path, scenarios: Path | None, limit: int = 0) -> Any:
    """The verdict on a stranger, its report, and the exchange behind it."""
    for name, value in USER.items():
        monkeypatch.setenv(name, value)
    with honest_stranger(limit) as (base_url, exchange):
        verdict = judge(base_url, scenarios=scenarios, report=folder)
    return verdict, json.loads((folder / "report.json").read_text(encoding="utf-8")), exchange


def states(report: Any, section: str, row: str) -> set[str]:
    """The states of a row of the report."""
    return {cell["state"] for cell in report["cells"] if (cell["section"], cell["row"]) == (section, row)}


def test_what_the_vendor_leaves_open_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other refusals than the mock's, early hints and a Content-Type without a body are remarks, and no findings."""
    verdict, report, exchange = judged(monkeypatch, tmp_path, EXAMPLE)
    assert (verdict, report["findings"]) == (Verdict.CONFORMS, [])
    assert exchange.cancelled == OPEN - SPARED
    noted = {remark["what"] for remark in report["remarks"]}
    assert noted >= {
        "DELETE /v2/accounts/{account}/orders/{order}: 400, not 404",
        "DELETE /v1/accounts/x/orders/: 405, not 404",
        "DELETE /v1/accounts/{account}/orders/2147483648: 400, not 422",
        "DELETE /v1/accounts/{account}/orders/-2147483648: 422, not 409",
        "reading an order that is absent: 404, not 422",
        "cancelOrder with wrong token and wrong key: 401, not 403",
        "a cancel of an open order: Content-Type is application/json, and there is no body",
    }
    cancels = [request for request in exchange.seen if request.startswith("DELETE")]
    assert exchange.connections < len(exchange.seen) - len(cancels) / 2  # all but cancels share connections
    assert states(report, "checks", "cancel means cancel") == {"green"}
    assert states(report, "reading", "an order that is absent") == {"noted"}


@pytest.mark.tools
def test_a_token_that_a_log_in_of_the_suite_ends_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a token and a password the token is used until the suite has logged in by itself."""
    for name, value in USER.items():
        monkeypatch.setenv(name, value)
    with honest_stranger() as (base_url, exchange):
        _, granted = exchange.log_in({"username": "trader", "password": "correct-horse", "et-app-key": KEY})
        monkeypatch.setenv("AUTOSHARES_TOKEN", granted["Token"])
        assert judge(base_url, scenarios=EXAMPLE, report=tmp_path) is Verdict.CONFORMS


def test_without_a_table_an_honest_server_is_spared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 1: without a table, nothing is cancelled, and a correct server has no finding."""
    verdict, report, exchange = judged(monkeypatch, tmp_path, None)
    assert (verdict, report["findings"], exchange.cancelled) == (Verdict.CONFORMS, [], set())


@pytest.mark.tools
def test_a_limited_rate_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients and the suite wait after a 429, and a 429 is never a finding."""
    verdict, report, exchange = judged(monkeypatch, tmp_path, EXAMPLE, limit=7)
    assert (verdict, report["findings"]) == (Verdict.CONFORMS, [])
    assert exchange.cancelled == OPEN - SPARED


@pytest.mark.tools
def test_an_accepted_finding_is_reported_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A finding that the table accepts does not fail the run; an entry that no finding needs is reported."""
    text = EXAMPLE.read_text(encoding="utf-8").replace('outcome = "OrderConflict"', 'outcome = "InvalidRequest"', 1)
    accepted = '[[accepted]]\ncheck = "statuses · cancelOrder 409"\nreason = "known since May"\n'
    unneeded = {"check": "reading", "rule": "500, not 422", "reason": "fixed in June"}
    accepted += "[[accepted]]\n" + "".join(f'{name} = "{value}"\n' for name, value in unneeded.items())
    table = tmp_path / "broker.toml"
    table.write_text(text, encoding="utf-8")
    verdict, report, _ = judged(monkeypatch, tmp_path, table)
    assert (verdict, len(report["findings"]), report["unneeded"]) == (Verdict.FINDINGS, 2, [])
    table.write_text(text + accepted, encoding="utf-8")
    verdict, report, _ = judged(monkeypatch, tmp_path, table)
    assert (verdict, report["findings"], report["totals"]["accepted"]) == (Verdict.CONFORMS, [], 2)
    assert states(report, "statuses", "cancelOrder 409") == {"accepted"}
    assert report["unneeded"] == [unneeded]
    out = capfd.readouterr().out
    assert re.search(r"^ACCEPTED: statuses · cancelOrder 409: .* \(2 cases\): known since May$", out, re.MULTILINE)
    line = 'NOT NEEDED: no finding needs [[accepted]] with check = "reading" and rule = "500, not 422": remove it'
    assert out.count(line) == 1


def without_judging(base_url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the only line on stderr for a server that cannot be judged; there is no output and no report."""
    verdict = judge(base_url, scenarios=EXAMPLE, report=folder)
    printed = capsys.readouterr()
    assert (verdict, printed.out, list(folder.iterdir())) == (Verdict.NOT_JUDGED, "", [])
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"AUTOSHARES_APP_KEY": ""}, "AUTOSHARES_APP_KEY is not set"),
        ({"AUTOSHARES_PASSWORD": "mistyped"}, "/token answered 401, without a token that can be used"),
        ({"AUTOSHARES_TOKEN": "expired"}, "order 73552 is answered with 401, not open"),
    ],
)
def test_a_log_in_that_fails_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    complaint: str,
) -> None:
    """A failed log-in gives one line on stderr before any cancel is sent."""
    for name, value in {**USER, **changes}.items():
        monkeypatch.setenv(name, value)
    with honest_stranger() as (base_url, exchange):
        assert complaint in without_judging(base_url, tmp_path, capsys)
    assert not [request for request in exchange.seen if request.startswith("DELETE")]


@pytest.mark.parametrize(
    ("number", "status", "complaint"),
    [
        (73552, "Filled", "order 73552 is Filled, not open"),
        (73562, "New", "order 73562 is New, not filled"),
        (73564, None, "order 73564 is answered with 404, not cancelled"),
        (1, "New", "order 1 is New, not absent"),
    ],
)
def test_an_order_that_is_not_as_the_table_says_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    status: str | None,
    complaint: str,
) -> None:
    """Law 1: a table that is out of date is reported before any cancel is sent."""
    for name, value in USER.items():
        monkeypatch.setenv(name, value)
    with honest_stranger() as (base_url, exchange):
        exchange.orders.pop(number, None)
        if status:
            exchange.orders[number] = {"Id": number, "AccountId": 6303, "Status": status, "Date": ""}
        assert complaint in without_judging(base_url, tmp_path, capsys)
    assert not [request for request in exchange.seen if request.startswith("DELETE")]


def test_a_server_that_limits_everything_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that answers every request with 429 is not judged."""
    for name, value in USER.items():
        monkeypatch.setenv(name, value)
    with honest_stranger(limit=1) as (base_url, _):
        assert "429" in without_judging(base_url, tmp_path, capsys)


@pytest.mark.table
def test_another_user_has_no_finding_at_an_honest_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 2: as the other user, Schemathesis sends GET only, also if each log-in ends the user's earlier token."""
    table = tmp_path / "fuzz.toml"
    table.write_text(EXAMPLE.read_text(encoding="utf-8").replace("fuzz = false", "fuzz = true"), encoding="utf-8")
    users = {**USER, "CONTRACT_OTHER_USERNAME": "other", "CONTRACT_OTHER_PASSWORD": "battery-staple"}
    for name, value in {**users, "CONTRACT_SCENARIOS": str(table)}.items():
        monkeypatch.setenv(name, value)
    with honest_stranger() as (base_url, exchange):
        monkeypatch.setenv("CONTRACT_BASE_URL", base_url)
        run, tried = run_as_two_users(Aim(base_url, read_table(table), users, controlled=False))
    assert (run.returncode, tried > 0) == (0, True), run.stdout + run.stderr
    assert {request.split(" ")[0] for request in exchange.seen if "/accounts/" in request} == {"GET"}


@pytest.mark.table
def test_schemathesis_has_no_finding_at_an_honest_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 1: with fuzz = true, Schemathesis sends only the specified methods, and no log-ins."""
    table = tmp_path / "fuzz.toml"
    table.write_text(EXAMPLE.read_text(encoding="utf-8").replace("fuzz = false", "fuzz = true"), encoding="utf-8")
    for name, value in {**USER, "CONTRACT_SCENARIOS": str(table)}.items():
        monkeypatch.setenv(name, value)
    with honest_stranger() as (base_url, exchange):
        monkeypatch.setenv("CONTRACT_BASE_URL", base_url)
        aim = Aim(base_url, read_table(table), USER, controlled=False)
        run = run_schemathesis(aim, "--max-examples=8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert {request.split(" ")[0] for request in exchange.seen if "/accounts/" in request} <= {"GET", "DELETE"}
    assert sum(request == "POST /api/token" for request in exchange.seen) <= MOST_LOG_INS
