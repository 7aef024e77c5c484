"""The contract suite of the wheel, installed with its extra, judges a server from any folder."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
MakeEnvironment = Callable[..., Path]


@pytest.fixture(scope="session")
def with_contract(wheel: Path, make_environment: MakeEnvironment) -> Path:
    """The interpreter of an environment that has the wheel with the extra `contract`."""
    return make_environment(f"{wheel}[contract]")


@pytest.mark.tools
def test_it_judges_a_mock_without_a_clone(with_contract: Path, run: Run, mock_url: str, tmp_path: Path) -> None:
    """The installed command judges a mock without this checkout; the Schemathesis checks are reported as not shown."""
    script = with_contract.with_name("autoshares-cancel")
    ended = run(script, "contract", mock_url, "--report", "report", "--junit", "junit.xml", cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["junit.xml", "report"]
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["conforms"], report["totals"]["red"], report["server"]) == (True, 0, mock_url)
    states = {cell["column"]: cell["state"] for cell in report["cells"] if cell["row"] == "Schemathesis"}
    assert states == {"all phases": "not shown", "two users": "not shown"}


def test_the_judge_without_its_extra_says_what_to_install(with_cli: Path, run: Run) -> None:
    """Without the extra, the command gives exit code 2 and one line on stderr that names the extra."""
    ended = run(with_cli.with_name("autoshares-cancel"), "contract", "http://127.0.0.1:1/api", check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"Error: .*pytest.*: pip install 'autoshares-cancel\[contract\]'\n", ended.stderr)
