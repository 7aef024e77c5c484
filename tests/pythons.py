"""Run the unit tests on every other Python that is on PATH or installed by pyenv.

Each has its own environment below .cache/pythons/, with the pinned versions, made once. All run at the same time
and share the cores. A version that pyproject.toml names and that is not found is printed as missing, and is no failure.
`--quick` leaves out tests that need the mock server or hours of virtual time.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench.figures import AbsentError
from bench.peer_environment import make_once
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = ROOT / "requirements" / "dev.txt"
CACHE = ROOT / ".cache" / "pythons"
UNIT = Path("tests", "unit")
LEFT_OUT = re.compile(r"mock_server|MockServer|support\.(command|crowd|virtual_time)")
ASK = "import sys; print(*sys.version_info[:3], sep='.')"
OWN = sys.version_info[:2]
Minor = tuple[int, ...]


def supported() -> set[Minor]:
    """The versions that the metadata names, except the running one."""
    found = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", each) for each in PROJECT["classifiers"])
    return {Version(match[1]).release for match in found if match} - {OWN}


def candidates() -> Iterator[Path]:
    """Every program whose name is python3.N."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    for folder in (*map(Path, os.get_exec_path()), *sorted(pyenv.glob("versions/*/bin"))):
        yield from (path for path in sorted(folder.glob("python3.*")) if re.fullmatch(r"python3\.\d+", path.name))


def version_of(python: Path) -> Version | None:
    """The version that a program prints, or None if it does not run, such as some shims of pyenv."""
    try:
        found = subprocess.run([python, "-c", ASK], capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return Version(found)


def interpreters() -> dict[Minor, tuple[Version, Path]]:
    """The newest release that is found of each version that the package allows, except the running version."""
    allowed, found = SpecifierSet(PROJECT["requires-python"]), dict[Minor, tuple[Version, Path]]()
    for python in candidates():
        version = version_of(python)
        if version is None or version not in allowed or version.release[:2] == OWN:
            continue
        minor = version.release[:2]
        if minor not in found or found[minor][0] < version:
            found[minor] = (version, python)
    return dict(sorted(found.items()))


def environment(version: Version, python: Path) -> Path:
    """The interpreter of an environment with the package and the requirements of its tests."""
    folder = CACHE / f"{version.major}.{version.minor}"
    uv, there = str(Path(sys.executable).with_name("uv")), folder / "bin" / "python"
    install = [uv, "pip", "install", "--python", str(there)]
    make_once(
        folder,
        [REQUIREMENTS.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), f"{python} {version}".encode()],
        [uv, "venv", "--clear", "--python", str(python), str(folder)],
        [*install, "--require-hashes", "-r", str(REQUIREMENTS)],
        [*install, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    )
    return there


def chosen(*, is_quick: bool) -> list[str]:
    """The folder of all unit tests, or the quick files."""
    if not is_quick:
        return [str(UNIT)]
    files = sorted(path for path in (ROOT / UNIT).rglob("test_*.py") if "mock" not in path.parts)
    return [str(file.relative_to(ROOT)) for file in files if not LEFT_OUT.search(file.read_text(encoding="utf-8"))]


def passed(found: tuple[Version, Path], *, tests: list[str], workers: int) -> bool:
    """Run the tests with one interpreter, print the result, and return whether they passed."""
    version, python = found
    try:
        command = [str(environment(version, python)), "-m", "pytest", "-q", "-n", str(workers), "--dist", "worksteal"]
    except AbsentError as problem:
        print(f"Python {version}: no environment: {problem}")
        return False
    ended = subprocess.run([*command, *tests], cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(ended.stdout + ended.stderr)
    print(f"Python {version}: {(ended.stdout.splitlines() or ['nothing was printed'])[-1].strip('= ')}", flush=True)
    return ended.returncode == 0


def main(arguments: list[str] | None = None) -> int:
    """Run all interpreters; return 1 if a test failed or an environment could not be made, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the mock server, and hours of virtual time")
    tests = chosen(is_quick=parser.parse_args(arguments).quick)
    found = interpreters()
    cores = (os.cpu_count() or 1) // max(1, len(found))
    run = partial(passed, tests=tests, workers=cores if cores > 1 else 0)
    with ThreadPoolExecutor(max(1, len(found))) as pool:
        fine = list(pool.map(run, found.values()))
    for minor in sorted(supported() - found.keys()):
        print(f"Python {'.'.join(map(str, minor))}: not found")
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
