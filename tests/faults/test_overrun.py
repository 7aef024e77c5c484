"""Law 7 in real time: a fault that would delay a call for ever delays it only until its deadline."""

import json
from pathlib import Path
from typing import Any

import pytest
from bench import overrun
from support.clients import CLIENT_KINDS

from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock.server import protocol

STALLING = ("stall", "stall-in-head", "stall-in-body", "drip", "drip-body", "length-too-long")
DEADLINE = 0.25
FOR_EVER_MS = 60_000.0
"""More than a busy machine needs; without a deadline, a call would take two minutes."""


@pytest.fixture(autouse=True)
def _silence_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LONGEST_STALL_SECONDS", 120)


def run(output: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Run the measurement; return its exit code and raw figures."""
    code = overrun.main(["--output", str(output), *options])
    return code, json.loads(output.read_text(encoding="utf-8"))["calls"]


@pytest.mark.parametrize("fault", STALLING)
def test_no_fault_holds_a_call_for_ever(fault: str, tmp_path: Path, cell: Cell) -> None:
    """Law 7: with a stalling server, every kind of client ends its call at the deadline or soon after."""
    cell("deadlines", row=fault, column="every kind of client", note="ended")
    options = ("--deadline", str(DEADLINE), "--bound", str(FOR_EVER_MS), "--fault", fault)
    code, calls = run(tmp_path / "overrun.json", *options)
    assert code == 0
    assert [(call["fault"], call["client_kind"]) for call in calls] == [
        (fault, client_kind) for client_kind in CLIENT_KINDS
    ]
    for call in calls:
        # The deadline ended the call, or the call ended just before, with no time left for another read.
        assert DEADLINE - 0.1 < call["seconds"] < DEADLINE + FOR_EVER_MS / 1000
        assert call["overrun_ms"] == pytest.approx(max(0.0, call["seconds"] - DEADLINE) * 1000, abs=0.1)


def test_a_late_call_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A call beyond the bound gives exit code 1, and the last line names it; here the bound is below 0."""
    options = ("--deadline", "60", "--bound", "-1", "--fault", "garbage")
    code, _ = run(tmp_path / "new" / "overrun.json", *options)
    *lines, last = capsys.readouterr().out.splitlines()
    assert code == 1
    assert [line.split()[:4] for line in lines] == [["1", "of", "1", "garbage"]]
    assert last == "largest: 0.0 ms beyond 60 s (garbage, sync)"
