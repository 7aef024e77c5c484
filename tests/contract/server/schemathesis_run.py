"""Runs of Schemathesis' command line, with our configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from contract.server.aim import Aim
from support.python_path import python_path

ROOT = Path(__file__).parents[3]


def run_schemathesis(aim: Aim, *options: str) -> subprocess.CompletedProcess[str]:
    """Run its command line; it reads the credentials from the environment."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/contract/schemathesis.toml", "run"]
    command += ["openapi/autoshares.yaml", "--url", aim.base_url, *options]
    told = {"APP_KEY": aim.key("right") or "", "TOKEN": aim.token("right") or "", "URL": aim.base_url}
    environment = {**os.environ, **{f"CONTRACT_{name}": value for name, value in told.items()}}
    environment["PYTHONPATH"] = python_path()
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
