"""Runs the suite against one server: pytest on the installed files, in a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from autoshares_cancel.contract.server.sacrifices import VARIABLE

SERVER: Final = Path(__file__).with_name("server")
SETTINGS: Final = SERVER / "suite.ini"
FOREIGN: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
"""Variables of the caller that would change pytest's options or plugins."""
ENDING: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def run_suite(
    base_url: str,
    *,
    scenarios: Path | None,
    report: Path,
    junit: Path | None,
    open_orders: Sequence[int] = (),
    quiet: bool = False,
) -> int:
    """Run the suite and return pytest's exit code. Writes report.html and report.json into the folder `report`.

    `open_orders`, if any, may be cancelled in place of those of the file.
    """
    command = [sys.executable, "-P", "-m", "pytest", "-c", str(SETTINGS), "--rootdir", str(SERVER), str(SERVER)]
    command += [f"--contract-report={report.absolute()}"]
    command += [f"--junitxml={junit.absolute()}"] if junit else []
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"CONTRACT_BASE_URL": base_url, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment |= {"CONTRACT_SCENARIOS": str(scenarios.absolute()) if scenarios else ""}
    environment |= {VARIABLE: ",".join(map(str, open_orders))}
    output = subprocess.DEVNULL if quiet else None
    with (
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process,
        _passing_on_signals(process),
    ):
        return process.wait()


@contextmanager
def _passing_on_signals(process: subprocess.Popen[bytes]) -> Generator[None]:
    """End the run at a signal, with its report. A terminal sends SIGINT to both processes by itself."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread gets signals
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDING)}
    signal.signal(signal.SIGINT, lambda *_: None)
    for number in ENDING:
        signal.signal(number, lambda *_: process.send_signal(signal.SIGINT))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
