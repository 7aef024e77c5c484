"""Collects the results of a session, and writes and prints their report at the end."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from autoshares_cancel.contract.report.masking import Mask, origin
from autoshares_cancel.contract.report.page import counted, page
from autoshares_cancel.contract.report.results import Results, remarks
from autoshares_cancel.contract.report.shape import STATES, AcceptedEntry, Report, State
from autoshares_cancel.contract.report.terminal import terminal_lines
from autoshares_cancel.contract.report.unneeded import ACCEPTED, unneeded


class Reporter:
    """The pytest hooks that collect results and write the report."""

    def __init__(self, config: pytest.Config, folder: Path, mask: Mask) -> None:
        self.page, self.data = folder / "report.html", folder / "report.json"
        self.mask = mask
        self.stash = config.stash
        self.results = Results(mask)
        self.started = datetime.now(UTC)
        self.clock = time.monotonic()
        self.seed: object = config.getoption("--hypothesis-seed", None)
        self.server = os.environ.get("CONTRACT_BASE_URL")
        for old in (self.page, self.data):  # if this run breaks, no older report may remain
            old.unlink(missing_ok=True)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self.results.add(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.results.add(report)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        report = self.report(exitstatus)
        self.page.parent.mkdir(parents=True, exist_ok=True)
        self.data.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self.page.write_text(page(report), encoding="utf-8")

    def report(self, exitstatus: int) -> Report:
        cells, findings = self.results.cells(), self.results.findings()
        totals: dict[State, int] = {state: sum(cell["state"] == state for cell in cells) for state in STATES}
        finished = exitstatus == (pytest.ExitCode.TESTS_FAILED if totals["red"] else pytest.ExitCode.OK)
        words = verdict(totals, finished=finished)
        accepted: list[AcceptedEntry] = self.stash.get(ACCEPTED, [])
        entries = unneeded(accepted, self.results.trials.values(), cells) if finished else []
        return {
            "schema": 3,
            "conforms": words.startswith("conforms"),
            "verdict": words,
            "server": self.mask(origin(self.server)) if self.server else None,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.clock, 3),
            "seed": None if self.seed is None else str(self.seed),
            "finished": finished,
            "totals": totals,
            "cells": cells,
            "findings": findings,
            "pending": self.results.pending(),
            "remarks": remarks(self.results.trials.values()),
            "unneeded": [cast(AcceptedEntry, self.mask.all(entry)) for entry in entries],
        }

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        terminalreporter.section("contract")
        *lines, total = terminal_lines(self.report(exitstatus))
        for line in lines:
            terminalreporter.line(line)
        terminalreporter.line(f"{total}; report: {self.page}")


def verdict(totals: dict[State, int], *, finished: bool) -> str:
    """Describe the result of a run in one line; "unknown" if it did not finish or showed nothing."""
    counts = counted(totals)
    if totals["red"]:
        return f"does not conform: {counts}"
    if not finished:
        return f"unknown, for the run did not end well: {counts}"
    if not totals["green"] + totals["noted"]:
        return f"unknown, for nothing was shown: {counts}"
    return f"conforms {'but for what is accepted' if totals['accepted'] else 'as far as shown'}: {counts}"
