"""The environment of the peers, under .cache/bench/, so that nothing else depends on them.

It is made from requirements/bench.txt, pinned and hashed, and reused until that file changes. If it can't be made,
for example without a network, AbsentError is raised at its first use.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from bench.figures import AbsentError

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache/bench"
REQUIREMENTS = ROOT / "requirements/bench.txt"
SPECIFICATION = ROOT / "openapi/autoshares.yaml"
PRISM = Path(__file__).parent / "prism"
STOCK = CACHE / "stock"
GENERATOR = ROOT / ".venv/generate/bin/python"
INSTALL_SECONDS = 600
DEFAULT_VERSION = '        default: "1"\n'
"""The one line of the specification that the stock templates turn into invalid Python: a default before parameters
without one."""


def without_proxies() -> dict[str, str]:
    """The environment variables of an entrant: without proxies and settings of clients."""
    unwanted = (
        "autoshares_",
        "bench_",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "pythonpath",
        "pythondontwritebytecode",
    )
    return {name: value for name, value in os.environ.items() if not name.lower().startswith(unwanted)}


@cache
def python() -> Path:
    """The interpreter that has all Python peers and, editable, this package."""
    folder = CACHE / "venv"
    interpreter = folder / "bin/python"
    uv = [str(Path(sys.executable).with_name("uv")), "--quiet"]
    install = [*uv, "pip", "install", "--python", str(interpreter)]
    make_once(
        folder,
        [REQUIREMENTS.read_bytes(), sys.version.encode()],
        [*uv, "venv", "--clear", "--python", sys.executable, str(folder)],
        [*install, "--compile-bytecode", "--require-hashes", "-r", str(REQUIREMENTS)],
        [*install, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    )
    return interpreter


@cache
def lean_python() -> Path:
    """An interpreter with exactly the dependencies of this package, in the same versions.

    With rich and click installed, httpx imports its own command line and would look slower than it is.
    """
    folder = CACHE / "lean"
    uv = [str(Path(sys.executable).with_name("uv")), "--quiet"]
    project, interpreter = ROOT / "pyproject.toml", folder / "bin/python"
    install = [*uv, "pip", "install", "--compile-bytecode", "--python", str(interpreter)]
    make_once(
        folder,
        [REQUIREMENTS.read_bytes(), project.read_bytes(), sys.version.encode()],
        [*uv, "venv", "--clear", "--python", sys.executable, str(folder)],
        [*install, "--constraint", str(REQUIREMENTS), "-r", str(project)],
    )
    return interpreter


@cache
def python_or_own() -> Path:
    """The interpreter for peers, or the running interpreter, which has some peers, if it can't be made."""
    try:
        return python()
    except AbsentError:
        return Path(sys.executable)


@cache
def prism() -> Path:
    """Prism's command, installed from a lock file, without the scripts of its packages."""
    folder = CACHE / "npm"
    npm = tool("npm")
    files = [PRISM / "package.json", PRISM / "package-lock.json"]
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, folder)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    contents = [file.read_bytes() for file in files]
    make_once(folder, contents, [npm, "ci", "--prefix", str(folder), *options])
    return folder / "node_modules/.bin/prism"


@cache
def stock() -> Path:
    """The folder of the stock client, generated from the specification without one line."""
    original = SPECIFICATION.read_text(encoding="utf-8")
    copy = CACHE / "stock.yaml"
    CACHE.mkdir(parents=True, exist_ok=True)
    copy.write_text(original.replace(DEFAULT_VERSION, "", 1), encoding="utf-8")
    shutil.rmtree(STOCK, ignore_errors=True)
    command = [str(GENERATOR), "-m", "openapi_python_client", "generate", "--meta=none", f"--path={copy}"]
    run(*command, f"--output-path={STOCK / 'autoshares_stock'}")
    return STOCK


def tool(name: str) -> str:
    """The path of an installed program."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        raise AbsentError(f"{name} is not installed")
    return path


def make_once(folder: Path, ingredients: Sequence[bytes], *commands: Sequence[str]) -> None:
    """Run the commands that make a folder, unless it exists with the same input."""
    mark, recipe = folder / ".made-of", hashlib.sha256(b"\0".join(ingredients)).hexdigest()
    if mark.exists() and mark.read_text(encoding="ascii") == recipe:
        return
    mark.unlink(missing_ok=True)
    for command in commands:
        run(*command)
    mark.write_text(recipe, encoding="ascii")


def run(*command: str, extra: Mapping[str, str] | None = None) -> str:
    """Run a command; returns its output. Raises AbsentError with its error message."""
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "PATH": here, **(extra or {})},
            capture_output=True,
            text=True,
            check=True,
            timeout=INSTALL_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise AbsentError(str(problem)) from problem
    except subprocess.CalledProcessError as problem:
        raise AbsentError(f"{Path(command[0]).name} failed: {gist(problem.stderr or problem.stdout)}") from problem
    return done.stdout


def gist(complaint: str) -> str:
    """The most useful line: the first that mentions an error, or else the last."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()] or ["no output"]
    return next((line for line in lines if "error" in line.lower()), lines[-1])


def machine() -> dict[str, str | int]:
    """The machine on which the figures are measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0
    return {"cores": cores, "python": platform.python_version(), "system": platform.platform(terse=True)}
