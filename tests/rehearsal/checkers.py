"""Where an edited specification leads: what the generator, mypy and pyright say of it.

mypy runs once for each change, with a copy of its cache. pyright has no cache, so that it runs once for all changes:
each has an execution environment of its own.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rehearsal.walk import ROOT

PACKAGES = ("generated", "overrides")
_SECONDS = 600
_GENERATED = Path("generated", "autoshares_openapi")
_MOCK = "overrides/autoshares_cancel/mock"
"""Knows nothing of the generated package, which import-linter checks."""


def generated(folder: Path) -> list[str]:
    """Generate the package from the specification of the copy, and name what has changed, or the generator's error."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    specification = folder / "openapi" / "autoshares.yaml"
    options = (f"--specification={specification}", f"--package={folder / _GENERATED}")
    code, output = _run(folder, str(ROOT / "openapi" / "generate.py"), *options)
    return _lines(output) if code else [f"generated/ differs in {', '.join(_changed(folder)) or 'nothing'}"]


def is_asked(folder: Path) -> bool:
    """Whether the generation has come to another package, so that type checkers have something to say."""
    return (folder / _GENERATED / "types.py").is_file() and bool(_changed(folder))


def mypy(folder: Path) -> list[str]:
    """What mypy says of one copy."""
    if (ROOT / ".cache" / "mypy").is_dir():
        shutil.copytree(ROOT / ".cache" / "mypy", folder / ".cache" / "mypy")
    code, output = _run(folder, "-m", "mypy", *PACKAGES)
    return _lines(output) if code else []


def pyright(folders: Sequence[Path]) -> dict[Path, list[str]]:
    """What pyright says of each copy; all are in one folder, and it runs once."""
    found = {folder: list[str]() for folder in folders}
    if not found:
        return found
    parent = folders[0].parent
    (parent / "pyrightconfig.json").write_text(json.dumps(_configuration(folders)), encoding="utf-8")
    _, output = _run(parent, "-m", "pyright", "--outputjson", "--project", str(parent / "pyrightconfig.json"))
    for each in json.loads(output)["generalDiagnostics"]:
        name, _, path = Path(each["file"]).relative_to(parent).as_posix().partition("/")
        place = f"{path}:{each['range']['start']['line'] + 1}"
        found[parent / name].append(f"{place}: {each['message'].splitlines()[0]}  [{each.get('rule', 'error')}]")
    return found


def _configuration(folders: Sequence[Path]) -> dict[str, Any]:
    """That of this project, with its execution environments for each copy."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pyright"]
    paths = {folder.name: [f"{folder.name}/{package}" for package in PACKAGES] for folder in folders}
    environments = [each for each in project["executionEnvironments"] if each["root"].startswith(("overrides", "."))]
    return {
        **project,
        "include": [path for each in paths.values() for path in each],
        "exclude": [f"{name}/{_MOCK}" for name in paths],
        "extraPaths": [],
        "venvPath": str(ROOT),
        "executionEnvironments": [
            {**environment, "root": f"{name}/{environment['root']}", "extraPaths": each}
            for name, each in paths.items()
            for environment in environments
        ],
    }


def _changed(folder: Path) -> list[str]:
    package, known = folder / _GENERATED, ROOT / _GENERATED
    names = {path.relative_to(tree) for tree in (package, known) for path in tree.rglob("*.py")}
    return sorted(name.name for name in names if _bytes(package / name) != _bytes(known / name))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _run(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def _lines(output: str) -> list[str]:
    return [line for line in output.splitlines() if line and not line.startswith("Found")]
