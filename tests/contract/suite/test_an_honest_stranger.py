"""Nothing honest fails: no finding about a server that differs from the mock where the vendor's facts leave it open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.honest_stranger import KEY, honest_stranger

from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract.judge import Verdict, judge
from autoshares_cancel.contract.server.scenario_table import read_table

OPEN = set(read_table(EXAMPLE).orders["open"])


def judged(monkeypatch: pytest.MonkeyPatch, folder: Path, scenarios: Path | None, limit: int = 0) -> Any:
    """The verdict on a stranger, its report, and the exchange behind it."""
    named = {"APP_KEY": KEY, "USERNAME": "trader", "PASSWORD": "correct-horse"}
    for name, value in named.items():
        monkeypatch.setenv(f"AUTOSHARES_{name}", value)
    with honest_stranger(limit) as (base_url, exchange):
        verdict = judge(base_url, scenarios=scenarios, report=folder)
    return verdict, json.loads((folder / "report.json").read_text(encoding="utf-8")), exchange


def states(report: Any, section: str, row: str) -> set[str]:
    """The states of a row of the report."""
    return {cell["state"] for cell in report["cells"] if (cell["section"], cell["row"]) == (section, row)}


def test_what_the_vendor_leaves_open_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other refusals than the mock's, early hints and a Content-Type without a body are remarks, and no findings."""
    verdict, report, exchange = judged(monkeypatch, tmp_path, EXAMPLE)
    assert (verdict, report["findings"]) == (Verdict.HONEST, [])
    assert exchange.cancelled == OPEN
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
    assert states(report, "checks", "cancel means cancel") == {"green"}
    assert states(report, "reading", "an order that is absent") == {"noted"}


def test_an_unknown_stranger_is_spared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 1: without a table nothing is cancelled, and nothing honest fails."""
    verdict, report, exchange = judged(monkeypatch, tmp_path, None)
    assert (verdict, report["findings"], exchange.cancelled) == (Verdict.HONEST, [], set())


def test_a_limited_rate_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 is waited for, by the clients and by the suite, and is never a finding."""
    verdict, report, exchange = judged(monkeypatch, tmp_path, EXAMPLE, limit=7)
    assert (verdict, report["findings"]) == (Verdict.HONEST, [])
    assert exchange.cancelled == OPEN


def test_a_server_that_limits_everything_shows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered with 429 to the end is not shown."""
    _, report, exchange = judged(monkeypatch, tmp_path, EXAMPLE, limit=1)
    assert (report["findings"], exchange.cancelled) == ([], set())
    assert states(report, "checks", "cancel means cancel") == {"not shown"}


def test_connections_are_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that are no cancels share connections."""
    _, _, exchange = judged(monkeypatch, tmp_path, EXAMPLE)
    cancels = [request for request in exchange.seen if request.startswith("DELETE")]
    assert exchange.connections < len(exchange.seen) - len(cancels) / 2
