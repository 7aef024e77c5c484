"""Writes generated/ from the specification, or checks that it is up to date.

`make generate` and `make drift` run it. It generates into a temporary folder first, so that a failure leaves generated/
as it was. The generator has an environment of its own, .venv/generate, which `make setup` makes, so that its
dependencies do not limit the versions with which the package is tested.
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

from contract_facts.constants import constants
from contract_facts.model import FactsError
from contract_facts.specification import read_specification

OPENAPI = Path(__file__).resolve().parent
PACKAGE = OPENAPI.parent / "generated" / "autoshares_openapi"
ENVIRONMENT = OPENAPI.parent / ".venv" / "generate"
SITE_PACKAGES = sysconfig.get_path("purelib", vars={"base": str(ENVIRONMENT)})
MARKER = (
    "# Generated from openapi/autoshares.yaml by openapi-python-client {version}.\n"
    "# Do not edit: change the specification or openapi/templates/, then run `make generate`.\n"
)


class GenerationError(Exception):
    """The generator is not installed, failed, warned, or wrote nothing."""


def generator() -> Distribution:
    """Find the generator in its environment. Raises GenerationError if it is not installed."""
    for found in Distribution.discover(name="openapi-python-client", path=[SITE_PACKAGES]):
        return found
    raise GenerationError(f"no generator in {ENVIRONMENT}: run `make setup`")


def stage_templates(folder: Path, marker: str, shared: str) -> None:
    """Collect our templates, the marker, the constants and, as stock/, the generator's own templates in one folder."""
    shutil.copytree(OPENAPI / "templates", folder)
    (folder / "marker.jinja").write_text(marker, encoding="utf-8")
    (folder / "constants.jinja").write_text(shared, encoding="utf-8")
    stock = Path(str(generator().locate_file("openapi_python_client/templates")))
    (folder / "stock").symlink_to(stock, target_is_directory=True)


def constants_of(specification: Path) -> str:
    """Return the constants that all operations share; the generator does not pass them to its templates."""
    try:
        facts = read_specification(specification)
        return constants(facts) if facts.operations else ""
    except FactsError as error:
        raise GenerationError(f"{type(error).__name__}: {error}") from None


def generate_into(package: Path, scratch: Path, specification: Path) -> None:
    """Run the generator on the specification. Raises GenerationError, for a warning as well."""
    marker = MARKER.format(version=generator().version)
    stage_templates(scratch / "templates", marker, constants_of(specification))
    programs = ENVIRONMENT / "bin"
    command = [str(programs / "python"), "-m", "openapi_python_client", "generate", "--meta=none", "--fail-on-warning"]
    command += [f"--path={specification}", f"--config={OPENAPI / 'generator.yaml'}", f"--output-path={package}"]
    command += [f"--custom-template-path={scratch / 'templates'}"]
    # The generator looks for ruff on PATH, and silently works without it.
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    run = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    if run.returncode:
        raise GenerationError(f"openapi-python-client failed:\n{run.stdout}{run.stderr}")
    if not list(package.glob("api/*/[!_]*.py")):
        raise GenerationError(f"openapi-python-client wrote no operation:\n{run.stdout}{run.stderr}")
    (package / "py.typed").write_text(marker, encoding="utf-8")


def files_in(package: Path) -> set[Path]:
    """Return every file of the package, without Python's caches."""
    files = (path.relative_to(package) for path in package.rglob("*") if path.is_file())
    return {path for path in files if "__pycache__" not in path.parts}


def differences(expected: Path, found: Path) -> Iterator[str]:
    """Yield one line for each file that is missing, not generated, or different in a byte."""
    for path in sorted(files_in(expected) | files_in(found)):
        if not (found / path).is_file():
            yield f"missing: {path}"
        elif not (expected / path).is_file():
            yield f"not generated: {path}"
        elif not filecmp.cmp(expected / path, found / path, shallow=False):
            yield f"differs: {path}"


def main() -> int:
    """Generate, or with --check compare, and return the exit code. With code 1 the reason is on standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when generated/ is not up to date")
    parser.add_argument("--specification", type=Path, default=OPENAPI / "autoshares.yaml", help="default: %(default)s")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="default: %(default)s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "package"
        try:
            generate_into(fresh, Path(scratch), options.specification.resolve())
        except GenerationError as error:
            print(error, file=sys.stderr)
            return 1
        if not options.check:
            shutil.rmtree(options.package, ignore_errors=True)
            shutil.copytree(fresh, options.package)
            print(f"{len(files_in(fresh))} files written to {options.package}")
            return 0
        lines = list(differences(fresh, options.package))
    for line in lines:
        print(f"drift: {line}", file=sys.stderr)
    if lines:
        print("run `make generate` and commit what it writes; never edit generated files", file=sys.stderr)
    else:
        print("generated/ is what the specification gives")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
