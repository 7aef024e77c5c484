"""The contract suite of the wheel, installed with its extra, judges a server from any folder."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

CODE = """
import sys
from pathlib import Path
from autoshares_cancel.contract.judge import judge

sys.exit(judge(sys.argv[1], scenarios=None, report=Path("report"), junit=Path("junit.xml")))
"""

Run = Callable[..., subprocess.CompletedProcess[str]]
MakeEnvironment = Callable[..., Path]


@pytest.fixture(scope="session")
def with_contract(wheel: Path, make_environment: MakeEnvironment) -> Path:
    """The interpreter of an environment that holds the wheel with the extra `contract`."""
    return make_environment(f"{wheel}[contract]")


def test_it_judges_a_mock_without_a_clone(with_contract: Path, run: Run, mock_url: str, tmp_path: Path) -> None:
    """Nothing of this checkout is needed; what Schemathesis would show is not shown without it."""
    ended = run(with_contract, "-W", "error", "-c", CODE, mock_url, cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["junit.xml", "report"]
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["honest"], report["totals"]["red"], report["server"]) == (True, 0, mock_url)
    states = {cell["column"]: cell["state"] for cell in report["cells"] if cell["row"] == "Schemathesis"}
    assert states == {"all phases": "not shown"}
