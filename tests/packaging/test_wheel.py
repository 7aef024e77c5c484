"""The published wheel has the two packages and nothing else; it is installed into its own environment."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import Message
from importlib.metadata import requires
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from packaging.requirements import Requirement

from releasing.archives import build_twice
from releasing.commands import run_logged
from releasing.tree import Tree

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCES = (ROOT / "generated" / "autoshares_openapi", ROOT / "overrides" / "autoshares_cancel")
DIST_INFO = f"autoshares_cancel-{PROJECT['version']}.dist-info"
CREDENTIALS = {
    "AUTOSHARES_APP_KEY": "demo-app-key",
    "AUTOSHARES_USERNAME": "trader",
    "AUTOSHARES_PASSWORD": "correct-horse",
}
OTHER_USER = {**CREDENTIALS, "AUTOSHARES_USERNAME": "other", "AUTOSHARES_PASSWORD": "battery-staple"}
CANCEL_ONE = """
import sys
from autoshares_cancel import AutosharesError, Client

with Client.from_env() as client:
    for order_id in map(int, sys.argv[1:]):
        try:
            outcome = client.cancel_order(account_id=6303, order_id=order_id)
        except AutosharesError as error:
            outcome = error
        print(type(outcome).__name__)
"""

Run = Callable[..., subprocess.CompletedProcess[str]]
MakeEnvironment = Callable[..., Path]


@pytest.fixture(scope="session")
def bare(wheel: Path, make_environment: MakeEnvironment) -> Path:
    """The interpreter of an environment that has the wheel with its runtime dependencies."""
    return make_environment(str(wheel))


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata_of(wheel: Path) -> Message:
    return message_from_bytes(contents(wheel)[f"{DIST_INFO}/METADATA"])


def normalised(requirements: list[str]) -> set[str]:
    return {str(Requirement(requirement)) for requirement in requirements}


def of_extra(requirement: str, extra: str) -> str:
    """A requirement with the marker of its extra, as in the metadata; it may already have a marker."""
    distribution, _, marker = requirement.partition("; ")
    return f"{distribution}; " + (f"({marker}) and " if marker else "") + f"extra == '{extra}'"


def closure(*names: str) -> set[str]:
    """These distributions and their installed requirements, without extras."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        needed = map(Requirement, requires(name) or [])
        waiting |= {each.name for each in needed if not each.marker or each.marker.evaluate({"extra": ""})} - found
    return {re.sub(r"[-_.]+", "-", name).lower() for name in found}


def installed(run: Run, python: Path) -> dict[str, str]:
    listed = run(UV, "pip", "list", "--python", python, "--format", "json").stdout
    return {distribution["name"]: distribution["version"] for distribution in json.loads(listed)}


