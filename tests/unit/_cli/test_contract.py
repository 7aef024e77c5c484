"""`autoshares-cancel contract`: judges a server from any folder; each exit code has its meaning."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.command import invoke

from autoshares_cancel._cli import contract as command
from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract.judge import Verdict, verdict_of
from autoshares_cancel.contract.server.scenario_table import read_table


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_help() -> None:
    """The help has each option and each exit code."""
    text = invoke(["contract", "--help"], {}).stdout
    assert "Usage: autoshares-cancel contract [OPTIONS] BASE_URL" in text
    for word in ("--scenarios FILE", "--report DIR", "--junit FILE", *(f"  {verdict}  " for verdict in Verdict)):
        assert word in text


def test_the_example_of_the_help_is_a_table() -> None:
    """The file that the help prints can be read."""
    assert "EXAMPLE.read_text()" in command.HELP
    assert read_table(EXAMPLE).name == "the broker's sandbox"


def test_what_can_t_be_judged_is_one_line() -> None:
    """No address: exit code 2, one line on stderr, and no file."""
    ended = invoke(["contract", "http://broker.example/api"], {})
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: ")
    assert len(ended.stderr.splitlines()) == 1
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        ({"conforms": True, "totals": {"red": 0}}, Verdict.CONFORMS),
        ({"conforms": False, "totals": {"red": 1}}, Verdict.FINDINGS),
        ({"conforms": False, "totals": {"red": 0}}, Verdict.NOT_JUDGED),
        (None, Verdict.NOT_JUDGED),
    ],
)
def test_the_exit_code_is_that_of_the_report(tmp_path: Path, report: Any, verdict: Verdict) -> None:
    """If nothing was shown, or the run was broken off, the server is not called conforming; findings are findings."""
    if report is not None:
        (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert verdict_of(tmp_path / "report.json") is verdict
