"""Runs Schemathesis over TCP with its configuration file; hooks repeat each of its cases through both clients."""

from __future__ import annotations

import re
from subprocess import CompletedProcess

from autoshares_cancel.contract.report.fixture_types import Cell, Finding
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.schemathesis_run import (
    IS_INSTALLED,
    run_as_two_users,
    run_schemathesis,
)


def must_be_possible(aim: Aim) -> None:
    """Skip the check if the table does not allow Schemathesis, or if it is not installed."""
    if not aim.table.fuzz:
        not_shown("the table does not allow to cancel any order: fuzz = true")
    if not IS_INSTALLED:
        not_shown("Schemathesis is not installed: pip install schemathesis")


def tell(run: CompletedProcess[str], finding: Finding) -> None:
    """Report the problems that a run has found."""
    if run.returncode != 0:
        problems = dict.fromkeys(re.findall(r"^- (.+)$", run.stdout, re.MULTILINE)) or {run.stdout + run.stderr: None}
        curl = re.search(r"^ *(curl .+)$", run.stdout, re.MULTILINE)
        finding(f"Schemathesis: {'; '.join(problems)}", curl=curl[1] if curl else "")


def test_schemathesis_finds_nothing(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 8: the server follows the specification in every phase that applies, and both clients agree."""
    cell("checks", "Schemathesis", "all phases")
    must_be_possible(aim)
    run = run_schemathesis(aim)
    tell(run, finding)
    for phase in ("Examples", "Coverage", "Fuzzing"):
        assert f"✅ {phase}" in run.stdout
    generated = re.search(r"(\d+) generated", run.stdout)
    assert generated
    if aim.controlled:
        state = aim.control("GET", "/_mock/state")
        # The clients must have repeated cases, so the mock has seen more than Schemathesis sent.
        assert state["counters"]["order_requests"] + state["counters"]["token_requests"] > int(generated[1]) + 100
        assert {200, 204, 401, 403, 409, 422} <= {seen["status"] for seen in state["requests"]}


def test_another_user_reads_none_of_the_orders(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 2: orders that one user lists and reads are refused to another, as Schemathesis checks with two users."""
    cell("checks", "Schemathesis", "two users")
    must_be_possible(aim)
    run, tried = run_as_two_users(aim)
    tell(run, finding)
    assert tried or not aim.controlled, run.stdout
    if not tried:
        not_shown("Schemathesis found no order that the user lists and reads")
