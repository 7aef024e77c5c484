"""Simultaneous cancels show faults that cancels one after the other do not show."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from support.command import invoke
from support.honest_stranger import KEY, Exchange, Reply
from support.strangers import on_http_server

from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract.server.scenario_table import read_table
from autoshares_cancel.contract.server.simultaneous import TOGETHER

USER = {"AUTOSHARES_APP_KEY": KEY, "AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "correct-horse"}
*_, ALONE, TOGETHER_ID = read_table(EXAMPLE).orders["open"]


@define
class NotAtomic(Exchange):
    """Reads an order's status, and writes it once all simultaneous cancels have read it."""

    meeting: threading.Barrier = field(factory=lambda: threading.Barrier(TOGETHER, timeout=10))

    def cancel(self, order: dict[str, Any] | None) -> Reply:
        """Between reading and writing the last open order, wait until the other cancels have read it."""
        if order is None or order["Id"] != TOGETHER_ID or order["Status"] != "New":
            return super().cancel(order)
        self._lock.release()
        try:
            self.meeting.wait()
        finally:
            self._lock.acquire()
        order["Status"] = "Canceled"
        return 204, None


@define
class Revived(Exchange):
    """The last of the simultaneous cancels is refused, and undoes the one that succeeded."""

    cancels: int = 0

    def cancel(self, order: dict[str, Any] | None) -> Reply:
        """Only the last open order is revived."""
        reply = super().cancel(order)
        if order is not None and order["Id"] == TOGETHER_ID:
            self.cancels += 1
            order["Status"] = "New" if self.cancels == TOGETHER else order["Status"]
        return reply


@pytest.mark.tools
@pytest.mark.parametrize(
    ("exchange", "complaint"),
    [
        (NotAtomic, "at the same time they get 204, 204, 204, 204, and one after the other 204 and 409"),
        (Revived, "then the order is 'New'"),
    ],
)
def test_a_cancel_that_is_not_atomic_is_found(
    exchange: type[Exchange], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 1: the finding has the statuses or the order's state, and two curl commands: the case and its control."""
    monkeypatch.chdir(tmp_path)
    with on_http_server(exchange()) as base_url:
        ended = invoke(["contract", base_url, "--scenarios", str(EXAMPLE), "--report", str(tmp_path)], USER)
    (found,) = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["findings"]
    assert ended.exit_code == 1
    what = f"4 simultaneous cancels of order {TOGETHER_ID}, with order {ALONE} as the control"
    assert found["what"] == f"{what}: {complaint}"
    assert found["curl"].count("curl") == 2
