"""Tests of a user's service, written to an empty folder and run by pytest in its own process."""

import os
import subprocess
import sys
from pathlib import Path

PLUGIN = "autoshares_cancel.mock.pytest_plugin"


def run_tests(folder: Path, tests: str, *arguments: str, all_plugins: bool = False, **variables: str) -> str:
    """Run these tests with all warnings as errors, and return pytest's output.

    Other pytest plugins take seconds to load, so they are loaded only with `all_plugins`.
    """
    (folder / "test_own.py").write_text(tests, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    chosen = [] if all_plugins else ["-p", PLUGIN]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *chosen, "-p", "no:cacheprovider", "-W", "error", *arguments],
        cwd=folder,
        env=environment | ({} if all_plugins else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}) | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr
