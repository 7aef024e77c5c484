"""Runs Schemathesis' command line with the configuration of the suite."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.specification import SPECIFICATION_FILE

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
OPEN = ("status_code_conformance", "positive_data_acceptance", "unsupported_method")
ELSEWHERE = ("--exclude-operation-id=getToken", "--exclude-checks=" + ",".join(OPEN))
"""Options for real servers: generated log-ins could lock the user out, and the contract doesn't rank refusals."""
NO_OTHER_METHODS = "[phases.coverage]\nunexpected-methods = []\n"
"""Other methods are not sent: the vendor has more operations than are specified, so POST would place an order."""
PEERS = CONFIGURATION.with_name("schemathesis_peers.toml")
READINGS = (
    "--include-operation-id=getOrder",
    "--include-operation-id=listOrders",
    "--checks=object_level_authorization",
    "--phases=fuzzing",
)
"""Options of the run as two users: reads only, because other phases try other methods."""
SENT_AS = "X-Contract-User"
"""A header that names the user in Schemathesis' report, which hides the credentials."""
IS_INSTALLED = find_spec("schemathesis") is not None


def run_schemathesis(aim: Aim, *options: str) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis against the server, and return the ended process."""
    configuration = CONFIGURATION.read_text(encoding="utf-8") + ("" if aim.controlled else NO_OTHER_METHODS)
    return _run(aim, {}, configuration, *(() if aim.controlled else ELSEWHERE), *options)


def run_as_two_users(aim: Aim) -> tuple[subprocess.CompletedProcess[str], int]:
    """Run the check of object-level authorization; also return how often an order was read as the other user."""
    other, trader = _user(aim, "other", "other"), _user(aim, "trader", "right")  # a log-in may end the trader's token
    files = {"users.json": json.dumps({"auth": [trader, other]})}
    with TemporaryDirectory() as folder:
        sent = Path(folder, "sent.har")
        reports = ("--report=har", f"--report-har-path={sent}")
        ended = _run(aim, files, PEERS.read_text(encoding="utf-8"), *READINGS, *reports)
        entries = json.loads(sent.read_text(encoding="utf-8"))["log"]["entries"] if sent.is_file() else []
    requests = [entry["request"] for entry in entries if "/orders/" in entry["request"]["url"]]
    return ended, sum({"name": SENT_AS, "value": "other"} in request["headers"] for request in requests)


def _user(aim: Aim, name: str, token: str) -> dict[str, Any]:
    headers = {"Et-App-Key": aim.key("right"), "Authorization": f"Bearer {aim.token(token)}", SENT_AS: name}
    return {"name": name, "fixedHeaders": [{"name": each, "value": value} for each, value in headers.items()]}


def _run(aim: Aim, files: Mapping[str, str], configuration: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis in a private temporary folder. Most credentials are in the environment."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIGURATION.name, "run"]
    command += [str(SPECIFICATION_FILE), "--url", aim.base_url, *options]
    values = {"APP_KEY": aim.key("right") or "", "TOKEN": aim.token("right") or "", "URL": aim.base_url}
    values["ACCOUNT"] = str(aim.account)
    environment = {**os.environ, **{f"CONTRACT_{name}": value for name, value in values.items()}}
    with TemporaryDirectory() as folder:
        for name, text in {**files, CONFIGURATION.name: configuration}.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
    aim.forget_tokens()
    return ended
