"""Turns pytest's reports of tests into cells and findings. Pure; the process that ran a test does not matter.

- A test is red when it failed or broke in any phase, not shown when it was skipped, green when it passed. It is
  accepted when it was skipped with a remark that has a reason, and noted when it passed with a remark.
  A test that is new in this release is pending where it would be red.
- A cell has the first of these states that any of its tests has: red, pending, accepted, noted, green, not shown.
- A failed test is reported with the text of its finding; without a finding, with the first line of its failure.
"""

from collections.abc import Iterable
from typing import Any, TypedDict

import pytest
from attrs import Factory, define

from autoshares_cancel.contract.report.abridging import abridged
from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.report.rules import rule_of
from autoshares_cancel.contract.report.shape import CellReport, FindingReport, PendingReport, RemarkReport, State

SECTIONS = ("statuses", "credentials", "faults", "checks")  # first in the report; other sections follow
OTHER = "other tests"
GRAVITY: tuple[State, ...] = ("red", "pending", "accepted", "noted", "green", "not shown")
LONGEST = 4000  # characters of a line, enough for forty order numbers; a server may send a megabyte


@define
class Trial:
    """The result of one test so far, with secrets masked."""

    test: str
    state: State = "not shown"
    reason: str = "it did not run to its end"
    properties: list[tuple[str, dict[str, Any]]] = Factory(list)
    failures: list[str] = Factory(list)

    def add(self, report: pytest.TestReport | pytest.CollectReport, mask: Mask) -> None:
        """Add one phase (set-up, call or teardown), the collection of a module, or the crash of a worker."""
        properties: list[tuple[str, Any]] = getattr(report, "user_properties", [])
        self.properties = [(name, mask.all(values)) for name, values in properties if name.startswith("contract_")]
        if report.failed:
            self.state = "red"
            self.failures.append(one_line(mask(failure(report))))
        elif report.skipped and self.since and hasattr(report, "wasxfail"):
            self.state = "pending"
            self.failures.append(one_line(mask(failure(report))))
        elif report.skipped and self.state != "red":
            is_accepted = any(values["reason"] for values in self.remarks())
            self.state, self.reason = "accepted" if is_accepted else "not shown", one_line(mask(skip_reason(report)))
        elif report.when == "call" and self.state != "red":
            self.state = "noted" if self.remarks() else "green"

    @property
    def since(self) -> str:
        """The release in which a pending test is new; empty for other tests."""
        return next((values["since"] for name, values in self.properties if name == "contract_pending"), "")

    def cells(self) -> list[dict[str, Any]]:
        """Return the cells that the test decides: a cell of its own if it declared none."""
        own = {"section": OTHER, "row": self.test.partition("[")[0], "column": "result", "note": "", "order": 0}
        return [values for name, values in self.properties if name == "contract_cell"] or [own]

    def remarks(self) -> list[dict[str, Any]]:
        """Return the remarks of the test."""
        return [values for name, values in self.properties if name == "contract_remark"]

    def needed(self) -> list[int]:
        """Return the positions of the accepted entries that the test's findings needed."""
        return [
            number for name, values in self.properties if name == "contract_accepted" for number in values["entries"]
        ]

    def findings(self) -> list[tuple[str, str, str]]:
        """Return text, client code and curl command of every failure; a failure without a finding has only a text."""
        if self.state not in {"red", "pending"}:
            return []
        found = [values for name, values in self.properties if name == "contract_finding"]
        known = [(one_line(values["what"]), values["client"], values["curl"]) for values in found]
        missed = [line for line in self.failures if line not in {what for what, _, _ in known}]
        return known + [(f"{self.test}: {line}", "", "") for line in missed]


@define
class Results:
    """The results of all tests so far."""

    mask: Mask
    trials: dict[str, Trial] = Factory(dict)

    def add(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Add one report of pytest to the result of its test."""
        self.trials.setdefault(report.nodeid, Trial(self.mask(report.nodeid))).add(report, self.mask)

    def cells(self) -> list[CellReport]:
        """Return every cell, section by section, in the order in which the tests were collected."""
        decided = [(values, trial) for trial in self.trials.values() for values in trial.cells()]
        decided.sort(key=lambda each: (rank(each[0]["section"]), each[0]["order"], each[1].test))
        places: dict[tuple[str, str, str], list[tuple[dict[str, Any], Trial]]] = {}
        for values, trial in decided:
            places.setdefault((values["section"], values["row"], values["column"]), []).append((values, trial))
        return [cell(*place, deciders) for place, deciders in places.items()]

    def pending(self) -> list[PendingReport]:
        """Return the findings of tests that are new in this release."""
        since = {trial.test: trial.since for trial in self.trials.values()}
        return [{**found, "since": since[found["tests"][0]]} for found in self.findings("pending")]

    def findings(self, state: State = "red") -> list[FindingReport]:
        """Return every finding once, with all tests that found it."""
        trials: dict[tuple[str, str, str], list[Trial]] = {}
        for trial in (each for each in self.trials.values() if each.state == state):
            for found in trial.findings():
                trials.setdefault(found, []).append(trial)
        return [
            {"what": what, "client": client, "curl": curl, **from_tests(what, trials[what, client, curl])}
            for what, client, curl in sorted(trials)
        ]


class FromTests(TypedDict):
    """The rule that a finding or remark is about, and the tests that reported it."""

    rule: str
    tests: list[str]


def from_tests(what: str, trials: Iterable[Trial]) -> FromTests:
    """Find rule and tests of a text. The first test by name gives the rule, so that timing does not matter."""
    by_name = {trial.test: trial for trial in trials}
    tests = sorted(by_name)
    return {"rule": rule_of(what, tests[0], by_name[tests[0]].cells()[0]), "tests": tests}


def remarks(trials: Iterable[Trial]) -> list[RemarkReport]:
    """Return every remark once, with all tests that made it; accepted ones first."""
    made: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        for values in trial.remarks():
            made.setdefault((values["reason"], one_line(values["what"])), []).append(trial)
    ranked = sorted(made, key=lambda each: (not each[0], each))
    return [{"what": what, "reason": reason, **from_tests(what, made[reason, what])} for reason, what in ranked]


def cell(section: str, row: str, column: str, deciders: list[tuple[dict[str, Any], Trial]]) -> CellReport:
    """Make one cell from the declarations and results of its tests."""
    states = {trial.state for _, trial in deciders}
    return {
        "section": section,
        "row": row,
        "column": column,
        "state": next(state for state in GRAVITY if state in states),
        "notes": unique(one_line(values["note"]) for values, _ in deciders),
        "reasons": unique(trial.reason for _, trial in deciders if trial.state == "not shown"),
        "tests": unique(trial.test for _, trial in deciders),
    }


def rank(section: str) -> int:
    """Return the position of a section in the report."""
    return SECTIONS.index(section) if section in SECTIONS else len(SECTIONS) + (section == OTHER)


def unique(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def one_line(text: str) -> str:
    """Return the first line that is not blank, shortened for readers."""
    line = abridged(next((line.strip() for line in text.splitlines() if line.strip()), ""))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} …"


def failure(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return pytest's message of a failure, without the name of the exception."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message).removeprefix("Failed: ")
    text = str(report.longrepr)  # for a missing fixture, a module that can't be imported, or a crashed worker
    return next((line[1:] for line in text.splitlines() if line.startswith("E ")), text)


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why the test was skipped, or why it was expected to fail."""
    if hasattr(report, "wasxfail"):
        return f"it is expected to fail: {report.wasxfail}"
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
