"""The wheel, empty environments to install it into, and a mock in another process.

Fixtures that need the network have session scope, so that they run before each test's environment is cleaned.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
TIMEOUT_SECONDS = 600
SETTINGS_OF_THE_CALLER = ("PYTEST_", "PYTHONPATH", "VIRTUAL_ENV")

Run = Callable[..., subprocess.CompletedProcess[str]]
MakeEnvironment = Callable[..., Path]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a command in an empty folder, with a time-out; it must succeed unless check=False."""
    empty = tmp_path_factory.mktemp("empty")

    def run_there(
        *command: str | Path, check: bool = True, cwd: Path = empty, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_OF_THE_CALLER)}
        ended = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env={**inherited, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        if check:
            assert ended.returncode == 0, f"{command} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
        return ended

    return run_there


@pytest.fixture(scope="session")
def wheel(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="session")
def pins() -> Mapping[str, str]:
    """The pinned version of each distribution with its marker, but without hashes, which constraints cannot have."""
    text = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^\\\n]+?) \\$", text, flags=re.MULTILINE))


@pytest.fixture(scope="session")
def make_environment(run: Run, pins: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> MakeEnvironment:
    """Install requirements and their dependencies into a new environment, at the pinned versions except the given ones.

    Without pins, the newest versions of the package index are used, or those of uv's cache if it is offline.
    """

    def make(*requirements: str, pinned: bool = True, **versions: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        constraints = folder / "constraints.txt"
        lines = [f"{name}=={version}\n" for name, version in {**(pins if pinned else {}), **versions}.items()]
        constraints.write_text("".join(lines), encoding="utf-8")
        run(UV, "venv", "--python", sys.executable, folder / "venv")
        python = folder / "venv" / "bin" / "python"
        install = (UV, "pip", "install", "--python", python, "--constraint", constraints, *requirements)
        if pinned or run(*install, check=False).returncode:
            run(*install, *(() if pinned else ("--offline",)))
        return python

    return make


@pytest.fixture(scope="session")
def with_cli(wheel: Path, make_environment: MakeEnvironment) -> Path:
    """The interpreter of an environment that has the wheel with the extra `cli`."""
    return make_environment(f"{wheel}[cli]")


@pytest.fixture(scope="session")
def mock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a mock that runs in another process, with the interpreter of this suite."""
    command = [sys.executable, "-m", "autoshares_cancel", "mock", "--port", "0"]
    folder = tmp_path_factory.mktemp("mock")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        impatience = Timer(TIMEOUT_SECONDS, process.kill)
        impatience.start()
        try:
            assert process.stdout is not None
            serving = re.match(r"serving (http://127\.0\.0\.1:\d+/api) ", process.stdout.readline())
            impatience.cancel()  # the tests that use the mock have no time limit here
            assert serving, "the mock did not print its address"
            yield serving[1]
        finally:
            impatience.cancel()
            process.terminate()
            try:
                process.wait(timeout=60)
            finally:
                process.kill()
    assert process.returncode == 0
