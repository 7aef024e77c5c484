"""Judges one server: checks that it can be judged, runs the suite, and returns the exit code."""

import json
import sys
from enum import IntEnum
from pathlib import Path

from autoshares_cancel.contract.given import FILE, Given
from autoshares_cancel.contract.plan import plan
from autoshares_cancel.contract.run import run_suite
from autoshares_cancel.contract.server.preflight import PreflightError
from autoshares_cancel.contract.server.reproduce import how_to_get_a_token
from autoshares_cancel.contract.server.target import TargetError


class Verdict(IntEnum):
    """The exit code of a run."""

    CONFORMS = 0
    FINDINGS = 1
    NOT_JUDGED = 2


def judge(
    base_url: str, *, scenarios: Path | None, report: Path, junit: Path | None = None, given: Given = FILE
) -> Verdict:
    """Judge the server at this address with the scenarios of a file. Prints the findings and the checks not shown.

    `given` names the orders that the run may cancel in place of those of the file.
    """
    try:
        numbers = given.numbers(base_url, scenarios)
        target = given.prepare(base_url, scenarios=scenarios, numbers=numbers)
    except (TargetError, PreflightError) as problem:
        print(f"Error: {problem}", file=sys.stderr)
        return Verdict.NOT_JUDGED
    print(f"judging {target.base_url} as {target.table.name}", flush=True)
    if target.open_orders:
        print(f"orders that this run may cancel: {', '.join(map(str, target.open_orders))}", flush=True)
    (report / "report.json").unlink(missing_ok=True)  # if this run breaks, no older report may remain
    code = run_suite(base_url, scenarios=scenarios, report=report, junit=junit, open_orders=target.open_orders)
    verdict = verdict_of(report / "report.json")
    if verdict is Verdict.FINDINGS:
        print(f"AUTOSHARES_TOKEN is the Token that this gives: {how_to_get_a_token(base_url.rstrip('/'))}")
    if verdict is Verdict.NOT_JUDGED:
        print(f"Error: the run showed nothing, or did not end well (pytest's exit code {code})", file=sys.stderr)
    return verdict


def show_plan(base_url: str, *, scenarios: Path | None, given: Given = FILE) -> Verdict:
    """Print the requests that `judge` would send to the server, without sending any."""
    try:
        for line in plan(base_url, scenarios=scenarios, given=given):
            print(line)
    except (TargetError, PreflightError) as problem:
        print(f"Error: {problem}", file=sys.stderr)
        return Verdict.NOT_JUDGED
    return Verdict.CONFORMS


def verdict_of(report: Path) -> Verdict:
    """Read the verdict of a report. Findings count even if the run broke off; otherwise such a run is NOT_JUDGED."""
    try:
        document = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Verdict.NOT_JUDGED
    if document["totals"]["red"]:
        return Verdict.FINDINGS
    return Verdict.CONFORMS if document["conforms"] else Verdict.NOT_JUDGED
