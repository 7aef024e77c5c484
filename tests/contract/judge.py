"""`make contract`: judge the mock of this tree in every way, or a running server as `autoshares-cancel contract` does.

make contract
make contract BASE_URL=http://127.0.0.1:8080/api
CONTRACT_SCENARIOS=broker.toml make contract BASE_URL=https://broker.example/api
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from autoshares_cancel.contract.judge import judge

ROOT = Path(__file__).parents[2]
REPORT = ROOT / ".cache" / "contract"
SERVER_SUITE = "overrides/autoshares_cancel/contract/server"
# `make test` runs the tests of the generator and of the suite itself, and those with thousands of calls.
GENERATOR = ["tests/contract/test_generation.py", "tests/contract/test_generated.py"]
SUITE = ["tests/contract/suite", "tests/faults/test_mutants.py"]
OTHERS = [*GENERATOR, *SUITE, "tests/faults/test_outcome_check.py"]
# Three at a time even on two cores, because some of the time is spent waiting.
EVERYTHING = [SERVER_SUITE, "tests/contract", "tests/faults", *(f"--ignore={path}" for path in OTHERS)]
OPTIONS = ["-q", "-n3", "--dist=worksteal", f"--contract-report={REPORT}", f"--junitxml={REPORT / 'junit.xml'}"]


def main(arguments: list[str] | None = None) -> int:
    """Run pytest with the tests that fit the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url", nargs="?", default="", help="where /v1 and /token begin, as in http://host/api")
    base_url: str = parser.parse_args(arguments).base_url
    if base_url:
        given = os.environ.get("CONTRACT_SCENARIOS")
        return judge(base_url, scenarios=Path(given) if given else None, report=REPORT, junit=REPORT / "junit.xml")
    environment = os.environ | {"CONTRACT_BASE_URL": ""}
    command = [sys.executable, "-m", "pytest", *EVERYTHING, *OPTIONS]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
