"""Runs of Schemathesis' command line, with our configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.specification import SPECIFICATION_FILE

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
OPEN = ("status_code_conformance", "positive_data_acceptance", "unsupported_method")
ELSEWHERE = ("--exclude-operation-id=getToken", "--exclude-checks=" + ",".join(OPEN))
"""At a real server invented log-ins may lock the user out, and which refusal comes is left open."""
NO_OTHER_METHODS = "[phases.coverage]\nunexpected-methods = []\n"
"""The vendor has more operations than are specified: POST places an order, and PUT replaces one."""
IS_INSTALLED = find_spec("schemathesis") is not None


def run_schemathesis(aim: Aim, *options: str) -> subprocess.CompletedProcess[str]:
    """Run its command line; it reads the credentials from the environment, and writes into a folder that is removed."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"]
    command += [str(SPECIFICATION_FILE), "--url", aim.base_url, *(() if aim.controlled else ELSEWHERE), *options]
    told = {"APP_KEY": aim.key("right") or "", "TOKEN": aim.token("right") or "", "URL": aim.base_url}
    environment = {**os.environ, **{f"CONTRACT_{name}": value for name, value in told.items()}}
    with TemporaryDirectory() as folder:
        configuration = CONFIGURATION.read_text(encoding="utf-8") + ("" if aim.controlled else NO_OTHER_METHODS)
        Path(folder, CONFIGURATION.name).write_text(configuration, encoding="utf-8")
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
    aim.forget_tokens()
    return ended
