"""Plants each fault of planted.toml into a copy of the tree, and sees whether a test notices: `make mutants`.

Fails when a fault is not noticed, when the tests fail without any fault, or when a fault fits the code no longer.
The work tree is never touched.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).parents[2]
COPIED = ("generated", "openapi", "overrides", "tests", "pyproject.toml")


class Fault(TypedDict):
    law: int
    what: str
    file: str
    old: str
    new: str
    tests: list[str]


def copy_tree(folder: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, folder / name, ignore=ignored) if source.is_dir() else shutil.copy(source, folder)


def first_failure(folder: Path, tests: list[str]) -> str | None:
    """Run the tests on the copy; the name of the first that fails, or None when all pass."""
    paths = os.pathsep.join([str(folder / "generated"), str(folder / "overrides")])
    command = [sys.executable, "-m", "pytest", "-x", "-q", *tests]
    environment = {**os.environ, "PYTHONPATH": paths, "CI": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if run.returncode == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    if found is None:
        raise SystemExit(f"pytest did not run:\n{run.stdout}{run.stderr}")
    return found[1]


def planted(folder: Path, fault: Fault) -> str | None:
    """Plant one fault, run its tests, take it out again; what noticed it."""
    path = folder / fault["file"]
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(fault["old"], fault["new"]), encoding="utf-8")
    try:
        return first_failure(folder, fault["tests"])
    finally:
        path.write_text(sound, encoding="utf-8")


def main() -> int:
    """Print a line for each fault, as it is tried. Exit code 1 when one survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--law", type=int, help="only the faults of this law")
    law = parser.parse_args().law
    faults: list[Fault] = tomllib.loads((ROOT / "tests/faults/planted.toml").read_text(encoding="utf-8"))["fault"]
    faults = [fault for fault in faults if law in {None, fault["law"]}]
    misfits = [fault for fault in faults if fault["old"] not in (ROOT / fault["file"]).read_text(encoding="utf-8")]
    for fault in misfits:
        print(f"{fault['file']} has changed, so this fault does not fit any more: {fault['what']}", file=sys.stderr)
    if misfits:
        return 1
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder)
        sound = first_failure(folder, sorted({test for fault in faults for test in fault["tests"]}))
        if sound is not None:
            raise SystemExit(f"without any fault, {sound} fails")
        for fault in faults:
            started = time.monotonic()
            noticed = planted(folder, fault)
            survivors += noticed is None
            seconds = time.monotonic() - started
            print(f"law {fault['law']:2}  {seconds:5.1f} s  {fault['what']}: {noticed or 'SURVIVED'}", flush=True)
    print(f"{len(faults) - survivors} of {len(faults)} faults were noticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
