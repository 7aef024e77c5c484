"""`make contract`: judge the mock of this tree in every way, or a running server in every way that it allows.

    make contract
    make contract BASE_URL=http://127.0.0.1:8080/api
    CONTRACT_SCENARIOS=broker.toml make contract BASE_URL=https://broker.example/api

A server is judged with the scenarios of the file that CONTRACT_SCENARIOS names; tests/contract/server/example.toml is
an example. Without it nothing is sent that could cancel an order, unless the server is the mock: that is judged in
full, after a reset. The user is found by AUTOSHARES_APP_KEY, AUTOSHARES_USERNAME and AUTOSHARES_PASSWORD, or by
AUTOSHARES_TOKEN.

Exit code 0: nothing is wrong. 1: something is. 2: the address or the file can't be used.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
from contract.server.reproduce import how_to_get_a_token
from contract.server.target import find_target

ROOT = Path(__file__).parents[2]
REPORT = ".cache/contract"
PYTEST = [sys.executable, "-m", "pytest", "-q"]
# What judges the generator and the suite itself is left to `make test`, and so are calls by the thousand.
GENERATOR = ["tests/contract/test_generation.py", "tests/contract/test_generated.py"]
SUITE = ["tests/contract/suite", "tests/faults/test_mutants.py"]
OTHERS = [*GENERATOR, *SUITE, "tests/faults/test_outcome_check.py"]
# Three at a time even on two cores, because some of the time is spent waiting.
EVERYTHING = ["tests/contract", "tests/faults", *(f"--ignore={path}" for path in OTHERS), "-n3", "--dist=worksteal"]
ONE_SERVER = ["tests/contract/server", "--tb=no", "--disable-warnings", "-r", ""]


def main(arguments: list[str] | None = None) -> int:
    """Run pytest with what fits the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url", nargs="?", default="", help="where /v1 and /token begin, as in http://host/api")
    parser.add_argument("--report", default=REPORT, help=f"folder for report.html, report.json and junit.xml: {REPORT}")
    given = parser.parse_args(arguments)
    base_url: str = given.base_url
    os.environ["CONTRACT_BASE_URL"] = base_url
    if base_url:
        try:
            target = find_target()
        except pytest.UsageError as problem:
            print(f"make contract: {problem}", file=sys.stderr)
            return 2
        print(f"judging {target.base_url} as {target.table.name}", flush=True)
    options = [f"--contract-report={given.report}", f"--junitxml={given.report}/junit.xml"]
    command = [*PYTEST, *(ONE_SERVER if base_url else EVERYTHING), *options]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code == 1 and base_url:
        print(f"AUTOSHARES_TOKEN is the Token that this gives: {how_to_get_a_token(base_url.rstrip('/'))}")
        print("What the variables are at the mock: tests/contract/server/mock.toml")
    return code


if __name__ == "__main__":
    sys.exit(main())
