"""One run of the suite against one server: pytest on the installed files, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

SERVER: Final = Path(__file__).with_name("server")
SETTINGS: Final = SERVER / "suite.ini"
FOREIGN: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "CONTRACT_BASE_URL", "CONTRACT_SCENARIOS")
"""Variables of the caller that would make it another run."""


def run_suite(base_url: str, *, scenarios: Path | None, report: Path, junit: Path | None) -> int:
    """Judge a server; gives pytest's exit code. Writes report.html and report.json into the folder `report`."""
    command = [sys.executable, "-P", "-m", "pytest", "-c", str(SETTINGS), "--rootdir", str(SERVER), str(SERVER)]
    command += [f"--contract-report={report.absolute()}"]
    command += [f"--junitxml={junit.absolute()}"] if junit else []
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"CONTRACT_BASE_URL": base_url, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment |= {"CONTRACT_SCENARIOS": str(scenarios.absolute())} if scenarios else {}
    return subprocess.run(command, env=environment, check=False).returncode
