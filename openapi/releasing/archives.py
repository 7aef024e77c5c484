"""Builds wheel and source archive twice, compares them byte for byte, checks them, and sums them."""

import hashlib
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from releasing.commands import Run
from releasing.steps import Stopped

SUMS: Final = "SHA256SUMS"
_SURROUNDINGS: Final = (
    ("first", {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"}),
    ("in/another/folder", {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"}),
)
"""Folder and variables of each build, which must not change the archives."""


def build_twice(root: Path, files: Iterable[str], work: Path, run: Run) -> dict[str, bytes]:
    """Build these files in two folders below `work`, and return the archives. Raises Stopped if they differ."""
    names = list(files)
    built: list[dict[str, bytes]] = []
    for folder, variables in _SURROUNDINGS:
        source, output = work / folder / "source", work / folder / "dist"
        for name in names:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, source / name)
        words = ("-m", "build", "--no-isolation", "--outdir", output, source)
        run("build", (sys.executable, *words), cwd=work, **variables)
        built.append({path.name: path.read_bytes() for path in sorted(output.iterdir())})
    first, second = built
    for name in sorted({*first, *second}):
        if first.get(name) != second.get(name):
            raise Stopped(f"{name} differs between two builds of the same files")
    return first


def check(folder: Path, root: Path, run: Run) -> None:
    """Check the metadata with twine, and the wheel with check-wheel-contents as configured in pyproject.toml."""
    beside = Path(sys.executable).parent
    archives = sorted(folder.iterdir())
    run("twine", [beside / "twine", "check", "--strict", *archives], cwd=root)
    wheels = [path for path in archives if path.suffix == ".whl"]
    run("check-wheel-contents", [beside / "check-wheel-contents", *wheels], cwd=root)


def sums_of(archives: dict[str, bytes]) -> str:
    """Return the checksums as lines for `sha256sum --check`."""
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(archives.items()))
