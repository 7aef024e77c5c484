"""The versions of the measured packages and programs."""

import json
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.figures import AbsentError
from bench.peer_environment import GENERATOR, PRISM, python_or_own, tool, without_proxies

PACKAGES = ("aiohttp", "alpaca-py", "httpx", "openapi-generator-cli", "pyreqwest", "requests")
ASK = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        print(name, "absent")
"""


def versions() -> dict[str, str]:
    """Versions by name, or "absent" for a missing package or program."""
    ours = {"autoshares-cancel": version("autoshares-cancel"), **asked(GENERATOR, "openapi-python-client")}
    prism = json.loads((PRISM / "package.json").read_text(encoding="utf-8"))["dependencies"]
    peers = asked(python_or_own(), *PACKAGES)
    return {**ours, **peers, **prism, **{name: program(name, flag) for name, flag in PROGRAMS.items()}}


def asked(python: Path, *packages: str) -> dict[str, str]:
    """The versions of packages in the environment of an interpreter."""
    command = [str(python), "-c", ASK, *packages]
    run = subprocess.run(command, env=without_proxies(), capture_output=True, text=True, check=True)
    return dict(line.split(" ", maxsplit=1) for line in run.stdout.splitlines())


PROGRAMS = {"nginx": "-v", "node": "--version", "java": "-version"}


def program(name: str, flag: str) -> str:
    """The version that a program prints, possibly on standard error."""
    try:
        run = subprocess.run([tool(name), flag], capture_output=True, text=True, check=False)
    except AbsentError:
        return "absent"
    return (run.stdout + run.stderr).strip().splitlines()[0].removeprefix("nginx version: ")
