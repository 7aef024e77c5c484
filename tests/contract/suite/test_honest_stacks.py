"""The same correct exchange has no finding on either of two real HTTP stacks."""

import json
from pathlib import Path

import pytest
from support.command import invoke
from support.honest_stranger import KEY, Exchange
from support.strangers import STACKS

from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract.server.scenario_table import read_table

USER = {"AUTOSHARES_APP_KEY": KEY, "AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "correct-horse"}
CHOICES = {
    "uvicorn": {
        "DELETE /v1/accounts/x/orders/: 307, not 404",
        "DELETE /v1/accounts/{account}/orders/1%0A: 409, not 422",
    },
    "http.server": {
        "DELETE /v1/accounts/{account}/orders/%201: 409, not 422",
        "DELETE /v1/accounts/{account}/orders/1_0: 409, not 422",
        "DELETE /v1/accounts/{account}/orders/+1: 409, not 422",
        "GET /token: Allow is missing, not POST",
    },
}
"""Replies that a stack decides by itself, and that differ from the mock's."""


@pytest.mark.tools
@pytest.mark.parametrize("stack", STACKS)
def test_replies_of_the_http_stack_are_no_finding(stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack's own error pages, headers, and parsing of ids and paths are remarks, not findings."""
    monkeypatch.chdir(tmp_path)
    exchange = Exchange()
    with STACKS[stack](exchange) as base_url:
        ended = invoke(["contract", base_url, "--scenarios", str(EXAMPLE), "--report", str(tmp_path)], USER)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (ended.exit_code, report["findings"]) == (0, [])
    spared = {73555}  # it gets only requests that must not cancel it
    assert exchange.cancelled == set(read_table(EXAMPLE).orders["open"]) - spared
    assert {remark["what"] for remark in report["remarks"]} >= CHOICES[stack]
