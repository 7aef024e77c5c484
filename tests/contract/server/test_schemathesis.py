"""Schemathesis, with the configuration one folder up, over TCP; each of its cases goes through both clients, too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from contract.server.aim import Aim, not_shown
from report.plugin import Cell, Finding

ROOT = Path(__file__).parents[3]


def run_schemathesis(aim: Aim, *options: str) -> subprocess.CompletedProcess[str]:
    """Run its command line; it reads the credentials from the environment."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/contract/schemathesis.toml", "run"]
    command += ["openapi/autoshares.yaml", "--url", aim.base_url, *options]
    told = {"APP_KEY": aim.key("right") or "", "TOKEN": aim.token("right") or "", "URL": aim.base_url}
    environment = {**os.environ, **{f"CONTRACT_{name}": value for name, value in told.items()}}
    environment["PYTHONPATH"] = str(ROOT / "tests")
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_schemathesis_finds_nothing(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 8: the server does what the specification says in every phase that applies, and both clients say the same."""
    cell("checks", "Schemathesis", "all phases")
    if not aim.table.fuzz:
        not_shown("the table does not say that any order may be sacrificed: fuzz = true")
    run = run_schemathesis(aim)
    if run.returncode != 0:
        problems = dict.fromkeys(re.findall(r"^- (.+)$", run.stdout, re.MULTILINE)) or {run.stdout + run.stderr: None}
        curl = re.search(r"^ *(curl .+)$", run.stdout, re.MULTILINE)
        finding(f"Schemathesis: {'; '.join(problems)}", curl=curl[1] if curl else "")
    for phase in ("Examples", "Coverage", "Fuzzing"):
        assert f"✅ {phase}" in run.stdout
    generated = re.search(r"(\d+) generated", run.stdout)
    assert generated
    if aim.controlled:
        state = aim.control("GET", "/_mock/state")
        # More than Schemathesis sent: the rest came from the clients.
        assert state["counters"]["order_requests"] + state["counters"]["token_requests"] > int(generated[1]) + 100
        assert {200, 204, 401, 403, 409, 422} <= {seen["status"] for seen in state["requests"]}
