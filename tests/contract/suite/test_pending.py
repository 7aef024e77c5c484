"""A check that is new in a release is pending in it: its findings are shown, and the run stays green."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autoshares_cancel.contract.report import plugin

pytest_plugins = ["pytester"]

SUITE = """
import pytest

def test_old(cell):
    cell("checks", "old", "sync")

@pytest.mark.since({since})
def test_new(cell, finding):
    cell("checks", "new", "sync")
    finding("an order is cancelled twice")

@pytest.mark.since({since})
def test_new_and_broken():
    assert [] == [1]
"""
OLD, NEW = ("checks", "old"), ("checks", "new")


def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, version: str, since: str, *options: str) -> Any:
    """Run the suite above with this version of the package."""
    monkeypatch.setattr(plugin, "__version__", version)
    pytester.makepyfile(SUITE.format(since=since))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", "-p", plugin.__name__, *options)


@pytest.mark.parametrize(
    ("version", "state", "code"), [("0.1.9", "pending", 0), ("0.2.0", "pending", 0), ("0.3.0", "red", 1)]
)
def test_a_new_check_counts_from_the_next_minor_release_on(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, version: str, state: str, code: int
) -> None:
    """Every failure of a new check is pending up to its own release; from the next one on the run is red."""
    ended = run(pytester, monkeypatch, version, '"0.2"', "--contract-report=made")
    report = json.loads(Path(pytester.path, "made/report.json").read_text(encoding="utf-8"))
    states = {(cell["section"], cell["row"]): cell["state"] for cell in report["cells"]}
    assert ended.ret == code
    assert (states[OLD], states[NEW], report["conforms"], report["finished"]) == ("green", state, not code, True)
    found = {"red": "findings", "pending": "pending"}[state]
    assert [each["what"] for each in report[found]][:1] == ["an order is cancelled twice"]
    assert (report["totals"][state], len(report["pending"]), len(report["findings"])) == (2, 2 - 2 * code, 2 * code)


def test_a_new_check_counts_without_a_report(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a report, a failed new check fails the run, so that this repository notices it at once."""
    assert run(pytester, monkeypatch, "0.2.0", '"0.2"').ret == 1


@pytest.mark.parametrize(
    ("since", "complaint"),
    [
        ("", "must be since"),
        ("0.2", "must be since"),
        ('"0.2.0"', "must be since"),
        ('"0.02"', "must be since"),
        ('"v0.2"', "must be since"),
        ('"0.2\\n"', "must be since"),
        ('"0.2", "0.3"', "must be since"),
        ('"0.2", reason="new"', "must be since"),
        ('release="0.2"', "must be since"),
        ('"0.3"', "is neither a release nor the next one: this is 0.1.4"),
        ('"2.0"', "is neither a release nor the next one"),
        ('"0.2")\n@pytest.mark.since("0.2"', "a test has one such marker"),
    ],
)
def test_a_wrong_marker_is_refused(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, since: str, complaint: str
) -> None:
    """A wrong marker ends the run before a test begins; a mistyped release would stay pending for ever."""
    ended = run(pytester, monkeypatch, "0.1.4", since)
    assert ended.ret == pytest.ExitCode.USAGE_ERROR
    assert complaint in ended.stderr.str()
    assert "::test_new" in ended.stderr.str()


@pytest.mark.parametrize("since", ["0.0", "0.1", "0.2", "1.0"])
def test_a_marker_names_a_release_or_the_next_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, since: str
) -> None:
    """A marker may name a past release, or the next minor or major release."""
    ended = run(pytester, monkeypatch, "0.1.4", f'"{since}"', "--contract-report=made")
    assert ended.ret == (1 if since == "0.0" else 0)
