"""`autoshares-cancel contract`: its help, its exit codes, and a run in any folder."""

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
    """A server that can't be judged exits with 2, with one line on stderr and no file."""
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
    """A server conforms only if its report says so; red results are findings, and anything else is not judged."""
    if report is not None:
        (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert verdict_of(tmp_path / "report.json") is verdict
