"""Generating gives the same bytes every time, or fails with a message."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import field, frozen
from support.specification import FILE, SPECIFICATION

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "openapi" / "generate.py"
COMMITTED = ROOT / "generated" / "autoshares_openapi"
HOSTILE_RUFF = "line-length = 20\nindent-width = 2\n[format]\nquote-style = 'single'\n"
AFTER_DRIFT = "run `make generate` and commit what it writes; never edit generated files"
TIMEOUT_SECONDS = 60


def contents(package: Path) -> dict[str, bytes]:
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(package).as_posix(): path.read_bytes() for path in files}


def document_another_status(spec: dict[str, Any]) -> None:
    spec["paths"]["/v{version}/accounts/{accountId}/orders/{orderId}"]["delete"]["responses"]["410"] = {
        "description": "The order is gone."
    }


def declare_an_array_of_nothing(spec: dict[str, Any]) -> None:
    spec["components"]["schemas"]["Odd"] = {"type": "array"}


def ask_for_a_list_in_a_query(spec: dict[str, Any]) -> None:
    for parameter in spec["paths"]["/v{version}/accounts/{accountId}/orders"]["get"]["parameters"]:
        if parameter.get("name") == "filter":
            parameter["schema"] = {"type": "array", "items": {"type": "string"}}


def nest_an_object(spec: dict[str, Any]) -> None:
    spec["components"]["schemas"]["OrderReply"]["properties"]["Account"] = {"$ref": "#/components/schemas/CancelReply"}


def require_a_field_of_what_is_listed(spec: dict[str, Any]) -> None:
    spec["components"]["schemas"]["OrderReply"]["required"] = ["Id"]


def remove_every_operation(spec: dict[str, Any]) -> None:
    spec["paths"] = {}


def drift(package: Path) -> None:
    """Edit one byte of a file, delete another, and add one."""
    edited = package / "models" / "token_reply.py"
    edited.write_bytes(edited.read_bytes().replace(b"repr=False", b"repr=Falsf", 1))
    (package / "py.typed").unlink()
    (package / "api" / "extra.py").touch()


@frozen
class Result:
    """How a run of the generator ended, and the package that it left."""

    returncode: int
    stdout: str
    stderr: str
    package: Mapping[str, bytes] = field(repr=False)


def script_without_ruff(folder: Path) -> Path:
    """A copy of the script, beside an environment that has the generator and no ruff."""
    shutil.copytree(ROOT / "openapi", folder / "openapi")
    real, bare = ROOT / ".venv" / "generate", folder / ".venv" / "generate"
    (bare / "bin").mkdir(parents=True)
    for name in ("bin/python", "lib", "pyvenv.cfg"):
        (bare / name).symlink_to(real / name)
    return folder / "openapi" / "generate.py"


def generate(
    folder: Path,
    *arguments: str,
    change: Callable[[dict[str, Any]], None] | None = None,
    text: str | None = None,
    script: Path = SCRIPT,
    variables: Mapping[str, str] | None = None,
) -> Result:
    """Run the generator on the package in a folder, with a changed specification or with any text as one."""
    specification = FILE
    if change is not None or text is not None:
        specification = folder / "specification.yaml"
        spec = deepcopy(SPECIFICATION)
        if change is not None:
            change(spec)
        specification.write_text(text or yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    paths = (f"--specification={specification}", f"--package={folder / 'package'}")
    ended = subprocess.run(
        [sys.executable, str(script), *arguments, *paths],
        cwd=folder,
        env={**os.environ, **(variables or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr, contents(folder / "package"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of the committed package."""
    shutil.copytree(COMMITTED, tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.tools
def test_generating_gives_the_same_bytes_again(folder: Path) -> None:
    """The result is the committed package, independent of the files there before and of other ruff settings."""
    (folder / "ruff.toml").write_text(HOSTILE_RUFF, encoding="utf-8")
    drift(folder / "package")
    # Files are generated below TMPDIR, and ruff looks for settings in every folder above a file.
    result = generate(folder, variables={"TMPDIR": str(folder)})
    assert (result.returncode, result.stderr) == (0, "")
    assert result.package == contents(COMMITTED)


@pytest.mark.tools
def test_check_passes_for_the_committed_package(folder: Path) -> None:
    """`make drift` passes if nothing has drifted."""
    result = generate(folder, "--check")
    assert (result.returncode, result.stdout, result.stderr) == (0, "generated/ is what the specification gives\n", "")


def test_check_names_every_file_that_has_drifted(folder: Path) -> None:
    """`make drift` fails for a changed byte, a missing file and an extra file, and changes nothing."""
    drift(folder / "package")
    before = contents(folder / "package")
    result = generate(folder, "--check")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "drift: not generated: api/extra.py",
        "drift: differs: models/token_reply.py",
        "drift: missing: py.typed",
        AFTER_DRIFT,
    ]
    assert result.package == before


@pytest.mark.tools
def test_check_notices_a_newer_specification(folder: Path) -> None:
    """Law 2: `make drift` fails when a status was documented and the package not generated again."""
    result = generate(folder, "--check", change=document_another_status)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == ["drift: differs: api/orders/cancel_order.py", AFTER_DRIFT]


TABLE = pytest.mark.table


@pytest.mark.tools
@pytest.mark.parametrize(
    ("specification", "reason"),
    [
        pytest.param({"change": declare_an_array_of_nothing}, "Unable to parse schema", id="warning"),
        pytest.param({"text": "openapi: [\n"}, "is not YAML", id="broken", marks=TABLE),
        pytest.param({"change": remove_every_operation}, "wrote no operation", id="nothing to write", marks=TABLE),
        pytest.param({"change": ask_for_a_list_in_a_query}, "plain query parameters only", id="list in a query"),
        pytest.param(
            {"change": nest_an_object}, "plain fields and lists of objects only", id="nested object", marks=TABLE
        ),
        pytest.param(
            {"change": require_a_field_of_what_is_listed},
            "such objects only that may be empty",
            id="required in a list",
            marks=TABLE,
        ),
    ],
)
def test_a_failed_generation_says_why_and_changes_nothing(
    specification: dict[str, Any], reason: str, folder: Path
) -> None:
    """A warning, an error and an empty result are failures, and the package stays as it was."""
    result = generate(folder, **specification)
    assert (result.returncode, result.stdout) == (1, "")
    assert reason in " ".join(result.stderr.split())  # the generator breaks long lines
    assert result.package == contents(COMMITTED)


@pytest.mark.tools
def test_a_missing_formatter_is_a_failure(folder: Path) -> None:
    """Without ruff the run fails; the generator alone would leave unformatted files and report success."""
    result = generate(folder, script=script_without_ruff(folder), variables={"PATH": "/nowhere"})
    assert (result.returncode, result.stdout) == (1, "")
    assert "ruff" in result.stderr
    assert result.package == contents(COMMITTED)


def test_a_missing_generator_is_a_failure(folder: Path) -> None:
    """Without the generator's environment the run fails, and the message has the command that creates it."""
    shutil.copytree(ROOT / "openapi", folder / "openapi")
    result = generate(folder, script=folder / "openapi" / "generate.py")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"no generator in {folder.resolve() / '.venv' / 'generate'}: run `make setup`\n"
    assert result.package == contents(COMMITTED)