def test_it_holds_exactly_the_two_packages(wheel: Path) -> None:
    """House rule 6: the files of the two packages, the specification and dist-info are in the wheel, and no more."""
    sources = {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for package in SOURCES
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    specification = ROOT / "openapi" / "autoshares.yaml"
    sources[f"autoshares_cancel/contract/{specification.name}"] = specification.read_bytes()
    held = contents(wheel)
    assert {name.split("/")[0] for name in held} == {"autoshares_cancel", "autoshares_openapi", DIST_INFO}
    assert {name: data for name, data in held.items() if not name.startswith(DIST_INFO)} == sources
    assert {"autoshares_cancel/py.typed", "autoshares_openapi/py.typed"} <= held.keys()
    parts = {part for name in held for part in Path(name).with_suffix("").parts}
    assert not parts & {"generated", "overrides", "openapi", "tests"}


def test_its_metadata_is_the_projects(wheel: Path) -> None:
    """The metadata has the declared runtime dependencies, and those of each extra with its marker."""
    metadata = metadata_of(wheel)
    extras = PROJECT["optional-dependencies"]
    expected = PROJECT["dependencies"] + [
        of_extra(requirement, extra) for extra, requirements in extras.items() for requirement in requirements
    ]
    assert metadata.get_all("Provides-Extra") == sorted(extras)
    assert normalised(metadata.get_all("Requires-Dist", [])) == normalised(expected)
    assert (metadata["Name"], metadata["Version"]) == ("autoshares-cancel", PROJECT["version"])
    assert metadata["Requires-Python"] == PROJECT["requires-python"]


@pytest.mark.tools
def test_two_builds_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    """Builds in other folders, time zones and hash orders are equal; the source archive has every file of the tree."""
    built = build_twice(ROOT, tracked(), tmp_path, run_logged(tmp_path))
    archive = f"autoshares_cancel-{PROJECT['version']}.tar.gz"
    assert built.keys() == {wheel.name, archive}
    assert built[wheel.name] == wheel.read_bytes()
    with tarfile.open(fileobj=BytesIO(built[archive])) as archive_of_sources:
        names = {name.partition("/")[2] for name in archive_of_sources.getnames()}
    assert names == {*tracked(), "PKG-INFO"}


def test_it_brings_its_runtime_dependencies_and_nothing_else(bare: Path, run: Run, pins: Mapping[str, str]) -> None:
    """Without extras, exactly the runtime dependencies are installed, and they are compatible."""
    found = installed(run, bare)
    assert found.keys() == {"autoshares-cancel"} | closure("aiohappyeyeballs", "anyio", "attrs", "httpx")
    assert found == {**{name: pins.get(name) for name in found}, "autoshares-cancel": PROJECT["version"]}
    run(UV, "pip", "check", "--python", bare)


def test_what_can_be_imported_is_the_two_packages(bare: Path, run: Run) -> None:
    """House rule 6: both packages import without a warning from the environment, and source folder names do not."""
    code = (
        "import importlib.util as find, autoshares_cancel, autoshares_openapi\n"
        "print(autoshares_cancel.__file__)\n"
        "print(autoshares_openapi.__file__)\n"
        "print([name for name in ('generated', 'overrides', 'openapi', 'tests') if find.find_spec(name)])\n"
    )
    site = run(bare, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    assert run(bare, "-W", "error", "-c", code).stdout.splitlines() == [
        f"{site}/autoshares_cancel/__init__.py",
        f"{site}/autoshares_openapi/__init__.py",
        "[]",
    ]


@pytest.mark.parametrize("command", ["module", "script"])
def test_the_command_line_without_its_extra_says_what_to_install(command: str, bare: Path, run: Run) -> None:
    """Without the extra `cli`, the command gives exit code 2 and one line on stderr that names the extra."""
    words = [bare, "-m", "autoshares_cancel"] if command == "module" else [bare.with_name("autoshares-cancel")]
    ended = run(*words, "order", "6303", "73552", check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        2,
        "",
        "the command line needs click, which is not installed: pip install 'autoshares-cancel[cli]'\n",
    )


@pytest.mark.tools
def test_the_mock_without_its_extra_says_what_to_install(bare: Path, with_cli: Path, run: Run) -> None:
    """Importing the mock raises an ImportError that names the extra; its command prints the same and exits with 2."""
    code = "try:\n    from autoshares_cancel.mock import MockServer\nexcept ImportError as error:\n    print(error)"
    words = r"the mock server needs (httptools|starlette|uvicorn), .*: pip install 'autoshares-cancel\[mock\]'"
    assert re.fullmatch(words, run(bare, "-c", code).stdout.strip())
    ended = run(with_cli.with_name("autoshares-cancel"), "mock", "--port", "0", check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(f"Error: {words}\n", ended.stderr)


def test_telemetry_without_its_extra_says_what_to_install(bare: Path, run: Run) -> None:
    """Importing telemetry without its extra raises an ImportError that names the extra."""
    code = "try:\n    import autoshares_cancel.telemetry\nexcept ImportError as error:\n    print(error)"
    words = "telemetry needs opentelemetry-api, which is not installed: pip install 'autoshares-cancel[otel]'"
    assert run(bare, "-c", code).stdout.strip() == words


def test_it_cancels_an_order_at_a_mock_in_another_process(bare: Path, run: Run, mock_url: str) -> None:
    """Law 1: the installed package cancels an order, the mock has it as Canceled, and a second call is a conflict."""
    ended = run(bare, "-W", "error", "-c", CANCEL_ONE, "73552", "73552", AUTOSHARES_BASE_URL=mock_url, **CREDENTIALS)
    assert (ended.stdout, ended.stderr) == ("Cancelled\nOrderConflict\n", "")
    assert status_of(mock_url, 73552) == "Canceled"


def test_the_command_line_cancels_an_order_with_its_extra_alone(with_cli: Path, run: Run, mock_url: str) -> None:
    """The command line needs only the extra `cli` to cancel an order: exit code 0, and one line."""
    script = with_cli.with_name("autoshares-cancel")
    ended = run(script, "order", "6303", "73553", AUTOSHARES_BASE_URL=mock_url, **CREDENTIALS)
    assert re.fullmatch(r"73553  cancelled \(status 20[04]\).*\n", ended.stdout)
    assert ended.stderr == ""
    assert status_of(mock_url, 73553) == "Canceled"


@pytest.mark.tools
def test_a_rate_needs_no_other_extra_on_the_command_line(with_cli: Path, run: Run, mock_url: str) -> None:
    """`--rate` works if only the extra `cli` is installed."""
    script = with_cli.with_name("autoshares-cancel")
    ended = run(script, "all", "6400", "--yes", "--rate", "50", AUTOSHARES_BASE_URL=mock_url, **OTHER_USER)
    assert re.match(r"73600  cancelled \(status 20[04]\)", ended.stdout)


def tracked() -> list[str]:
    """The files of this tree that git tracks or would add; the test is skipped outside of a git tree."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git tree: which files belong to it is not known")
    return Tree(ROOT).files()


def status_of(mock_url: str, order_id: int) -> str:
    state = httpx.get(f"{mock_url.removesuffix('/api')}/_mock/state", trust_env=False, timeout=60).json()
    (status,) = [order["status"] for order in state["orders"] if order["order_id"] == order_id]
    return str(status)
