"""The base of a comparison: the last release, a file, or a commit."""

import re
import subprocess
import tarfile
import tomllib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from attrs import frozen

from contract_facts.model import Facts, FactsError
from contract_facts.specification import facts_of_specification, read_specification
from contract_facts.vendor import facts_of_kept, kept_facts

SPECIFICATION = "autoshares.yaml"

Version = tuple[int, int, int]


@frozen(kw_only=True)
class Base:
    """An older specification, with the vendor's pages as they were kept, and the version; None if not known."""

    name: str
    facts: Facts
    kept: Facts | None
    version: Version | None
    folder: Path | None = None
    commit: str | None = None


def parsed(text: str) -> Version | None:
    """Parse a version of three numbers with dots; None for any other text."""
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def shown(version: Version) -> str:
    """Write a version as text, with dots."""
    return ".".join(map(str, version))


def version_of(pyproject: str) -> Version:
    """Read the version in a pyproject.toml. Raises FactsError if it is not three numbers."""
    text: str = tomllib.loads(pyproject)["project"]["version"]
    version = parsed(text)
    if version is None:
        raise FactsError(f"pyproject.toml: expected a version of three numbers, not {text!r}")
    return version


def find_base(root: Path, name: str) -> Base:
    """Read the base from a file, a folder of openapi/released/ or a commit; without a name, the last release."""
    path = Path(name) if name else _last(root / "openapi" / "released")
    if path.is_dir():
        facts, kept = read_specification(path / SPECIFICATION), kept_facts(path / "vendor").facts
        return Base(name=path.name, facts=facts, kept=kept, version=parsed(path.name), folder=path)
    if path.is_file():
        return Base(name=path.name, facts=read_specification(path), kept=None, version=None)
    return _commit(root, name)


def _last(folder: Path) -> Path:
    releases = {version: path for path in folder.glob("*") if (version := parsed(path.name))}
    if not releases:
        raise FactsError(f"{folder}: no release is kept there")
    return releases[max(releases)]


def _commit(root: Path, commit: str) -> Base:
    specification = _git(root, "show", f"{commit}:./openapi/{SPECIFICATION}")
    version = version_of(_git(root, "show", f"{commit}:./pyproject.toml"))
    pages = _git(root, "ls-tree", "--name-only", commit, "--", "openapi/vendor/").split()
    kept = facts_of_kept({page: _git(root, "show", f"{commit}:./{page}") for page in pages}).facts
    return Base(
        name=commit,
        facts=facts_of_specification(specification, commit),
        kept=kept if pages else None,
        version=version,
        commit=commit,
    )


def unpack_commit(root: Path, commit: str, names: Sequence[str], folder: Path) -> None:
    """Write those of these folders that a commit has to another folder."""
    there = _git(root, "ls-tree", "--name-only", commit, "--", *names).split()
    if there:
        command = ["git", "-C", str(root), "archive", "--format=tar", commit, "--", *there]
        archive = subprocess.run(command, capture_output=True, check=True).stdout
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(folder, filter="data")


def _git(root: Path, command: str, *arguments: str) -> str:
    run = subprocess.run(["git", "-C", str(root), command, *arguments], capture_output=True, text=True, check=False)
    if run.returncode:
        raise FactsError(f"neither a file nor a commit: {' '.join(run.stderr.split())}")
    return run.stdout
