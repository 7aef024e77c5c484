"""The package works with the lowest versions of its dependencies that the metadata allows, and with the newest.

`make versions` runs for each dependency the tests that use it most; `pytest -rP` shows the versions.
"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Literal

import pytest
from attrs import frozen
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
DIRECT = {requirement.name: requirement for requirement in map(Requirement, DECLARED)}
LOWEST = {
    name: next(bound.version for bound in each.specifier if bound.operator == ">=") for name, each in DIRECT.items()
}
TELEMETRY = {
    "opentelemetry-sdk": LOWEST["opentelemetry-api"],
    "opentelemetry-semantic-conventions": "0.51b0",
    "importlib-metadata": "8.5.0",
}
"""The SDK for the lowest version of the API, for the tests of telemetry, and packages that fit both."""
WITH_PSYCOPG = {"psycopg-binary": LOWEST["psycopg"]}
"""The other half of psycopg, which must have the same version."""
EXTRAS = ",".join(PROJECT["optional-dependencies"])
TEST_TOOLS = ("hypothesis", "opentelemetry-sdk", "pytest", "trio", "trustme")
SUITE = ("unit", "support", *(path.name for path in (ROOT / "tests").glob("*.py") if path.name != "demo.py"))
STANDS_FOR = {
    "aiohappyeyeballs": ("_http/test_event_loops.py",),
    "anyio": (
        "test_client.py::test_a_slow_call_blocks_no_other",
        "test_client.py::test_an_open_order_is_cancelled",
        "test_client.py::test_what_is_not_open_conflicts",
    ),
    "attrs": ("_cancel/test_outcomes.py", "_values/test_secret.py"),
    "certifi": ("_http/test_tls_and_proxies.py::test_the_usual_authorities_are_trusted_unless_others_are_given",),
    "click": (
        "_cli/test_order.py::test_a_shell_completes_commands_and_options",
        "_cli/test_order.py::test_help",
        "_cli/test_order.py::test_help_names_arguments_as_usage_does",
        "_cli/test_order.py::test_version",
        "_cli/run/test_orders.py::test_every_order_of_a_file_is_reported",
        "_cli/run/test_orders.py::test_wrong_usage_is_reported_before_any_request",
        "_cli/test_cancel_all.py::test_ctrl_c_is_a_no",
    ),
    "filelock": (
        "_auth/test_token_folder.py::test_a_killed_process_leaves_no_lock",
        "_auth/test_token_folder.py::test_one_lock_for_each_key",
    ),
    "h11": (
        "_http/test_parser.py::test_a_broken_body_never_hides_a_status",
        "_http/test_parser.py::test_a_reply_is_read_whole_in_whatever_pieces",
        "_http/test_proxy.py::test_an_order_goes_through_the_tunnel[sync-http]",
    ),
    "httptools": ("mock/faults/test_faults_on_wire.py::test_what_a_reply_holds",),
    "httpx": (
        "_http/test_brought.py::test_exactly_our_headers_are_sent_and_connection_close",
        "_http/test_brought_sockets.py::test_a_socks_proxy",
        "_http/test_brought_sockets.py::test_a_unix_socket",
    ),
    "jinja2": ("contract/test_package_data.py::test_the_page_is_made_from_its_template",),
    "opentelemetry-api": (
        "test_telemetry.py::test_a_call_and_its_requests_are_spans",
        "test_telemetry.py::test_the_callers_span_is_the_parent_and_the_calls_span_is_current",
        "test_telemetry_metrics.py",
    ),
    "pgqueuer": ("_batch/database/test_sweep_in_database.py::test_a_database_that_is_not_there_is_one_line",),
    "psycopg": ("_batch/database/test_sweep_in_database.py::test_outside_of_its_block_it_does_nothing",),
    "pyrate-limiter": (
        "_batch/test_rate.py::test_all_requests_of_a_batch_keep_its_rate",
        "_batch/test_throttle.py::test_no_stretch_of_time_sees_more_than_the_rate",
    ),
    "pytest": ("contract/test_package_data.py::test_the_suite_is_collected_from_any_folder",),
    "pyyaml": ("contract/test_package_data.py::test_the_specification_is_read",),
    "rich": ("_cli/test_progress.py", "_cli/test_cancel_all.py::test_a_dry_run_shows_what_is_open_and_cancels_nothing"),
    "starlette": (
        "mock/api/test_replies.py::test_a_cancel_is_answered_as_the_guides_show",
        "mock/api/test_replies.py::test_text_json_is_chosen_when_it_is_preferred",
    ),
    "uvicorn": (
        "mock/server/test_server.py::test_a_port_can_be_chosen_and_taken_again_at_once",
        "mock/server/test_server.py::test_answers_are_sent_without_delay",
        "mock/server/test_server.py::test_leaving_cuts_open_connections",
        "mock/server/test_server.py::test_nothing_is_left_behind",
    ),
    "uvloop": ("mock/server/test_process.py::test_it_is_quiet_and_warns_of_nothing",),
}
"""The unit tests that are run for each dependency of the package and its extras."""
CHOSEN = sorted({f"tests/unit/{test}" for tests in STANDS_FOR.values() for test in tests})

Run = Callable[..., subprocess.CompletedProcess[str]]
MakeEnvironment = Callable[..., Path]


@frozen
class Environment:
    """An interpreter with the wheel and all extras, and the versions of its distributions."""

    which: Literal["lowest", "newest"]
    python: Path
    versions: Mapping[str, str]

    def __str__(self) -> str:
        direct = ", ".join(f"{name} {self.versions[name]}" for name in sorted(DIRECT))
        return f"the {self.which} versions: {direct}"


@pytest.fixture(scope="session", params=["lowest", pytest.param("newest", marks=pytest.mark.versions)])
def environment(
    request: pytest.FixtureRequest, wheel: Path, make_environment: MakeEnvironment, run: Run
) -> Environment:
    """Every direct dependency at its lower bound and all others pinned, or everything at its newest version.

    `--resolution lowest-direct` would have no effect, because uv does not treat the wheel's requirements as direct.
    """
    wanted = (f"{wheel}[{EXTRAS}]", *TEST_TOOLS)
    is_lowest = request.param == "lowest"
    python = (
        make_environment(*wanted, **LOWEST, **TELEMETRY, **WITH_PSYCOPG)
        if is_lowest
        else make_environment(*wanted, pinned=False)
    )
    listed = json.loads(run(UV, "pip", "list", "--python", python, "--format", "json").stdout)
    return Environment(request.param, python, {each["name"]: each["version"] for each in listed})


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unit tests with pytest's settings but without the sources, so that they import the wheel."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    for name in SUITE:
        source = ROOT / "tests" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / "tests" / name)
    return folder


def test_every_dependency_is_tried() -> None:
    """Every declared dependency has tests that use it."""
    assert STANDS_FOR.keys() == DIRECT.keys()


def test_direct_dependencies_are_at_their_bounds(environment: Environment, run: Run, pins: Mapping[str, str]) -> None:
    """The lowest versions are those of pyproject.toml, and the newest are not older than the pins."""
    found = {name: Version(environment.versions[name]) for name in DIRECT}
    if environment.which == "lowest":
        assert found == {name: Version(version) for name, version in LOWEST.items()}
    else:
        pinned = {name: Version(pins[name].partition(" ")[0]) for name in DIRECT}
        assert {name: version for name, version in found.items() if version < pinned[name]} == {}
    run(UV, "pip", "check", "--python", environment.python)


def test_what_is_imported_is_the_wheel(environment: Environment, checkout: Path, run: Run) -> None:
    """Both packages are imported from the environment, not from the sources."""
    code = "import autoshares_cancel, autoshares_openapi as api; print(autoshares_cancel.__file__); print(api.__file__)"
    site = run(environment.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    expected = [f"{site}/autoshares_cancel/__init__.py", f"{site}/autoshares_openapi/__init__.py"]
    assert run(environment.python, "-c", code, cwd=checkout).stdout.splitlines() == expected


def test_the_command_line_works(environment: Environment, run: Run, mock_url: str) -> None:
    """The command line shows its help, and cancels an order."""
    order = {"lowest": "73554", "newest": "73555"}[environment.which]
    script = environment.python.with_name("autoshares-cancel")
    assert "autoshares-cancel order 6303 73552" in run(script, "order", "--help").stdout
    ended = run(
        script,
        *("order", "6303", order),
        AUTOSHARES_BASE_URL=mock_url,
        AUTOSHARES_APP_KEY="demo-app-key",
        AUTOSHARES_USERNAME="trader",
        AUTOSHARES_PASSWORD="correct-horse",
    )
    assert re.fullmatch(rf"{order}  cancelled .*\n", ended.stdout)
    assert ended.stderr == ""


@pytest.mark.versions
def test_the_chosen_tests_pass(environment: Environment, checkout: Path, run: Run, tmp_path: Path) -> None:
    """The tests of every dependency pass; none is skipped, deselected or expected to fail."""
    print(environment)  # noqa: T201  # `pytest -rP` shows it
    below = f"--basetemp={tmp_path / 'below'}"
    ended = run(environment.python, "-m", "pytest", below, *CHOSEN, cwd=checkout, check=False)
    assert re.fullmatch(r"=+ \d{3,} passed in [\d.]+s( \(.*\))? =+", ended.stdout.splitlines()[-1]), (
        f"{environment}\n{ended.stdout}{ended.stderr}"
    )
