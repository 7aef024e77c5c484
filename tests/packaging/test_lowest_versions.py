"""The lower bounds of the direct dependencies are true: with exactly those versions the unit tests pass."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
DIRECT = [Requirement(each) for each in DECLARED]
LOWEST = {each.name: next(bound.version for bound in each.specifier if bound.operator == ">=") for each in DIRECT}
SDK = {"opentelemetry-sdk": LOWEST["opentelemetry-api"], "opentelemetry-semantic-conventions": "0.51b0"}
"""What belongs to exactly that version of the interface; the unit tests look at telemetry through it."""
EXTRAS = ",".join(PROJECT["optional-dependencies"])
NEEDED_BY_UNIT_TESTS = ("hypothesis", "opentelemetry-sdk", "pytest", "pytest-xdist", "trio", "trustme")
SUITE = ("unit", "report", *(path.name for path in (ROOT / "tests").glob("*.py") if path.name != "demo.py"))

Run = Callable[..., subprocess.CompletedProcess[str]]
MakeEnvironment = Callable[..., Path]


@pytest.fixture(scope="session")
def lowest(wheel: Path, make_environment: MakeEnvironment) -> Path:
    """The interpreter of an environment with the wheel, all extras, and every direct dependency at its lower bound.

    Everything else is pinned. `--resolution lowest-direct` would do nothing here: what the wheel requires is not
    direct to uv.
    """
    return make_environment(f"{wheel}[{EXTRAS}]", *NEEDED_BY_UNIT_TESTS, **LOWEST, **SDK)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unit tests with pytest's settings, and without the sources, so that nothing but the wheel can be imported."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    for name in SUITE:
        source = ROOT / "tests" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / "tests" / name)
    return folder


def test_direct_dependencies_are_at_their_lower_bounds(lowest: Path, run: Run) -> None:
    """What is tried is the lowest that pyproject.toml allows, of every direct dependency."""
    listed = json.loads(run(UV, "pip", "list", "--python", lowest, "--format", "json").stdout)
    found = {each["name"]: Version(each["version"]) for each in listed if each["name"] in LOWEST}
    assert found == {name: Version(version) for name, version in LOWEST.items()}
    run(UV, "pip", "check", "--python", lowest)


def test_what_is_imported_is_the_wheel(lowest: Path, checkout: Path, run: Run) -> None:
    """Beside the tests, both packages come from the environment and not from the sources."""
    code = "import autoshares_cancel, autoshares_openapi as api; print(autoshares_cancel.__file__); print(api.__file__)"
    site = run(lowest, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    expected = [f"{site}/autoshares_cancel/__init__.py", f"{site}/autoshares_openapi/__init__.py"]
    assert run(lowest, "-c", code, cwd=checkout).stdout.splitlines() == expected


def test_the_command_line_works(lowest: Path, run: Run, mock_url: str) -> None:
    """The lowest versions carry the command line, too: it explains itself, and cancels an order."""
    script = lowest.with_name("autoshares-cancel")
    assert "autoshares-cancel order 6303 73552" in run(script, "order", "--help").stdout
    ended = run(
        script,
        *("order", "6303", "73554"),
        AUTOSHARES_BASE_URL=mock_url,
        AUTOSHARES_APP_KEY="demo-app-key",
        AUTOSHARES_USERNAME="trader",
        AUTOSHARES_PASSWORD="correct-horse",
    )
    assert re.fullmatch(r"73554  cancelled .*\n", ended.stdout)
    assert ended.stderr == ""


def test_the_unit_tests_pass(lowest: Path, checkout: Path, run: Run, tmp_path: Path) -> None:
    """Every unit test passes with the lowest versions; none is skipped, deselected or expected to fail."""
    workers = ("-n", "2", "--dist", "worksteal")
    ended = run(lowest, "-m", "pytest", *workers, f"--basetemp={tmp_path / 'below'}", "tests/unit", cwd=checkout)
    assert re.fullmatch(r"=+ \d{4,} passed in [\d.]+s( \(.*\))? =+", ended.stdout.splitlines()[-1]), ended.stdout
