"""Schemathesis, with the configuration beside this file, against the mock over TCP."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from autoshares_cancel.mock import MockServer

ROOT = Path(__file__).parents[2]


def run_schemathesis(server: MockServer, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/contract/schemathesis.toml", "run"]
    command += ["openapi/autoshares.yaml", "--url", server.base_url, *options]
    token = server.exchange.log_in("trader", "correct-horse").token
    environment = {**os.environ, "CONTRACT_APP_KEY": "demo-app-key", "CONTRACT_TOKEN": token or ""}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_schemathesis_is_green(mock_server: MockServer) -> None:
    """The mock does what the specification says, in every phase that applies."""
    run = run_schemathesis(mock_server)
    assert run.returncode == 0, run.stdout
    for phase in ("Examples", "Coverage", "Fuzzing"):
        assert f"✅ {phase}" in run.stdout
    assert "No issues found" in run.stdout


def test_schemathesis_can_be_red(mock_server: MockServer) -> None:
    """A server that breaks the contract is noticed, with this configuration too."""
    answer = {"status": 201, "body": '{"Token": 7}', "headers": {"Content-Type": "application/json"}}
    httpx.post(f"{mock_server.origin}/_mock/settings", json={"token_answer": answer}).raise_for_status()
    run = run_schemathesis(mock_server, "--phases=examples,coverage")
    assert run.returncode == 1, run.stdout
    assert "documented_or_key_refused" in run.stdout
